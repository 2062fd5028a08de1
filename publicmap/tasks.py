"""Jobs of the public map. Each may run twice or late without harm."""

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic
from publicmap.actions import news, subscribing


@periodic("* * * * *", _("訂閱：找出新消息"))
def find_news(timestamp: int = 0) -> None:
    """Every minute: what is new where somebody asked to be told, and letters to who wants them at once."""
    news.find()
    news.write("at_once")


@periodic("0 0 * * *", _("訂閱：寄每日彙整"))
def daily_letters(timestamp: int = 0) -> None:
    """At eight in the morning in Taipei: the day's letters."""
    news.write("daily")


@periodic("47 19 * * *", _("訂閱：刪除沒有確認的"))
def forget_subscriptions(timestamp: int = 0) -> int:
    """Every night: subscriptions that nobody confirmed."""
    return subscribing.forget()
