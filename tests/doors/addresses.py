"""Every address of the house, read from the URL resolver: new apps appear here by themselves."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from figures.registry import figures

# Something for each part of an address that nothing in the database answers to. Behind an open door it is 404, which
# counts as open: what lies behind is for the apps' own tests.
SAMPLES = (
    "999999999",
    "x",
    "2022-03-07",
    "2022",
    "111",
    "01",
    "D111-0000001",
    "00000000-0000-0000-0000-000000000000",
    "x.csv",
    "zh-hant",
    "cases.agency",
)
_PART = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


@dataclass(frozen=True)
class Address:
    """One line of a URLconf: its name, its route as written, the view, and a path that leads there."""

    name: str
    route: str
    view: Callable[..., Any]
    path: str

    def __str__(self) -> str:
        return self.name or self.route


def addresses(urlconf: Any = None) -> list[Address]:
    """All addresses of a URLconf (the house's own unless another is named), in the order of the resolver."""
    return list(_walk(get_resolver(urlconf), "", {}, ()))


def _walk(
    resolver: URLResolver, route: str, converters: Mapping[str, Any], namespaces: tuple[str, ...]
) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        here = route + str(entry.pattern)
        known = {**converters, **entry.pattern.converters}
        if isinstance(entry, URLResolver):
            yield from _walk(entry, here, known, (*namespaces, entry.namespace) if entry.namespace else namespaces)
        elif isinstance(entry, URLPattern):
            name = ":".join((*namespaces, entry.name)) if entry.name else ""
            yield Address(name, here, entry.callback, _path(here, known))


def _path(route: str, converters: Mapping[str, Any]) -> str:
    """A path for the route: each part filled with the first sample that its converter takes."""

    def sample(part: re.Match[str]) -> str:
        converter = converters[part.group(1)]
        for candidate in (*SAMPLES, *(figure.code for figure in figures())):
            if re.fullmatch(converter.regex, candidate) and _taken(converter, candidate):
                return candidate
        raise LookupError(f"no sample for {part.group()} of {route}: add one to SAMPLES")

    return "/" + _PART.sub(sample, route)


def _taken(converter: Any, candidate: str) -> bool:
    try:
        converter.to_python(candidate)
    except ValueError:
        return False
    return True
