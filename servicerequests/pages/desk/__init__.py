"""What this desk adds to the engine's."""
