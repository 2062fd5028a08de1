"""How a proof can end without success, in words: what happened, and what to do next."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from identity.citizen_certificate.trust import Fault
from identity.citizen_certificate.wire import Verdict


@dataclass(frozen=True, slots=True)
class Ending:
    """One way to end. ``again``: whether trying again can help."""

    title: str | Promise
    text: str | Promise
    again: bool = True


_UNAVAILABLE = Ending(
    _("行動自然人憑證現在無法使用"),
    _("內政部的行動自然人憑證服務現在沒有回應。請稍後再試，或改用其他方式登入。"),
)
_ENDINGS = {
    Verdict.EXPIRED: Ending(
        _("時間到了"), _("沒有在時限內完成，這次的驗證已經失效。請再試一次，並在手機上按「同意」。")
    ),
    Verdict.CANCELLED: Ending(_("您在手機上取消了"), _("什麼都沒有改變。如果不是您發起的，請不要再試。")),
    Verdict.NOT_ENROLLED: Ending(
        _("還沒有行動自然人憑證"),
        _("內政部查不到這個號碼的行動自然人憑證。請先在「行動自然人憑證」App 完成註冊，或改用其他方式登入。"),
    ),
    Verdict.BAD_NUMBER: Ending(_("身分證字號不正確"), _("內政部不接受這個身分證字號，請檢查有沒有打錯。")),
    Verdict.FAILED: Ending(
        _("手機沒有完成簽章"), _("手機上的 App 回報簽章失敗。請確認 App 已更新、憑證仍有效，再試一次。")
    ),
    Verdict.SERVICE: _UNAVAILABLE,
    Fault.SIGNATURE: Ending(
        _("簽章不正確，沒有通過"), _("收到的簽章簽的不是這一次的內容。請再試一次；如果又發生，請告訴系統管理員。")
    ),
    Fault.ISSUER: Ending(
        _("不認得這張憑證，沒有通過"),
        _("這張憑證不是由我們信任的憑證機構簽發。請改用其他方式登入，並告訴系統管理員。"),
        again=False,
    ),
    Fault.EXPIRED: Ending(
        _("憑證已經過期"), _("請先在「行動自然人憑證」App 更新憑證，再回來。也可以改用其他方式登入。"), again=False
    ),
    Fault.REVOKED: Ending(
        _("憑證已經廢止"),
        _("這張憑證已經停止使用。請向內政部重新申請。手機遺失的話，請盡快到內政部網站註銷裝置。"),
        again=False,
    ),
    Fault.UNCHECKED: Ending(
        _("現在無法確認憑證是否有效"),
        _("查不到最新的憑證廢止清冊，為了安全先不通過。請稍後再試，或改用其他方式登入。"),
    ),
    Fault.OTHER_PERSON: Ending(
        _("不是同一個人，沒有通過"), _("在手機上簽章的人，不是輸入的身分證字號的本人。請用本人的手機再試一次。")
    ),
    "other_holder": Ending(
        _("憑證和綁定的不同，沒有登入"),
        _("這個帳號綁定的是另一張憑證。換過憑證或改過姓名的話，請用密碼登入，在「我的帳號」重新綁定，或洽系統管理員。"),
        again=False,
    ),
    "closed": Ending(_("帳號已停用"), _("這張憑證綁定的帳號已經停用。有疑問請洽系統管理員。"), again=False),
    "taken": Ending(
        _("沒有綁定"),
        _(
            "這張憑證已經綁定另一個帳號，或這個帳號已經綁定別人的憑證。一個人只能綁定一個帳號；請先在原來的帳號解除綁定。"
        ),
        again=False,
    ),
    "other_session": Ending(
        _("登入的人換了，沒有綁定"), _("綁定途中這個瀏覽器換了登入的人。請用要綁定的帳號登入，再試一次。")
    ),
}


def ending(reason: str) -> Ending:
    """The words for a `Verdict`, a `Fault` or one of ours; for anything else, that it cannot be used now."""
    return _ENDINGS.get(reason, _UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Card:
    """What a person needs for a card of one kind."""

    title: str | Promise
    needs: tuple[str | Promise, ...]


CARDS = {
    "citizen-card": Card(
        _("自然人憑證 IC 卡"),
        (
            _("有效的自然人憑證，和它的 PIN 碼"),
            _("接在電腦上的讀卡機"),
            _("內政部的「跨平台網頁元件」（HiPKI），在這台電腦上安裝並執行"),
        ),
    ),
    "health-card": Card(
        _("健保卡"),
        (
            _("已在健保署完成網路服務註冊的健保卡，和註冊時設定的密碼"),
            _("接在電腦上的讀卡機"),
            _("健保署的「健保卡網路服務元件」，在這台電腦上安裝並執行"),
        ),
    ),
}
