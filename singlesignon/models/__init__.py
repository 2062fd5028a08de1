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
from singlesignon.models.relying_system import Kind, RelyingSystem, SystemEvent, SystemHealth
from singlesignon.models.service_provider import AnsweredRequest, ServiceProvider
from singlesignon.models.signing_key import PairwiseSalt, SigningKey, Use

__all__ = [
    "Anomaly",
    "AnsweredRequest",
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
    "ServiceProvider",
    "SignOn",
    "SigningKey",
    "SystemEvent",
    "SystemHealth",
    "Token",
    "Use",
    "Watch",
]
