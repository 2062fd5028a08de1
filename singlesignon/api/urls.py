"""Where programs speak to the provider, below `/openid/`."""

from django.urls import path

from singlesignon.api import discovery, tokens

urlpatterns = [
    path("keys/", discovery.key_set, name="openid-keys"),
    path("token/", tokens.token, name="openid-token"),
    path("userinfo/", tokens.userinfo, name="openid-userinfo"),
    path("introspection/", tokens.introspection, name="openid-introspection"),
    path("revocation/", tokens.revocation, name="openid-revocation"),
    path("pushed/", tokens.pushed, name="openid-pushed"),
    path("device-authorization/", tokens.device, name="openid-device"),
]
