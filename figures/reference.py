"""The list of all figures as a document, written from their declarations."""

from __future__ import annotations

from django.utils.translation import override

from figures.registry import Counted, Figure, Manual, RuleFigure, Text, registry

_HEAD = """# Figures

Every number that the city hall computes, as declared in the apps' `figures/`, and every number that agencies enter by
hand, as declared in the city pack's `figures.toml` (here that of Kaohsiung). Written by `./cityhall figures doc`;
the checks compare it with the code, so change the declaration and write it again.
"""


def markdown() -> str:
    """All figures with their definitions in both languages, sorted by code."""
    return "\n".join([_HEAD, *(_section(figure) for figure in registry.figures())])


def _in(language: str, text: Text) -> str:
    with override(language):
        return str(text)


def _section(figure: Figure) -> str:
    zh, en = _in("zh-hant", figure.label), _in("en", figure.label)
    facts = {
        "Unit": f"{_in('zh-hant', figure.unit)} / {_in('en', figure.unit)}",
        "Kind": f"{_in('en', figure.kind_label)}{_measures(figure)}",
        "How": _in("en", figure.how),
        "From": ", ".join(f"`{part}`" for part in figure.parts)
        or ("a rule of the city pack" if _is_rule(figure) else ""),
        "Broken down by": ", ".join(_in("en", dimension.label) for dimension in registry.dimensions_of(figure)),
        "For": ", ".join(registry.grains_of(figure)),
        "Records": figure.records().model._meta.label if isinstance(figure, Counted) else "",
        "Owner": registry.owner_of(figure),
        "Chapter": registry.chapter_of(figure),
        "Law": _in("zh-hant", figure.law),
        "Source": _in("zh-hant", figure.source),
    }
    lines = [f"- {name}: {text}" for name, text in facts.items() if text]
    definition = f"{_in('zh-hant', figure.definition)}\n\n{_in('en', figure.definition)}"
    return f"## {zh} / {en}\n\n`{figure.code}`\n\n{definition}\n\n" + "\n".join(lines) + "\n"


def _measures(figure: Figure) -> str:
    """What a number that is entered by hand is where it comes from."""
    return f" ({_in('en', figure.measures_label)})" if isinstance(figure, Manual) else ""


def _is_rule(figure: Figure) -> bool:
    return isinstance(figure, RuleFigure)
