"""The web server's entry: config.wsgi in a worker process that ends when the server that spawned it ends."""

from launcher.processes import die_with_parent

die_with_parent()

from config.wsgi import application  # noqa: E402

__all__ = ["application"]
