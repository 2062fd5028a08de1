"""Jobs of the provider. Each may run twice or late without harm."""

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic, task
from singlesignon import keys
from singlesignon.actions import housekeeping
from singlesignon.actions.logout import tell
from singlesignon.models import LogoutNotice


@task(_("單一帳號：通知系統有人登出"))
def tell_of_logout(notice: int) -> None:
    """Until the system takes the word, as often as jobs are tried."""
    found = (
        LogoutNotice.objects.select_related("sign_on__client__system", "sign_on__client__provider")
        .filter(pk=notice, delivered_at=None)
        .first()
    )
    if found:
        tell(found)


@periodic("15 2 * * *", _("單一帳號：更換簽章金鑰"))
def rotate_keys(timestamp: int = 0) -> None:
    """Each night in Taipei: the next key, if the time has come."""
    keys.rotate()


@periodic("25 2 * * *", _("單一帳號：清除過期的權杖，備好下個月的紀錄"))
def tidy(timestamp: int = 0) -> None:
    """Each night in Taipei."""
    housekeeping.tidy()


@periodic("40 8 * * *", _("單一帳號：提醒契約將到期的系統"))
def remind_of_contracts(timestamp: int = 0) -> None:
    """Each morning in Taipei."""
    housekeeping.remind()
