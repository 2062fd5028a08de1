"""Forms of the register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation import clock
from foundation.clock import today
from foundation.forms import CheckCards, CityForm, CityFormMixin, DateBox, RadioCards, Select
from singlesignon.actions.register import GRANTS_OF
from singlesignon.claims import WORDS
from singlesignon.models import Client, Kind, RelyingSystem
from singlesignon.rules import wrong_address
from singlesignon.saml.metadata import LARGEST, Described, Unfit, read

LEVELS = [
    (1, gettext_lazy("第 1 級：帳號與密碼")),
    (2, gettext_lazy("第 2 級：通行密鑰或第二道驗證")),
    (3, gettext_lazy("第 3 級：行動自然人憑證")),
]
WHY = {
    "form": gettext_lazy("不是完整的網址"),
    "fragment": gettext_lazy("不能有 # 之後的部分"),
    "https": gettext_lazy("要用 https（測試環境可以用本機的 http）"),
}


# Why metadata cannot be registered (`saml.metadata.Unfit`), after the name of the element.
UNFIT = {
    "long": gettext_lazy("太長，最多 256 KB"),
    "dtd": gettext_lazy("不能有 DTD（<!DOCTYPE …>）"),
    "xml": gettext_lazy("不是完整的 XML，請確認整份都貼上了"),
    "several": gettext_lazy("是好幾個系統的清單，請只留下這個系統的 EntityDescriptor"),
    "root": gettext_lazy("找不到，最外層的元素應該是 EntityDescriptor"),
    "missing": gettext_lazy("沒有填"),
    "schema": gettext_lazy("不合 SAML 2.0 metadata 的規格"),
    "ended": gettext_lazy("這份 metadata 已經過期"),
    "post": gettext_lazy("沒有 HTTP-POST 的接收網址，回覆只用這一種方式送"),
    "unsigned": gettext_lazy("沒有簽章憑證；登入請求要簽章或有登出網址的系統，一定要附"),
    "certificate": gettext_lazy("讀不懂，或者不是 2,048 位元以上的 RSA 憑證"),
    **WHY,
}


class Addresses(forms.CharField):
    """Addresses, one a line, each of which must be one that people can be sent to."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": "3", "spellcheck": "false"}), **kwargs)
        self.live = self.native = False

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        for number, line in enumerate(lines, 1):
            wrong = wrong_address(line, live=self.live, native=self.native)
            if wrong or len(line) > 400:
                words = {"label": self.label, "n": number, "why": WHY[wrong or "form"], "line": line[:80]}
                raise forms.ValidationError(_("「%(label)s」第 %(n)d 行 %(line)s：%(why)s。") % words)
        return list(dict.fromkeys(lines))


class SystemForm(CityFormMixin, forms.ModelForm):
    """What an agency says of its system."""

    kind = forms.ChoiceField(label=gettext_lazy("類型"), choices=Kind.choices, widget=RadioCards)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("要取得的資料"), choices=[*WORDS.items()], widget=CheckCards, required=False,
        help_text=gettext_lazy("只勾真正需要的。一定會取得的是一個只給這個系統用的代號，各系統的代號都不同。"),
    )  # fmt: skip
    level = forms.TypedChoiceField(
        label=gettext_lazy("最低驗證等級"), choices=LEVELS, coerce=int, widget=RadioCards, initial=1
    )
    homepage = forms.URLField(label=gettext_lazy("網址"), max_length=200, assume_scheme="https")

    class Meta:
        model = RelyingSystem
        fields = (
            "name", "name_en", "kind", "homepage", "purpose", "scopes", "level", "contact", "contact_email", "contract",
            "contract_until",
        )  # fmt: skip
        widgets = {"contract_until": DateBox}
        help_texts = {
            "purpose": gettext_lazy("會給審查的人看。例如「線上報名：需要姓名與電子郵件寄送報到通知」。"),
            "contact": gettext_lazy("出了問題要找的人，可以是廠商。"),
            "contract_until": gettext_lazy("到期前 60 天與 14 天會提醒聯絡人與申請人。"),
        }

    def clean_contract_until(self) -> Any:
        day = self.cleaned_data["contract_until"]
        if day < today() and day != self.initial.get("contract_until"):
            raise forms.ValidationError(_("「契約期限」不能早於今天。"))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Kind.SAML and "offline_access" in cleaned.get("scopes", []):
            words = {"label": self.fields["scopes"].label, "scope": WORDS["offline_access"]}
            self.add_error("scopes", _("「%(label)s」：SAML 2.0 沒有辦法做到「%(scope)s」，請不要勾。") % words)
        if (
            self.instance.pk
            and "kind" in cleaned
            and Kind.SAML in {self.instance.kind, cleaned["kind"]}
            and (self.instance.kind != cleaned["kind"])
        ):
            # Its addresses, secrets and requests on the way are those of the other protocol.
            self.add_error("kind", _("「類型」不能在 SAML 2.0 與 OpenID Connect 之間改，請另外申請一個系統。"))
        return cleaned

    def terms(self) -> dict[str, Any]:
        """The facts for the register: what was typed, and what a system of this kind may use."""
        cleaned = {name: self.cleaned_data[name] for name in self.Meta.fields}
        people = cleaned["kind"] != Kind.SERVICE
        scopes = ["openid", *cleaned["scopes"]] if people else ["introspect"]
        return cleaned | {"scopes": scopes, "grants": list(GRANTS_OF[cleaned["kind"]])}


class ApplicationForm(SystemForm):
    """A new system: its facts, its agency, and where its test environment lies."""

    agency = forms.ChoiceField(label=gettext_lazy("機關"), widget=Select)
    redirect_uris = Addresses(
        label=gettext_lazy("測試環境登入後返回的網址"), required=False,
        help_text=gettext_lazy(
            "一行一個，要和程式送出的一字不差。系統對系統的不用填；SAML 2.0 的也不用，同意測試之後再上傳 metadata。"
        ),
    )  # fmt: skip
    field_order = ("agency",)

    def __init__(self, *args: Any, agencies: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [(agency.pk, agency.label) for agency in agencies]  # type: ignore[attr-defined]
        self.fields["redirect_uris"].native = self.data.get("kind") == Kind.NATIVE  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (
            cleaned.get("kind") in (Kind.WEB, Kind.NATIVE)
            and "redirect_uris" in cleaned
            and not cleaned["redirect_uris"]
        ):
            self.add_error("redirect_uris", _("請填寫「測試環境登入後返回的網址」，至少一個。"))
        return cleaned


class ClientForm(CityFormMixin, forms.ModelForm):
    """Where the client of one environment lies."""

    redirect_uris = Addresses(
        label=gettext_lazy("登入後返回的網址"),
        required=False,
        help_text=gettext_lazy("一行一個，要和程式送出的一字不差。"),
    )
    post_logout_redirect_uris = Addresses(
        label=gettext_lazy("登出後返回的網址"), required=False, help_text=gettext_lazy("一行一個，可以不填。")
    )

    class Meta:
        model = Client
        fields = ("redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "pushed_only")
        widgets = {"backchannel_logout_uri": forms.TextInput(attrs={"spellcheck": "false"})}
        help_texts = {
            "backchannel_logout_uri": gettext_lazy("有人登出時，我們由伺服器通知這個網址，請系統一併登出。"),
        }

    def __init__(self, *args: Any, live: bool, native: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.live = live
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            self.fields[name].live, self.fields[name].native = live, native  # type: ignore[attr-defined]

    def clean_backchannel_logout_uri(self) -> str:
        address = self.cleaned_data["backchannel_logout_uri"]
        if address and (wrong := wrong_address(address, live=self.live)):
            raise forms.ValidationError(_("「接收登出通知的網址」%(why)s。") % {"why": WHY[wrong]})
        return address


class MetadataForm(CityForm):
    """The metadata of a system that speaks SAML 2.0, as a file or pasted."""

    file = forms.FileField(
        label=gettext_lazy("metadata 檔"), required=False,
        widget=forms.FileInput(attrs={"accept": ".xml,application/samlmetadata+xml,text/xml"}),
        help_text=gettext_lazy("系統自己產生的 SP metadata，副檔名通常是 .xml。"),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("或者貼上 metadata 的內容"), required=False,
        widget=forms.Textarea(attrs={"rows": "12", "spellcheck": "false"}),
        help_text=gettext_lazy("只會留下 entityID、接收回覆與登出的網址、簽章憑證。"),
    )  # fmt: skip

    def __init__(self, *args: Any, live: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.live = live
        self.described: Described | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file, text = cleaned.get("file"), cleaned.get("text", "").strip()
        if not file and not text:
            if "file" not in self.errors:
                self.add_error("text", _("請選擇「metadata 檔」，或者貼上它的內容。"))
            return cleaned
        document = file.read(LARGEST + 1) if file else text.encode()
        field = "file" if file else "text"
        try:
            self.described = read(document, live=self.live, now=clock.now())
        except Unfit as unfit:
            words = {"element": unfit.element, "value": unfit.value, "why": UNFIT[unfit.why]}
            self.add_error(
                field,
                _("metadata 的 %(element)s（%(value)s）：%(why)s。") % words
                if unfit.value
                else _("metadata 的 %(element)s：%(why)s。") % words,
            )
        return cleaned

    def taken(self) -> None:
        """Another system has that entityID."""
        self.add_error(
            "file" if self.cleaned_data.get("file") else "text",
            _("metadata 的 entityID 已經由另一個系統或環境登記了；測試與正式環境要用不同的 entityID。"),
        )


class WordsForm(CityForm):
    """What a verb asks for."""

    text = forms.CharField(widget=forms.Textarea, max_length=1000)

    def __init__(self, *args: Any, label: Any, hint: Any = "", **kwargs: Any) -> None:
        self.base_fields["text"].label = label  # named before the messages are made
        super().__init__(*args, **kwargs)
        self.fields["text"].label, self.fields["text"].help_text = label, hint
