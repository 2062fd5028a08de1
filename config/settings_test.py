"""Settings for the tests: the same city hall, with cheap hashing, plain static files and no pool."""

from typing import Any

from config import settings
from config.settings import *  # noqa: F403

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["config.hashers.CheapArgon2Hasher"]

# A pool keeps connections that stop the test database from being dropped.
_default: dict[str, Any] = settings.DATABASES["default"]
DATABASES = {
    "default": {**_default, "OPTIONS": {k: v for k, v in _default["OPTIONS"].items() if k != "pool"}},
}

# Tests sign people in by a password; those of the levels say so.
STAFF_LEVEL = 1
# Servers of the tests stand on the machine itself.
OUTBOUND_NETWORKS = ["127.0.0.0/8", "::1/128"]

# No manifest: tests need no collectstatic.
STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
MEDIA_ROOT = settings.VAR_DIR / "test-media"
# Tests count statements; what a process remembers is forgotten between tests and by the verbs.
NEWS_SECONDS = 600.0
BOARD_SECONDS = 0.0
