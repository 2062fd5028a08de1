"""``/mailbox/``: what came in, what became of it, what could not be read and why."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages as banners
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST, require_safe

from cases.actions.performing import TOPIC, Conflict
from cases.models import Case, Contact
from cases.permissions import may
from cases.suggestions import suggested_kind
from foundation.files import check_upload, offer, public_image
from foundation.forms import CityForm
from foundation.ratelimit import client_ip
from identity.actions import disclose
from identity.doors import door
from identity.grants import grants_for
from messages import inbox
from messages.models import Became, Inbound, Way
from servicerequests.actions import mailbox
from servicerequests.pages.report.catalogue import reportable, suggestions
from servicerequests.pages.report.draft import Draft
from servicerequests.pages.report.flow import show
from servicerequests.pages.report.forms import DESCRIPTION_MAX, PREFIX
from servicerequests.pages.report.steps import STEPS
from servicerequests.rules import tidy_number

A_PAGE = 50
FILING = gettext_lazy("將來信成案")
FIELDS = ["sender", "sender_name"]


class MailboxFilter(CityForm):
    """Which letters to list; without a word those that wait for a person."""

    became = forms.ChoiceField(label=gettext_lazy("處理狀態"), required=False)
    way = forms.ChoiceField(label=gettext_lazy("管道"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["became"].choices = [("", Became.PERSON.label), ("all", _("全部")), *_others()]
        self.fields["way"].choices = [("", _("全部")), *Way.choices]

    def conditions(self) -> dict[str, str]:
        """The conditions asked for, as a queryset takes them; what is not understood counts as not asked."""
        self.full_clean()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        if asked.setdefault("became", Became.PERSON) == "all":
            del asked["became"]
        return asked


def _others() -> list[tuple[str, str]]:
    return [(value, label) for value, label in Became.choices if value != Became.PERSON]


class PurposeForm(CityForm):
    """Why somebody wants to see who wrote."""

    purpose = forms.CharField(
        label=gettext_lazy("為什麼需要查看寄件人？"),
        help_text=gettext_lazy("您的姓名、時間與這裡填寫的原因都會留下紀錄。"),
        max_length=200,
        error_messages={"required": gettext_lazy("請填寫查看的原因，例如「回電確認地點」。")},
    )


class KindForm(CityForm):
    """Which kind of case it is."""

    kind = forms.ChoiceField(
        label=gettext_lazy("種類"), error_messages={"invalid_choice": gettext_lazy("請從清單選一種。")}
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(code, kind.label) for code, kind in reportable().items()]


class AddForm(CityForm):
    """To which case it belongs."""

    number = forms.CharField(
        label=gettext_lazy("案件編號"),
        help_text=gettext_lazy("來信內容會加註在這件案件的歷程，只有承辦單位看得到。"),
        max_length=40,
        error_messages={"required": gettext_lazy("請填案件編號。")},
    )

    def __init__(self, *args, user=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.case = user, None

    def clean_number(self) -> str:
        number = tidy_number(self.cleaned_data["number"])
        self.case = Case.objects.visible_to(self.user).for_list().filter(number=number).first()
        if self.case is None:
            raise ValidationError(_("找不到案件%(number)s，請對照編號再填一次。") % {"number": number})
        return number


class DismissForm(CityForm):
    """Why nothing is done."""

    reason = forms.CharField(
        label=gettext_lazy("原因"),
        help_text=gettext_lazy("例如：廣告信、同一內容已另案處理。請不要寫個人資料。"),
        max_length=300,
        error_messages={"required": gettext_lazy("請填寫不處理的原因。")},
    )


@door("city:mailbox:read")
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """``/mailbox/``: what waits, the oldest first; anything else the newest first. Always as many statements."""
    form = MailboxFilter(request.GET)
    conditions = form.conditions()
    found = Inbound.objects.visible_to(request.user).filter(**conditions).for_list()
    found = found.order_by("pk" if conditions.get("became") == Became.PERSON else "-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    about = {row.topic_id for row in page if row.topic == TOPIC}
    numbers = dict(Case.objects.visible_to(request.user).filter(pk__in=about).values_list("pk", "number"))
    rows = [(row, numbers.get(row.topic_id) if row.topic == TOPIC else None) for row in page]
    context = {
        "form": form,
        "page": page,
        "rows": rows,
        "filtered": bool(request.GET),
        "is_open": bool(settings.INBOX_URL),
        "may_file": _may_file(request),
    }
    return render(request, "servicerequests/mailbox/letters.html", context)


def _may_file(request: HttpRequest) -> bool:
    return grants_for(request.user).has("city:mailbox:file")


def _found(request: HttpRequest, token: UUID) -> Inbound:
    return get_object_or_404(Inbound.objects.visible_to(request.user), token=token)


@door("city:mailbox:read")
@require_safe
def letter(request: HttpRequest, token: UUID) -> HttpResponse:
    """``/mailbox/<token>/``: what it says, and what can be done with it."""
    return _page(request, _found(request, token))


@door("city:mailbox:read")
@require_POST
@transaction.atomic
def sender(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /mailbox/<token>/sender/``: who wrote, against a purpose, logged."""
    row = _found(request, token)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return _page(request, row, status=422, purpose=form)
    disclose(request.user, "inbound", row.pk, FIELDS, form.cleaned_data["purpose"], client=client_ip(request))
    return _page(request, row, shows_sender=True)


@door("city:mailbox:read")
@require_safe
def file(request: HttpRequest, token: UUID, number: int) -> HttpResponse:
    """``/mailbox/<token>/files/0/``: a file of a mail, to judge the mail by: a picture as the public would see it,
    without its position; a PDF to be saved. What could not be taken is not given on either."""
    mail = inbox.mail_of(_found(request, token))
    if mail is None or number >= len(mail.files):
        raise Http404
    found = mail.files[number]
    try:
        content_type = check_upload(found.content).content_type
        is_image = content_type.startswith("image/")
        content = public_image(found.content) if is_image else found.content
    except ValidationError:
        raise Http404 from None
    return offer(BytesIO(content), found.name, "image/jpeg" if is_image else content_type)


@door("city:mailbox:file")
@require_POST
@transaction.atomic
def filing(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /mailbox/<token>/filing/``: the report's own pages, with what the letter says filled in.

    The sender's address stands in them, so the log says who saw it.
    """
    row = _found(request, token)
    form = KindForm(request.POST)
    if not form.is_valid() or row.became != Became.PERSON:
        return _page(request, row, status=422, kind=form)
    disclose(request.user, "inbound", row.pk, FIELDS, FILING, client=client_ip(request))
    return show(request, draft_of(row, form.cleaned_data["kind"]), STEPS["what"])


def draft_of(row: Inbound, kind_code: str) -> Draft:
    """A draft that begins with what a letter says."""
    channel = "line" if row.way == Way.LINE else "mail"
    draft = Draft(kind_code, taken={"channel": channel, "inbound": row.token.hex})
    draft.keep("what", {"description": mailbox.words(row)[:DESCRIPTION_MAX]} | _titles(draft, row), accepted=False)
    contact = {"email": row.sender, "name": row.sender_name, "language": row.language}
    draft.keep("contact", contact, accepted=False)
    return draft


def _titles(draft: Draft, row: Inbound) -> dict[str, str]:
    """The subject, for a kind that asks for one line of text."""
    asked = [field for field in draft.kind.fields if field.type == "text" and field.required]
    return {PREFIX + asked[0].name: row.subject[: asked[0].max_length]} if asked and row.subject else {}


@door("city:mailbox:file")
@require_POST
def addition(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /mailbox/<token>/addition/``: it belongs to a case that is there."""
    row = _found(request, token)
    form = AddForm(request.POST, user=request.user)
    if form.is_valid():
        if not may(request.user, form.case, "cases:comment"):
            raise PermissionDenied("cases:comment")
        try:
            mailbox.add_by_agent(row.token, request.user, form.case)
        except (ValidationError, Conflict) as problem:
            form.add_error(None, getattr(problem, "messages", [str(problem)]))
        else:
            banners.success(request, _("已加註到%(number)s。") % {"number": form.case.number})
            return redirect("mailbox-letter", token=token)
    return _page(request, row, status=422, add=form)


@door("city:mailbox:file")
@require_POST
def dismissal(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /mailbox/<token>/dismissal/``: nothing is done with it, for a reason."""
    row = _found(request, token)
    form = DismissForm(request.POST)
    if form.is_valid():
        try:
            mailbox.dismiss(row.token, form.cleaned_data["reason"])
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            banners.success(request, _("已標記為不予處理。"))
            return redirect("mailbox-letter", token=token)
    return _page(request, row, status=422, dismiss=form)


@door("city:mailbox:file")
@require_POST
def taking(request: HttpRequest, token: UUID) -> HttpResponse:
    """``POST /mailbox/<token>/taking/``: what was passed over waits for a person after all."""
    try:
        mailbox.take_up(_found(request, token).token)
    except ValidationError as problem:
        banners.error(request, problem.messages[0])
    return redirect("mailbox-letter", token=token)


def _page(
    request: HttpRequest, row: Inbound, *, status: int = 200, shows_sender: bool = False, **forms_
) -> HttpResponse:
    """The letter; ``forms_`` are the forms that were refused, with what was typed."""
    open_ = row.became == Became.PERSON and _may_file(request)
    visible = Case.objects.visible_to(request.user)
    known = Contact.objects.open_to(request.user)
    same = known.with_email(row.sender) if row.sender else known.none()
    failed = next(iter(forms_.values()), None)
    with override(settings.LANGUAGE_CODE):
        asked = mailbox.words(row)
    context = {
        "letter": row,
        "sender": f"{row.sender_name} <{row.sender}>" if shows_sender else row.masked_sender,
        "shows_sender": shows_sender,
        "opens_files": row.way == Way.MAIL,
        "case": visible.filter(pk=row.topic_id).first() if row.topic == TOPIC else None,
        "others": visible.filter(contact__in=same).for_list().order_by("-received_at", "-pk")[:10],
        "suggested": suggestions(asked, suggested_kind(asked))[0] if open_ else [],
        "form": failed,
        "may_take": row.became in mailbox.PASSED_OVER and not row.purged_at and _may_file(request),
        "purpose": forms_.get("purpose", PurposeForm(auto_id="purpose_%s"))
        if row.sender and not shows_sender
        else None,
        "kind": forms_.get("kind", KindForm(auto_id="kind_%s")) if open_ else None,
        "add": forms_.get("add", AddForm(auto_id="add_%s")) if open_ else None,
        "dismiss": forms_.get("dismiss", DismissForm(auto_id="dismiss_%s")) if open_ else None,
    }
    return render(request, "servicerequests/mailbox/letter.html", context, status=status)
