"""The mayor's mailbox: what came in, what became of it, and the desk at which paper is taken down."""
