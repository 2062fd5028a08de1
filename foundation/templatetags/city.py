"""Template tags that every page may use without loading them.

The two signatures of the look live here: ``promise`` (what was promised and how much of the time is spent) and
``figure_number`` (a number that the product computed and that leads to its sums).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.widgets import FileInput, Textarea
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from foundation import roc
from foundation.clock import TAIPEI
from foundation.drawing import Drawing
from foundation.language import reads_english

register = template.Library()

# The states of a promise, as a screen reader is told of the bar.
_LABELS = {
    "on": gettext_noop("期限已用 %(spent)s%%"),
    "near": gettext_noop("快到期，期限已用 %(spent)s%%"),
    "late": gettext_noop("已逾期"),
    "wait": gettext_noop("計時暫停，期限已用 %(spent)s%%"),
    "kept": gettext_noop("期限內完成，用了 %(spent)s%%"),
    "broken": gettext_noop("逾期後完成"),
    "none": gettext_noop("沒有期限"),
}
PROMISE_STATES = frozenset(_LABELS)


# Numbers


@register.filter
def thousands(value: Any) -> str:
    """A number with its thousands apart: ``99,781``; ``—`` where there is none. Decimals stay as they are."""
    if value is None or value == "":
        return "—"
    if isinstance(value, (int, float, Decimal)):
        return f"{value:,}"
    return str(value)


@register.filter
def percent(fraction: Any, digits: int = 1) -> str:
    """A fraction as a percentage without its sign: 0.9643 gives ``96.4``; ``—`` where there is none."""
    return "—" if fraction is None else f"{float(fraction) * 100:.{int(digits)}f}"


@register.inclusion_tag("foundation/parts/figure_number.html")
def figure_number(value: Any, url: str = "", unit: str = "", size: str = "") -> dict:
    """A number that the product computed: dotted underline, leading to its definition, its sums and its records.

    ``size`` is ``big`` for the one number of a card. Without a value it says so and leads nowhere.
    """
    return {"value": value, "text": thousands(value), "url": url, "unit": unit, "size": size}


@register.inclusion_tag("foundation/parts/typed_number.html")
def typed_number(value: Any, unit: str = "", size: str = "", url: str = "") -> dict:
    """A number that a person typed: no underline, and marked as such; ``url`` leads to who typed it from what."""
    return {"value": value, "text": thousands(value), "url": url, "unit": unit, "size": size}


@register.inclusion_tag("foundation/parts/share.html")
def share(fraction: Any, label: str = "") -> dict:
    """A bar for a share of a whole (0 to 1), in a table or a list. It is no promise and has no states."""
    return {"width": f"{min(max(float(fraction or 0), 0), 1) * 100:.1f}%", "label": label}


# Promises


def _promise_context(clock: Any, size: str) -> dict:
    state = getattr(clock, "state", "none") if clock is not None else "none"
    if state not in PROMISE_STATES:
        raise ValueError(f"no such state of a promise: {state!r}")
    fraction = min(max(float(getattr(clock, "fraction", 0) or 0), 0), 1)
    if state in {"late", "broken"}:
        fraction = 1.0
    received, due = getattr(clock, "received", None), getattr(clock, "due", None)
    width, label = f"{fraction * 100:.1f}%", _(_LABELS[state]) % {"spent": f"{fraction * 100:.0f}"}
    return {
        "clock": clock,
        "bar": _bar(state, width, label),
        # A promise of hours ends on the day it was given: its end needs the hour only.
        "same_day": bool(received and due) and _iso(received, "%Y%m%d") == _iso(due, "%Y%m%d"),
        "state": state,
        "words": getattr(clock, "words", "") or label,
        "size": size,
    }


def _bar(state: str, width: str, label: str) -> SafeString:
    """The bar itself. The fill is an inner svg as wide as the time spent: it clips its own stripes, so that no pattern
    needs an id, and a width in an attribute needs no inline style."""
    return format_html(
        '<svg class="promise-bar" role="img" aria-label="{}" width="100%" height="8">'
        '<rect class="promise-track" width="100%" height="100%" rx="4"/><svg width="{}" height="100%">'
        '<rect class="promise-fill" width="100%" height="100%" rx="4"/>{}</svg></svg>',
        label,
        width,
        _STRIPES if state == "wait" else "",
    )


_STRIPES = mark_safe('<line class="promise-stripes" x1="-6" x2="100%" y1="4" y2="4" transform="skewX(-45)"/>')


@register.simple_tag
def promise(clock: Any, size: str = "normal") -> SafeString:
    """The promise bar: how much of the promised time is spent, always with the words.

    ``clock`` has ``state`` (on, near, late, wait, kept, broken, none), ``fraction`` (0 to 1), ``words``, ``promise``,
    ``received`` and ``due``; None is the same as state ``none``. ``size``: ``normal`` (bar, words, received and due),
    ``brief`` (bar and words, for lists), ``slim`` (both in one line, for tables), ``bare`` (bar, received and due: only
    under a heading that already has the words by ``promise_chip``).
    """
    shown = _promise_context(clock, size)
    if size != "slim":
        return render_to_string("foundation/parts/promise.html", shown)
    return format_html(  # fifty to a page: a template for each would be most of the page's time
        '<div class="promise promise-{state} promise-slim">\n{bar}\n'
        '<span class="chip chip-{state}">{words}</span>\n</div>',
        state=shown["state"],
        bar=shown["bar"],
        words=shown["words"],
    )


@register.inclusion_tag("foundation/parts/promise_chip.html")
def promise_chip(clock: Any) -> dict:
    """The words of a promise alone, in the colour of its state: for headings above a bar."""
    return _promise_context(clock, "chip")


# Icons


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A sign of the drawn set. ``size``: empty (1.25 em), ``big`` (40 px) or ``disc`` (40 px in a soft disc).

    Without a label it is decoration and screen readers pass it by.
    """
    meaning = (
        format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true" focusable="false"')
    )
    drawn = format_html(
        '<svg class="icon{}" {} width="24" height="24"><use href="{}#{}"/></svg>',
        " icon-big" if size == "big" else "",
        meaning,
        static("foundation/icons.svg"),
        name,
    )
    return format_html('<span class="disc">{}</span>', drawn) if size == "disc" else drawn


# Dates


def _iso(when: date | datetime, form: str) -> str:
    if isinstance(when, datetime) and when.tzinfo is not None:
        when = when.astimezone(TAIPEI)
    return when.strftime(form)


@register.filter("roc")
def roc_filter(when: date | datetime | None) -> str:
    """``111 年 3 月 5 日``; ``2022-03-05`` on English pages; nothing for None."""
    if not when:
        return ""
    return _iso(when, "%Y-%m-%d") if reads_english() else roc.roc_date(when)


@register.filter
def roc_short(when: date | datetime | None) -> str:
    """``111/03/05``; ``2022-03-05`` on English pages; nothing for None."""
    if not when:
        return ""
    return _iso(when, "%Y-%m-%d") if reads_english() else roc.roc_short(when)


@register.filter
def roc_datetime(when: datetime | None) -> str:
    """``111/03/05 14:30``; ``2022-03-05 14:30`` on English pages; nothing for None."""
    if not when:
        return ""
    return _iso(when, "%Y-%m-%d %H:%M") if reads_english() else roc.roc_datetime(when)


@register.filter
def roc_month(when: date | datetime | None) -> str:
    """``111 年 3 月``; ``2022-03`` on English pages; nothing for None."""
    if not when:
        return ""
    return _iso(when, "%Y-%m") if reads_english() else roc.roc_month(when)


@register.filter("roc_year")
def roc_year_filter(when: date | datetime | int | None) -> str:
    """``111`` from a date or from a year of the Republic; the common year, ``2022``, on English pages."""
    if when is None:
        return ""
    year = when if isinstance(when, int) else roc.roc_year(when)
    return str(year + 1911 if reads_english() else year)


@register.filter
def clock_time(when: datetime | None) -> str:
    """``14:30`` on Taipei's clocks; nothing for None."""
    return _iso(when, "%H:%M") if when else ""


@register.filter
def iso(when: date | datetime | None) -> str:
    """ISO 8601, for the ``datetime`` of a ``time`` element."""
    return when.isoformat() if when else ""


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A moment as a ``time`` element: the ROC date and the hour to read, ISO 8601 for programs."""
    if not moment:
        return ""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), roc_datetime(moment))


# Forms


@register.simple_tag
def picture(drawing: Drawing | None, kind: str = "columns") -> SafeString:
    """A chart with its legend, hidden from screen readers, which have the sentence and the table beside it."""
    if drawing is None or not drawing.height:
        return SafeString()
    # Every word in a drawing was escaped when it was drawn; those of its legend are escaped here.
    drawn = (
        f'<svg class="picture picture-{kind}" width="100%" height="{drawing.height}" aria-hidden="true" '
        f'focusable="false">{drawing.body}</svg>'
    )
    marks = "".join(
        '<li><svg class="picture" width="16" height="12" aria-hidden="true">'
        f'<rect width="100%" height="100%" class="{mark.style}"/></svg>{escape(mark.label)}</li>'
        for mark in drawing.legend
    )
    return mark_safe(f'{drawn}<ul class="legend">{marks}</ul>' if marks else drawn)


@register.inclusion_tag("foundation/parts/field.html")
def field(bound: BoundField, heading: bool = False, label: str = "", hide_label: bool = False) -> dict:
    """One form field in the GOV.UK pattern: label, hint, error, widget, tied together by ``aria-describedby``.

    ``heading`` makes the label the page's h1 (one question a page); ``label`` says it in other words;
    ``hide_label`` keeps it for screen readers only.
    """
    widget = bound.field.widget
    choices = []
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        hints, icons = getattr(widget, "hints", {}), getattr(widget, "icons", {})
        for option in bound:
            value = str(option.data["value"])
            choices.append({"option": option, "hint": hints.get(value, ""), "icon": icons.get(value, "")})
    limit = getattr(bound.field, "max_length", None) if isinstance(widget, Textarea) else None
    return {
        "bound": bound,
        "label": label or bound.label,
        "heading": heading,
        "hide_label": hide_label,
        "choices": choices,
        "tiles": any(choice["icon"] for choice in choices),
        "single_checkbox": isinstance(widget, CheckboxInput),
        "is_file": isinstance(widget, FileInput),
        "limit": limit,
    }


# Navigation


@register.simple_tag(takes_context=True)
def current(context: template.Context, address: Any) -> SafeString | str:
    """``aria-current="page"`` when the page shown lies at or under ``address``."""
    request = context.get("request")
    path = request.path if request else ""
    address = str(address)  # it may be lazy
    here = path == address if address in ("", "/") else path.startswith(address)
    return mark_safe('aria-current="page"') if here else ""


# Maps


@register.inclusion_tag("foundation/parts/map.html", takes_context=True)
def city_map(
    context: template.Context,
    mode: str,
    label: str,
    districts: str = "",
    source: str = "",
    lon: str = "",
    lat: str = "",
    legend: str = "",
    size: str = "",
) -> dict:
    """A map of the city; the page also includes ``parts/map_head.html`` and ``parts/map_scripts.html``.

    ``mode``: ``pick`` writes one place to the inputs with the ids ``lon`` and ``lat``; ``points`` and ``areas`` read
    the JSON script element with the id ``source`` (see ``js/map.js``). ``districts`` is the address of the city's
    GeoJSON, ``legend`` an id for the legend of areas, ``size`` empty, ``tall`` or ``small``. Without scripts there is
    no map: the page must say the same in words.
    """
    return {
        "mode": mode,
        "label": label,
        "districts": districts,
        "source": source,
        "lon": lon,
        "lat": lat,
        "legend": legend,
        "size": size,
        "city": context.get("city"),
    }
