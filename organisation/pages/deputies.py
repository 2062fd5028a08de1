"""Deputies: who acts for whom, named and ended by the two of them, by heads, and by who appoints people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from foundation.clock import now, today
from foundation.forms import DateTimeBox, Select
from identity.doors import SignedInRequest, door
from identity.models import User
from organisation.actions import end_deputyship, name_deputy
from organisation.actions.deputising import longest, may_end, place_of
from organisation.actions.recording import describe
from organisation.models import Deputyship, Membership
from organisation.pages.forms import RefusableForm
from organisation.permissions import grants_of
from organisation.rules import may_deputise

SHOWN = 50
ALL = "all"


def moment_field(**kwargs: Any) -> forms.DateTimeField:
    """A day with a time of day, on Taipei's clocks."""
    field = forms.DateTimeField(widget=DateTimeBox, **kwargs)
    field.error_messages["invalid"] = gettext_lazy("日期或時間的格式不正確，例如 2026-07-24 08:00。")
    return field


class DeputyForm(RefusableForm):
    """Who acts for a person, in what, from when until when, and why."""

    membership = forms.ChoiceField(label=gettext_lazy("代理的職務"), widget=forms.RadioSelect)
    deputy = forms.ChoiceField(
        label=gettext_lazy("代理人"), help_text=gettext_lazy("同一個機關的同仁。"), widget=Select
    )
    begins = moment_field(label=gettext_lazy("代理開始"), help_text=gettext_lazy("已經過去的時間從現在起算。"))
    ends = moment_field(label=gettext_lazy("代理結束"))
    cause = forms.ChoiceField(label=gettext_lazy("代理事由"), choices=Deputyship.Cause, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("說明"), help_text=gettext_lazy("可以不填，例如假單的文號。"), max_length=200, required=False
    )

    def __init__(self, *args: Any, held: list[Membership], colleagues: list[tuple[User, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held, self.colleagues = held, {str(user.pk): user for user, _office in colleagues}
        language = get_language() or "zh-hant"
        each = [(str(one.pk), describe(one, language)) for one in held]
        self.fields["membership"].choices = [(ALL, _("全部的職務")), *each] if len(each) > 1 else each
        if len(each) == 1:
            self.fields["membership"].initial = each[0][0]
        people = [(str(user.pk), _("%(name)s（%(office)s）") % {"name": user.name, "office": office})
                  for user, office in colleagues]  # fmt: skip
        self.fields["deputy"].choices = [("", _("請選擇")), *people]
        self.fields["ends"].help_text = _("一次最多 %(days)d 天；到期可以再指定。") % {"days": longest()}

    @property
    def memberships(self) -> list[Membership]:
        """The memberships chosen."""
        chosen = self.cleaned_data["membership"]
        return [one for one in self.held if chosen in (ALL, str(one.pk))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        begins, ends = cleaned.get("begins"), cleaned.get("ends")
        if begins and ends and ends <= begins:
            self.add_error("ends", _("結束時間要晚於開始時間。"))
        return cleaned


@door("own:deputies:name")
def deputies(request: SignedInRequest) -> HttpResponse:
    """Who acts for the reader, for whom the reader acts, and for a head the same of the people there."""
    seen, at = Deputyship.objects.visible_to(request.user), now()
    current = list(seen.still(at).told().order_by("begins_at", "pk")[:SHOWN])
    for each in current:
        each.is_mine_to_end = may_end(request.user, each)
    me = request.user.pk
    context = {
        "for_me": [each for each in current if each.absent_id == me],
        "by_me": [each for each in current if each.deputy_id == me],
        "others": [each for each in current if me not in (each.absent_id, each.deputy_id)],
        "over": seen.over(at).told()[:SHOWN],
        "people": _below(request.user),
        "holds": Membership.objects.in_force(today()).filter(user=request.user).exists(),
    }
    return render(request, "organisation/deputies.html", context)


@door("own:deputies:name")
def deputy_new(request: SignedInRequest) -> HttpResponse:
    """Name a deputy: for the reader, or by ``?for=`` (a person's number) for somebody whose head the reader is."""
    absent = _absent(request)
    held = _held(request, absent)
    if not held:
        messages.error(request, _("沒有現在或將來的任職，不必指定代理人。"))
        return redirect("deputies")
    initial = {"begins": now(), "cause": Deputyship.Cause.LEAVE}
    form = DeputyForm(request.POST or None, held=held, colleagues=_colleagues(held, absent), initial=initial)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        deputy, period = form.colleagues[said["deputy"]], (said["begins"], said["ends"])
        try:
            made = name_deputy(request.user, form.memberships, deputy, *period, said["cause"], said["reason"])
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            if any(each.strong for each in made):
                messages.success(request, _("已經指定；權限最大的職務要等另一位系統管理員同意才會生效。"))
            else:
                who = {"name": deputy, "absent": absent}
                messages.success(request, _("%(name)s將代理%(absent)s，已經寄信通知雙方。") % who)
            return redirect("deputies")
    context = {"form": form, "absent": absent, "is_self": absent == request.user}
    return render(request, "organisation/deputy_new.html", context, status=422 if form.errors else 200)


@door("own:deputies:name")
@require_POST
def deputy_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End a deputyship at once."""
    found = get_object_or_404(Deputyship.objects.visible_to(request.user).told(), pk=pk)
    end_deputyship(request.user, found)
    messages.success(request, _("%(name)s代理%(absent)s已經結束。") % {"name": found.deputy, "absent": found.absent})
    return redirect("deputies")


def _absent(request: SignedInRequest) -> User:
    """For whom a deputy is named: the reader, or by number somebody in whose memberships the reader may name one."""
    number = request.GET.get("for", "")
    if not number:
        return request.user
    if not number.isdecimal():
        raise Http404
    held = Membership.objects.to_deputise(request.user).filter(user_id=int(number)).select_related("user").first()
    if held is None:
        raise Http404
    return held.user


def _held(request: SignedInRequest, absent: User) -> list[Membership]:
    """The memberships of a person, now and to come, for which the reader may name a deputy."""
    held = Membership.objects.to_deputise(request.user).not_over(today()).filter(user=absent).for_list()
    return list(held.order_by("since", "pk"))


def _colleagues(held: list[Membership], absent: User) -> list[tuple[User, str]]:
    """Who may act in one of these memberships at least, with where they serve; in the order of names."""
    places = [place_of(one) for one in held]
    serving: dict[int, list[Membership]] = {}
    for one in Membership.objects.in_force(today()).serving({place.agency for place in places}).for_list():
        serving.setdefault(one.user_id, []).append(one)
    found = []
    for theirs in serving.values():
        user = theirs[0].user
        at = [place_of(one) for one in theirs]
        if user != absent and any(may_deputise(place, at) for place in places):
            found.append((user, describe(theirs[0], get_language() or "zh-hant")))
    return sorted(found, key=lambda pair: (pair[0].name, pair[0].pk))


def _below(user: User) -> list[User]:
    """Whose deputies a head names besides their own; nobody for those who do it for everybody, from a person's page."""
    scope = grants_of(user).in_person.scope("deputies:name")
    if scope.city or not (scope.units or scope.agencies):
        return []
    held = Membership.objects.to_deputise(user).not_over(today()).select_related("user")
    people = {one.user for one in held if one.user_id != user.pk and one.user.is_active}
    return sorted(people, key=lambda person: (person.name, person.pk))
