"""Jobs around signing in: records are kept no longer than they serve, and revoked certificates are known."""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.jobs import periodic, task
from identity.actions import reset
from identity.citizen_certificate.adapter import fetch_revocations
from identity.models import CertificateTicket, SignInAttempt

# 資通系統防護基準 asks to keep logs for at least six months; longer would be personal data without a purpose.
KEEP_SIGN_INS: Final = timedelta(days=190)


@task(_("帳號：寄出重設密碼的信或驗證碼"))
def send_reset(address: str, proof: str, client: str) -> None:
    """Send what sets a forgotten password, if the address is somebody's."""
    reset.send_reset(address, proof, client)


@periodic("41 18 * * *", _("登入紀錄：刪除過期的"))
def forget_sign_ins(timestamp: int) -> None:
    """Delete attempts to sign in that are older than the time for which logs are kept (18:41 UTC: 02:41 in Taipei)."""
    SignInAttempt.objects.before(clock.now() - KEEP_SIGN_INS).delete()


@periodic("13 * * * *", _("行動自然人憑證：刪除沒有完成的驗證"))
def forget_certificate_tickets(timestamp: int) -> None:
    """Delete the proofs that nobody finished."""
    CertificateTicket.objects.over(clock.now()).delete()


@periodic("17 * * * *", _("行動自然人憑證：更新廢止清冊"))
def renew_revocations(timestamp: int) -> None:
    """Fetch the list of revoked certificates, if the settings say where it is. It fails where an operator sees it."""
    if settings.FIDO_CRL_URL:
        fetch_revocations(settings.FIDO_CRL_URL)
