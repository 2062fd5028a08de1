"""``/mailbox/paper/``: what comes over the counter, by post or by fax: scans, the time of receipt, its number."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.actions.files import keep_file
from cases.models import Attachment, Case
from cases.models.case import Channel
from foundation.clock import TAIPEI, now
from foundation.files import DOCUMENT, IMAGE, check_upload, serve
from foundation.forms import CityForm, DateTimeBox, FilesField, FilesInput
from identity.doors import door
from servicerequests.pages.report.catalogue import catch_all, tiles
from servicerequests.pages.report.draft import Draft
from servicerequests.pages.report.start import TextForm

SCANS_MOST = 20
ON_PAPER = (Channel.COUNTER, Channel.LETTER, Channel.FAX)


class PaperForm(CityForm):
    """What stands on the receipt stamp, and the scans."""

    channel = forms.ChoiceField(
        label=gettext_lazy("怎麼送來的？"),
        choices=[(channel.value, channel.label) for channel in ON_PAPER],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("請選擇怎麼送來的。")},
    )
    received_at = forms.DateTimeField(
        label=gettext_lazy("收文時間"),
        help_text=gettext_lazy("收文章上的日期與時間；處理期限從這時起算。"),
        widget=DateTimeBox,
        error_messages={
            "required": gettext_lazy("請填收文時間。"),
            "invalid": gettext_lazy("收文時間的格式不正確，例如 2026-11-30 09:30。"),
        },
    )
    number = forms.CharField(
        label=gettext_lazy("收文號"),
        help_text=gettext_lazy("公文系統的收文號；臨櫃口述沒有收文號可以不填。"),
        max_length=80,
        required=False,
    )
    scans = FilesField(
        label=gettext_lazy("掃描檔"),
        required=False,
        widget=FilesInput(attrs={"accept": (IMAGE | DOCUMENT).accept}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scans"].help_text = _("PDF 或照片，最多 %(most)d 個。只有承辦單位看得到。") % {"most": SCANS_MOST}

    def clean_received_at(self):
        received = self.cleaned_data["received_at"]
        if received > now():
            raise ValidationError(_("收文時間還沒有到，請再確認一次。"))
        return received

    def clean_scans(self) -> list:
        """Refuse what cannot be taken, each by its name, before any of it is kept."""
        files = self.cleaned_data["scans"]
        problems = []
        if len(files) > SCANS_MOST:
            problems.append(_("一次最多 %(most)d 個檔案。") % {"most": SCANS_MOST})
        for file in files[:SCANS_MOST]:
            try:
                check_upload(file)
            except ValidationError as problem:
                problems += [
                    _("「%(name)s」：%(problem)s") % {"name": file.name, "problem": m} for m in problem.messages
                ]
        if problems:
            raise ValidationError(problems)
        return files

    def clean(self):
        """One number of one register is one case: the second time it leads to the first."""
        data = super().clean() or self.cleaned_data
        channel, number = data.get("channel"), data.get("number", "").strip()
        if channel in (Channel.LETTER, Channel.FAX) and not number and "number" in data:
            self.add_error("number", _("書面與傳真請填收文號。"))
        if number and channel:
            known = Case.objects.from_source(channel, number).first()
            if known is not None:
                self.add_error(
                    "number", _("收文號%(number)s已成案，編號%(case)s。") % {"number": number, "case": known.number}
                )
        if channel in (Channel.LETTER, Channel.FAX) and not data.get("scans") and "scans" in data:
            self.add_error("scans", _("請附上掃描檔。"))
        return data


@door("unit:cases:file")
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    """Take down paper: its facts and scans here, then the kind, then the report's own pages with the scans beside."""
    if request.method != "POST":
        initial = {"channel": Channel.COUNTER, "received_at": now().astimezone(TAIPEI)}
        return _asked(request, PaperForm(initial=initial))
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        return _asked(request, form, status=422)
    data = form.cleaned_data
    try:
        scans = [keep_file(file, user=request.user, public=False).token for file in data["scans"]]
    except ValidationError as problem:  # the disk is full
        form.add_error("scans", problem)
        return _asked(request, form, status=422)
    taken = {
        "channel": data["channel"],
        "received_at": data["received_at"].isoformat(),
        "number": data["number"].strip(),
        "scans": [str(token) for token in scans],
    }
    draft = Draft(catch_all().code, taken=taken)
    context = {"form": TextForm(), "tiles": tiles(), "draft": draft, "sealed": draft.seal()}
    return render(request, "servicerequests/mailbox/kind.html", context)


def _asked(request: HttpRequest, form: PaperForm, status: int = 200) -> HttpResponse:
    return render(request, "servicerequests/mailbox/paper.html", {"form": form}, status=status)


@door("unit:cases:file")
@require_safe
def scan(request: HttpRequest, token: UUID) -> HttpResponse:
    """A scan of a letter that is being taken down: pictures as they are shown, a PDF to be opened."""
    found = Attachment.objects.drafts([token]).first()
    if found is None:
        raise Http404
    path, content_type = (found.shown, "image/jpeg") if found.shown else (found.original, found.content_type)
    return serve(path, found.name, content_type)
