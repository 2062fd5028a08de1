"""The forms that begin and end a membership: what is nonsense is said beside the field that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from foundation.clock import today
from foundation.forms import RadioCards
from foundation.templatetags.city import roc_filter
from identity.models import User
from identity.permissions import ROLES
from identity.rules import parse
from organisation import directory
from organisation.actions.appointments import wrong_role
from organisation.models import Agency, Membership, Post, Unit
from organisation.pages.forms import CITY, RefusableForm, date_field

# Guards against slips of the hand: a year of 0111 or of 2206.
YEARS_BACK, YEARS_AHEAD = 50, 1
A_YEAR = timedelta(days=366)


class AppointmentForm(RefusableForm):
    """A role in a place, from a day on. ``place`` is ``city``, ``agency:<code>`` or ``unit:<code>``."""

    named = {"unit": "place", "agency": "place"}

    role = forms.ChoiceField(
        label=gettext_lazy("職務"),
        help_text=gettext_lazy("選了會給職務的職稱，這裡可以不選。"),
        widget=RadioCards,
        required=False,
    )
    place = forms.ChoiceField(
        label=gettext_lazy("任職處"), help_text=gettext_lazy("權限及於所選的單位與其下的單位、所選的機關，或全市。")
    )
    post = forms.ChoiceField(
        label=gettext_lazy("職稱"),
        help_text=gettext_lazy("單位有的職位才能選；職位給的職務會一併帶入。"),
        required=False,
    )
    since = date_field(label=gettext_lazy("起始日"))
    until = date_field(
        label=gettext_lazy("結束日"), help_text=gettext_lazy("最後一天，含當天。不填就是沒有期限。"), required=False
    )

    reason = forms.CharField(
        label=gettext_lazy("理由或依據"),
        help_text=gettext_lazy("例如派令的文號。會寫在職權異動紀錄。"),
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, reader: User, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.person = reader, person
        self.already = _("這段期間已經有同樣的任職。")
        # Everyone who is signed in is a citizen: nobody is appointed one.
        roles = [role for role in ROLES.values() if role.code != "citizen"]
        self.fields["role"].choices = [(role.code, role.label) for role in roles]
        self.fields["role"].widget.hints = {role.code: _reach_in_words(role.permissions) for role in roles}
        self.agencies = {agency.code: agency for agency in Agency.objects.active()}
        self.fields["place"].choices = [("", _("請選擇")), (CITY, _("全市")), *self._places()]
        self.posts = list(Post.objects.active().select_related("unit"))
        titles = {post.title: _title(post) for post in self.posts}
        self.fields["post"].choices = [("", _("不指定")), *sorted(titles.items())]

    def _places(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        units: dict[int, list[Unit]] = {}
        for unit in directory.units().values():
            units.setdefault(unit.agency_id, []).append(unit)
        for agency in self.agencies.values():
            whole = (f"agency:{agency.code}", _("%(agency)s（整個機關）") % {"agency": agency.label})
            yield (
                agency.label,
                [whole, *((f"unit:{unit.code}", _unit_label(unit)) for unit in units.get(agency.pk, ()))],
            )

    @property
    def appointment(self) -> dict[str, Any]:
        """What ``actions.appoint`` wants besides the two people."""
        said = self.cleaned_data
        return {
            "role": said["role"],
            "unit": self.unit,
            "agency": self.agency,
            "post": said["post"] or None,
            "since": said["since"],
            "until": said["until"],
            "reason": said["reason"],
        }

    @property
    def unit(self) -> Unit | None:
        """The unit chosen, if it is one."""
        kind, _colon, code = self.cleaned_data.get("place", "").partition(":")
        return directory.unit(code) if kind == "unit" else None

    @property
    def agency(self) -> Agency | None:
        """The agency chosen as a whole, if it is one."""
        kind, _colon, code = self.cleaned_data.get("place", "").partition(":")
        return self.agencies[code] if kind == "agency" else None

    def clean_post(self) -> Post | None:
        title = self.cleaned_data["post"]
        if not title or not self.cleaned_data.get("place"):
            return None
        unit = self.unit
        if unit is None:
            raise ValidationError(_("職位屬於單位：請把任職處選到單位，或不指定職稱。"))
        there = {post.title: post for post in self.posts if post.unit_id == unit.pk}
        if title not in there:
            known = _("、").join(_title(post) for post in there.values()) or _("沒有職位")
            raise ValidationError(_("%(unit)s沒有這個職位；那裡有：%(posts)s。") % {"unit": unit.label, "posts": known})
        return there[title]

    def clean_since(self) -> date:
        since, now = self.cleaned_data["since"], today()
        if not now - YEARS_BACK * A_YEAR <= since <= now + YEARS_AHEAD * A_YEAR:
            raise ValidationError(
                _("起始日要在 %(first)s 到 %(last)s 之間。")
                % {"first": roc_filter(now - YEARS_BACK * A_YEAR), "last": roc_filter(now + YEARS_AHEAD * A_YEAR)}
            )
        return since

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if until and since and until < since:
            self.add_error("until", _("結束日早於起始日。"))
        elif until and until < today():
            self.add_error("until", _("結束日已經過了，這項任職不會有任何作用。"))
        self._weigh_role(cleaned)
        if cleaned.get("role") == "crew" and self.unit and not _has_crew(self.unit):
            self.add_error("place", _("%(unit)s與其下沒有外勤隊，收不到工作。") % {"unit": self.unit.label})
        if not self.errors and self._holds_already():
            self.add_error("role", self.already)
        return cleaned

    def _weigh_role(self, cleaned: dict[str, Any]) -> None:
        """The role that the post gives, where none was chosen; and not another than it gives."""
        post = cleaned.get("post")
        gives = post.role if post else ""
        if "role" in self.errors:
            return
        if not cleaned.get("role"):
            cleaned["role"] = gives
            if not gives and "post" not in self.errors:
                self.add_error("role", _("請選擇「職務」，或選一個會給職務的職稱。"))
        elif post and gives and cleaned["role"] != gives:
            self.add_error("role", wrong_role(post))

    def _holds_already(self) -> bool:
        said = self.appointment
        held = Membership.objects.visible_to(self.reader).filter(
            Q(until__isnull=True) | Q(until__gte=said["since"]),
            user=self.person, role=said["role"], unit=said["unit"], agency=said["agency"],
        )  # fmt: skip
        return (held.filter(since__lte=said["until"]) if said["until"] else held).exists()


class DismissalForm(RefusableForm):
    """The last day of a membership."""

    until = date_field(
        label=gettext_lazy("最後一天"),
        help_text=gettext_lazy("含當天；權限到這一天 24 時為止。要立刻停止權限，請填昨天。"),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership

    def clean_until(self) -> date:
        until, since, end = self.cleaned_data["until"], self.membership.since, self.membership.until
        if until < since:
            raise ValidationError(_("結束日早於起始日（%(day)s）。") % {"day": roc_filter(since)})
        if end and until > end:
            raise ValidationError(_("原本就到 %(day)s 為止；要延長請重新任職。") % {"day": roc_filter(end)})
        if until > today() + YEARS_AHEAD * A_YEAR:
            raise ValidationError(_("這一天還太遠，到時候再設定結束日。"))
        return until


def _has_crew(unit: Unit) -> bool:
    """Whether the unit, or one below it, is a crew that goes out."""
    for crew in directory.units().values():
        at: Unit | None = crew if crew.is_crew else None
        while at is not None:
            if at.pk == unit.pk:
                return True
            at = directory.unit_by_id(at.parent_id) if at.parent_id else None
    return False


def _reach_in_words(permissions: Iterable[str]) -> str:
    """How far a role reaches, by the widest scope among its permissions."""
    scopes = {parse(permission).scope for permission in permissions}
    if "city" in scopes:
        return _("及於全市")
    return _("及於所選的機關") if "agency" in scopes else _("及於所選的單位與其下的單位")


def _unit_label(unit: Unit) -> str:
    return _("%(unit)s（外勤）") % {"unit": unit.label} if unit.is_crew else unit.label


def _title(post: Post) -> str:
    """A post's title; in English with the Chinese one, since several share a translation."""
    return f"{post.label} ({post.title})" if (get_language() or "").startswith("en") else post.title
