from singlesignon.models.anomaly import Anomaly, Watch
from singlesignon.models.authentication import Authentication, DailyAuthentications
from singlesignon.models.client import Client, ClientSecret, Environment
from singlesignon.models.grant import (
    AuthorizationCode,
    AuthorizationRequest,
    Consent,
    DeviceAuthorization,
    LogoutNotice,
    SignOn,
    Token,
)
from singlesignon.models.relying_system import Kind, RelyingSystem, SystemEvent
from singlesignon.models.signing_key import PairwiseSalt, SigningKey

__all__ = [
    "Anomaly",
    "Authentication",
    "AuthorizationCode",
    "AuthorizationRequest",
    "Client",
    "ClientSecret",
    "Consent",
    "DailyAuthentications",
    "DeviceAuthorization",
    "Environment",
    "Kind",
    "LogoutNotice",
    "PairwiseSalt",
    "RelyingSystem",
    "SignOn",
    "SigningKey",
    "SystemEvent",
    "Token",
    "Watch",
]
