from identity.models.account_event import AccountEvent
from identity.models.account_link import AccountLink, LinkOffer
from identity.models.address_proof import AddressProof
from identity.models.api_key import ApiKey, ApiUse
from identity.models.certificate import Certificate, CertificateTicket
from identity.models.device import KnownDevice
from identity.models.disclosure import Disclosure
from identity.models.factor import Passkey, RecoveryCode, Totp
from identity.models.phone_proof import PhoneProof
from identity.models.recovery import Recovery
from identity.models.session import Session
from identity.models.sign_in import SignInAttempt
from identity.models.user import Language, User

__all__ = [
    "AccountEvent",
    "AccountLink",
    "AddressProof",
    "ApiKey",
    "ApiUse",
    "Certificate",
    "CertificateTicket",
    "Disclosure",
    "KnownDevice",
    "Language",
    "LinkOffer",
    "Passkey",
    "PhoneProof",
    "Recovery",
    "RecoveryCode",
    "Session",
    "SignInAttempt",
    "Totp",
    "User",
]
