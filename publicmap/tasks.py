"""Jobs of the public map. Each may run twice or late without harm."""

from foundation.jobs import periodic
from publicmap.actions import news, subscribing


@periodic("* * * * *")
def find_news(timestamp: int = 0) -> None:
    """Every minute: what is new where somebody asked to be told, and letters to who wants them at once."""
    news.find()
    news.write("at_once")


@periodic("0 0 * * *")
def daily_letters(timestamp: int = 0) -> None:
    """At eight in the morning in Taipei: the day's letters."""
    news.write("daily")


@periodic("47 19 * * *")
def forget_subscriptions(timestamp: int = 0) -> int:
    """Every night: subscriptions that nobody confirmed."""
    return subscribing.forget()
