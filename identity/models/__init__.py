from identity.models.account_event import AccountEvent
from identity.models.api_key import ApiKey, ApiUse
from identity.models.certificate import Certificate, CertificateTicket
from identity.models.disclosure import Disclosure
from identity.models.session import Session
from identity.models.sign_in import SignInAttempt
from identity.models.user import Language, User

__all__ = [
    "AccountEvent",
    "ApiKey",
    "ApiUse",
    "Certificate",
    "CertificateTicket",
    "Disclosure",
    "Language",
    "Session",
    "SignInAttempt",
    "User",
]
