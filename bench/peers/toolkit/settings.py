"""A provider of django-oauth-toolkit as its documentation sets one up, with what makes it comparable with ours:
OpenID Connect signed by RS256, PKCE asked of everybody, a pool of connections, sessions in the database."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_url = urlsplit(os.environ["PEER_DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.path.lstrip("/"),
        "USER": unquote(_url.username or ""),
        "PASSWORD": unquote(_url.password or ""),
        "HOST": _url.hostname or parse_qs(_url.query).get("host", [""])[0],
        "PORT": _url.port or parse_qs(_url.query).get("port", [""])[0],
        "OPTIONS": {"pool": {"min_size": 2, "max_size": 4}},
    }
}
SECRET_KEY = "of the bench alone"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider",
]  # fmt: skip
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
LOGIN_URL = "/sign-in/"
OAUTH2_PROVIDER = {
    "OIDC_ENABLED": True,
    "OIDC_RSA_PRIVATE_KEY": Path(os.environ["PEER_KEY"]).read_text(encoding="utf-8"),
    "PKCE_REQUIRED": True,
    "SCOPES": {"openid": "who somebody is", "introspection": "look at tokens"},
}
