"""The one-stop app: pages that a phone can install."""
