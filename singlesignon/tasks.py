"""Jobs of the provider. Each may run twice or late without harm."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from foundation import clock
from foundation.jobs import periodic, task
from singlesignon import keys
from singlesignon.actions import counting, health, housekeeping, watching
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


@periodic("*/5 * * * *", _("單一帳號：計算每日認證次數"))
def count_days(timestamp: int = 0) -> None:
    """Today and yesterday, whose last lines may have come after midnight's turn."""
    today = clock.today()
    counting.roll_up(today - timedelta(days=1), today)


@periodic("*/10 * * * *", _("單一帳號：偵測異常登入"))
def watch_sign_ins(timestamp: int = 0) -> None:
    """Every ten minutes, what came since; in a storm as well, as it costs three statements."""
    watching.watch()


@periodic("40 8 * * *", _("單一帳號：提醒契約將到期的系統"))
def remind_of_contracts(timestamp: int = 0) -> None:
    """Each morning in Taipei."""
    housekeeping.remind()


@periodic("20 * * * *", _("單一帳號：檢查系統是否連得上"))
def look_at_systems(timestamp: int = 0) -> None:
    """Each hour."""
    health.look_at_all()
