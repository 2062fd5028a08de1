"""Where editors make boards: no SQL and no code, only figures, what they are broken down by, and what fits."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboard import actions
from dashboard.checking import faults
from dashboard.choosing import Choice
from dashboard.models import ON_DISTRICTS, Board, Chart
from dashboard.outlines import outlines
from dashboard.pages.boards import default_year
from dashboard.pages.forms import TEXTS, BoardForm, ChartForm
from dashboard.showing import shown
from identity.doors import door

CHANGES_SHOWN = 20


@door("city:boards:change")
def new(request: HttpRequest) -> HttpResponse:
    """``/boards/new/``: a new board, which is not published until its editor says so."""
    form = BoardForm(request.POST or None, instance=Board(is_published=False))
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: actions.make_board(form.instance, request.user))
    ):
        messages.success(request, _("已新增儀表板「%(title)s」，請加入圖表。") % {"title": form.instance.title})
        return redirect("board-edit", slug=form.instance.slug)
    return render(request, "dashboard/edit.html", {"form": form}, status=422 if form.errors else 200)


@door("city:boards:change")
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """``/boards/requests/``: what a board is called, its charts in order, and who changed what."""
    board = _board(request, slug)
    form = BoardForm(request.POST or None, instance=_board(request, slug))
    if (
        request.method == "POST"
        and form.is_valid()
        and _done(form, lambda: actions.change_board(form.instance, request.user))
    ):
        messages.success(request, _("已儲存儀表板「%(title)s」。") % {"title": form.instance.title})
        return redirect("board-edit", slug=form.instance.slug)
    context = {
        "form": form,
        "board": board,
        "charts": list(board.charts.all()),
        "changes": board.changes.select_related("by")[:CHANGES_SHOWN],
    }
    return render(request, "dashboard/edit.html", context, status=422 if form.errors else 200)


@door("city:boards:change")
def chart(request: HttpRequest, slug: str, pk: int = 0) -> HttpResponse:
    """``/boards/requests/charts/7/`` and ``…/new/``: one chart with its preview. POST ``preview`` keeps nothing."""
    board = _board(request, slug)
    instance = get_object_or_404(board.charts.select_related("board"), pk=pk) if pk else Chart(board=board)
    if request.method != "POST":
        return _chart_page(request, ChartForm(request.user, instance=instance))
    form = ChartForm(request.user, request.POST, instance=instance)
    if "preview" in request.POST:
        if request.POST.get("kind") not in form.fitting and form.fitting:
            said = request.POST.copy()
            said["kind"] = form.fitting[0]
            form = ChartForm(request.user, said, instance=instance)
        for name in TEXTS:
            form.errors.pop(name, None)
        return _chart_page(request, form)
    do = actions.change_chart if pk else actions.add_chart
    if form.is_valid() and _done(form, lambda: do(form.instance, request.user)):
        messages.success(request, _("已儲存圖表「%(title)s」。") % {"title": form.instance.title})
        return redirect("board-edit", slug=slug)
    return _chart_page(request, form, status=422)


@door("city:boards:change")
@require_POST
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Move a chart up or down by one place."""
    found = _chart(request, slug, pk)
    actions.move_chart(found, -1 if request.POST.get("to") == "up" else 1, request.user)
    return redirect(f"{_address(slug)}#place-{pk}")


@door("city:boards:change")
@require_POST
def removal(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a chart off its board."""
    found = _chart(request, slug, pk)
    title = found.title
    actions.remove_chart(found, request.user)
    messages.success(request, _("已移除圖表「%(title)s」。") % {"title": title})
    return redirect(f"{_address(slug)}#charts")


@door("city:boards:change")
@require_POST
def screen(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the screens of a board a new address."""
    actions.new_screen(_board(request, slug), request.user)
    messages.success(request, _("大螢幕的網址已更換，舊網址不能再用。"))
    return redirect(f"{_address(slug)}#screen")


def _board(request: HttpRequest, slug: str) -> Board:
    return get_object_or_404(Board.objects.changeable_by(request.user), slug=slug)


def _chart(request: HttpRequest, slug: str, pk: int) -> Chart:
    return get_object_or_404(_board(request, slug).charts.select_related("board"), pk=pk)


def _address(slug: str) -> str:
    return redirect("board-edit", slug=slug).url


def _done(form: ModelForm, do) -> bool:
    """Do it; what is refused becomes a message of the form, which keeps what was typed."""
    try:
        do()
    except ValidationError as refusal:
        form.add_error(None, [message for messages in refusal.message_dict.values() for message in messages])
        return False
    return True


def _chart_page(request: HttpRequest, form: ChartForm, status: int = 200) -> HttpResponse:
    drawn = form.instance
    part = None
    if drawn.figures and drawn.kind and not faults(drawn, drawn.board):
        (part,) = shown([drawn], Choice(default_year()))
    context = {
        "form": form,
        "board": drawn.board,
        "part": part,
        "outlines": outlines().paths if part and drawn.kind in ON_DISTRICTS else {},
    }
    return render(request, "dashboard/edit_chart.html", context, status=status)
