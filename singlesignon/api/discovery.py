"""What the provider says of itself (OpenID Connect Discovery 1.0, RFC 8414): only what is true."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from identity.doors import door
from singlesignon import keys, rules
from singlesignon.claims import issuer

DOOR = "public:openid:speak"


@door(DOOR)
@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """The metadata. ``tests/test_discovery.py`` holds each line against what the provider does."""

    def at(name: str) -> str:
        return issuer() + reverse(name)

    how = ["client_secret_basic", "client_secret_post"]
    return _public(
        {
            "issuer": issuer(),
            "authorization_endpoint": at("openid-authorize"),
            "token_endpoint": at("openid-token"),
            "userinfo_endpoint": at("openid-userinfo"),
            "jwks_uri": at("openid-keys"),
            "introspection_endpoint": at("openid-introspection"),
            "revocation_endpoint": at("openid-revocation"),
            "pushed_authorization_request_endpoint": at("openid-pushed"),
            "device_authorization_endpoint": at("openid-device"),
            "end_session_endpoint": at("openid-logout"),
            "scopes_supported": list(rules.SCOPES),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(rules.GRANTS),
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [*how, "none"],
            "introspection_endpoint_auth_methods_supported": how,
            "revocation_endpoint_auth_methods_supported": [*how, "none"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": list(rules.LEVELS),
            "prompt_values_supported": sorted(rules.PROMPTS),
            "claims_supported": [
                "sub", "iss", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid", "nonce", "at_hash",
                *(claim for claims in rules.CLAIMS.values() for claim in claims),
            ],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "require_pushed_authorization_requests": False,
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "frontchannel_logout_supported": False,
            "ui_locales_supported": ["zh-TW", "en"],
        }
    )  # fmt: skip


@door(DOOR)
@require_safe
def key_set(request: HttpRequest) -> HttpResponse:
    """The public keys; an hour in a cache, which is less than a new one is published before it signs."""
    return _public({"keys": keys.published()})


def _public(data: dict) -> HttpResponse:
    response = JsonResponse(data)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = "public, max-age=3600"
    return response
