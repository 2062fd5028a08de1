"""Posts: which role each gives, who holds it, who held it and who will, and how it is handed on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import today
from foundation.forms import Select
from identity.doors import SignedInRequest, door
from identity.models import User
from identity.permissions import ROLES, grants_for
from organisation.actions import appoint, succeed
from organisation.models import Agency, Membership, Post
from organisation.pages.forms import RefusableForm, date_field

A_PAGE = 50


class PostFilter(forms.Form):
    """Which posts to look for."""

    q = forms.CharField(
        label=gettext_lazy("單位或職稱"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )
    agency = forms.ChoiceField(label=gettext_lazy("機關"), required=False, widget=Select)
    state = forms.ChoiceField(
        label=gettext_lazy("現況"),
        required=False,
        choices=[("", gettext_lazy("全部")), ("vacant", gettext_lazy("出缺")), ("held", gettext_lazy("有人擔任"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = [(agency.code, agency.label) for agency in Agency.objects.active()]
        self.fields["agency"].choices = [("", _("全部")), *agencies]


class HolderForm(RefusableForm):
    """Who holds a post next, from when, and whom they follow."""

    named = {"user": "account", "role": "account", "post": "account"}

    account = forms.CharField(
        label=gettext_lazy("接任者的帳號"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    instead = forms.ChoiceField(
        label=gettext_lazy("接替誰"),
        help_text=gettext_lazy("接替的人做到前一天為止，兩件事一次完成。"),
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

    def __init__(self, *args: Any, reader: User, holders: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader, self.holders = reader, {str(each.pk): each for each in holders}
        each = [(number, held.user.name) for number, held in self.holders.items()]
        self.fields["instead"].choices = [("", _("不接替，加入一位")), *each]
        if len(each) == 1:
            self.fields["instead"].initial = each[0][0]

    def clean_account(self) -> User:
        user = User.objects.visible_to(self.reader).named(self.cleaned_data["account"].strip().lower())
        if user is None:
            raise ValidationError(_("沒有這個帳號。"))
        if not user.is_active:
            raise ValidationError(_("這個帳號已經停用。"))
        if user == self.reader:
            raise ValidationError(_("不能變更自己的任職，請由另一位系統管理員處理。"))
        return user


@door("city:memberships:read")
def posts(request: SignedInRequest) -> HttpResponse:
    """All posts with who holds them today; vacant ones can be asked for."""
    form = PostFilter(request.GET)
    found = Post.objects.visible_to(request.user).active()
    if form.is_valid():
        said = form.cleaned_data
        found = found.searched(said["q"].strip(), said["agency"])
        if said["state"]:
            found = found.vacant(today(), said["state"] == "vacant")
    else:
        found = found.none()
    page = Paginator(found.with_holders(today()), A_PAGE).get_page(request.GET.get("page"))
    rows = [{"post": post, "role": _role(post), "holders": post.held_now} for post in page]
    return render(request, "organisation/posts.html", {"form": form, "page": page, "rows": rows})


@door("city:memberships:read", post="city:memberships:manage")
def post(request: SignedInRequest, pk: int) -> HttpResponse:
    """One post: who holds it, held it and will; and for who appoints people the form that hands it on."""
    found = get_object_or_404(Post.objects.visible_to(request.user).select_related("unit__agency"), pk=pk)
    held = list(Membership.objects.visible_to(request.user).filter(post=found).for_list().order_by("since", "pk"))
    day = today()
    now_held = [each for each in held if each.since <= day and (each.until is None or each.until >= day)]
    form = None
    if found.active and found.role and grants_for(request.user).has("city:memberships:manage"):
        initial = {"since": day}
        form = HolderForm(request.POST or None, reader=request.user, holders=now_held, initial=initial)
    if request.method == "POST":
        if form is None:
            messages.error(request, _("這個職位沒有設定職務，請到人員的任職頁指定。"))
            return redirect("post", pk)
        if form.is_valid() and _taken_up(request, found, form):
            return redirect("post", pk)
    context = {
        "post": found,
        "role": _role(found),
        "form": form,
        "present": now_held,
        "next": [each for each in held if each.since > day],
        "past": [each for each in reversed(held) if each.until is not None and each.until < day],
    }
    return render(request, "organisation/post.html", context, status=422 if form and form.errors else 200)


def _taken_up(request: SignedInRequest, post: Post, form: HolderForm) -> bool:
    said = form.cleaned_data
    terms = {"since": said["since"], "until": said["until"], "reason": said["reason"]}
    before = form.holders.get(said["instead"])
    try:
        with transaction.atomic():
            if before:
                succeed(request.user, before, said["account"], **terms)
            else:
                appoint(request.user, said["account"], unit=post.unit, post=post, **terms)
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    except PermissionDenied:
        form.add_error("instead", _("不能變更自己的任職，請由另一位系統管理員處理。"))
        return False
    except IntegrityError:
        form.add_error("account", _("這段期間已經有同樣的任職。"))
        return False
    messages.success(request, _("%(name)s從起始日起擔任「%(post)s」。") % {"name": said["account"], "post": post.label})
    return True


def _role(post: Post) -> str:
    return str(ROLES[post.role].label) if post.role in ROLES else ""
