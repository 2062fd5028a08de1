from identity.models.disclosure import Disclosure
from identity.models.sign_in import SignInAttempt
from identity.models.user import Language, User

__all__ = ["Disclosure", "Language", "SignInAttempt", "User"]
