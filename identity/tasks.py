"""Jobs that keep the records of sign-ins no longer than they serve."""

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.jobs import periodic
from identity.models import SignInAttempt

# 資通系統防護基準 asks to keep logs for at least six months; longer would be personal data without a purpose.
KEEP_SIGN_INS: Final = timedelta(days=190)


@periodic("41 18 * * *", _("登入紀錄：刪除過期的"))
def forget_sign_ins(timestamp: int) -> None:
    """Delete attempts to sign in that are older than the time for which logs are kept (18:41 UTC: 02:41 in Taipei)."""
    SignInAttempt.objects.before(clock.now() - KEEP_SIGN_INS).delete()
