"""Refuses bare ``.objects`` in pages and APIs: a record is fetched through ``visible_to(user)`` or a named query.

``Case.objects.filter(...)`` in a page forgets to ask who is looking. ``Case.objects.visible_to(user).filter(...)`` does
not, nor does a queryset method of our own (``Case.objects.overdue(...)``): whether that one asks is seen in one place.
So after ``.objects`` nothing of Django's own may stand, nor may a model class go straight into a shortcut.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

from launcher.tenancy import ROOT

MANAGERS = {"objects", "_default_manager", "_base_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404", "aget_object_or_404", "aget_list_or_404"}


def django_verbs() -> frozenset[str]:
    """The methods that every manager has from Django: those that fetch without asking who may see."""
    from django.db.models import Manager
    from django.db.models.query import QuerySet

    names = {name for name, _ in inspect.getmembers(QuerySet)} | {name for name, _ in inspect.getmembers(Manager)}
    # Nothing is nothing, whoever asks.
    return frozenset(name for name in names if not name.startswith("__")) - {"none"}


def faults(source: str, verbs: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Line and reason of each record that ``source`` fetches past ``visible_to``."""
    tree = ast.parse(source)
    named = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr not in verbs and _manager(node.value)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _manager(node) and id(node) not in named:
            yield node.lineno, f"bare .{node.attr}"
        elif isinstance(node, ast.Call) and _name(node.func) in SHORTCUTS and node.args and _class(node.args[0]):
            yield node.lineno, f"{_name(node.func)} over a whole model"


def check(root: Path = ROOT) -> list[str]:
    """One line ``file:line: reason`` for each fault in the pages and APIs below ``root``."""
    verbs = django_verbs()
    found = []
    for door in ("pages", "api"):
        for path in sorted([*root.glob(f"*/{door}.py"), *root.glob(f"*/{door}/**/*.py")]):
            found += [
                f"{path.relative_to(root)}:{line}: {reason}: use .objects.visible_to(user) or a named queryset method"
                for line, reason in faults(path.read_text("utf-8"), verbs)
            ]
    return found


def _manager(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in MANAGERS


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _class(node: ast.expr) -> bool:
    return _name(node)[:1].isupper()


if __name__ == "__main__":
    lines = check()
    print("\n".join(lines) or "Each record in pages and APIs is fetched through a named queryset method.")
    sys.exit(1 if lines else 0)
