"""What subscribers of a part of the city are told."""

from django.utils.translation import gettext_lazy as _

from messages.registry import Audience, Notice, register

LINKS = {
    "link": "https://city.example/map/subscriptions/17:x7Q/",
    "stop": "https://city.example/map/subscriptions/17:x7Q/stop/",
}
LINE = {"what": "new", "label": "新通報", "kind": "pothole", "number": "D111-0099781", "place": "苓雅區 福居里"}

CONFIRM = register(
    Notice("publicmap.confirm", _("確認訂閱"), Audience.CITIZEN, {"area": "苓雅區", "kinds": "路面坑洞", **LINKS})
)
NEWS = register(
    Notice(
        "publicmap.news",
        _("訂閱地區的消息"),
        Audience.CITIZEN,
        {"area": "苓雅區", "count": 41, "lines": [LINE, LINE | {"what": "done"}], "more": 39, **LINKS},
    )
)
