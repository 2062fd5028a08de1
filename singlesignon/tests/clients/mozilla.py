"""mozilla-django-oidc against the provider: ISSUER CLIENT_ID CLIENT_SECRET COOKIE. Prints whom it signed in."""

import json
import sys

import django
import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

ISSUER, CLIENT, SECRET, COOKIE = sys.argv[1:]
told = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=5).json()
settings.configure(
    SECRET_KEY="x" * 50,
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["venue.example"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    OIDC_RP_CLIENT_ID=CLIENT,
    OIDC_RP_CLIENT_SECRET=SECRET,
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid email",
    OIDC_USE_PKCE=True,
    OIDC_OP_AUTHORIZATION_ENDPOINT=told["authorization_endpoint"],
    OIDC_OP_TOKEN_ENDPOINT=told["token_endpoint"],
    OIDC_OP_USER_ENDPOINT=told["userinfo_endpoint"],
    OIDC_OP_JWKS_ENDPOINT=told["jwks_uri"],
    LOGIN_REDIRECT_URL="/who",
    LOGIN_REDIRECT_URL_FAILURE="/failed",
)  # fmt: skip
django.setup()


def who(request: HttpRequest) -> HttpResponse:
    """Who is signed in."""
    return HttpResponse(getattr(request.user, "email", ""))


urlpatterns = [path("oidc/", include("mozilla_django_oidc.urls")), path("who", who)]

from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

call_command("migrate", verbosity=0)
browser = Client(headers={"host": "venue.example"})
asked = browser.get("/oidc/authenticate/", secure=True)["Location"]
back = requests.get(asked, headers={"Cookie": COOKIE}, allow_redirects=False, timeout=5).headers["Location"]
done = browser.get(back.removeprefix("https://venue.example"), secure=True)
print(json.dumps({"landed": done["Location"], "email": browser.get("/who", secure=True).content.decode()}))
