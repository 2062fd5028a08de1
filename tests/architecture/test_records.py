"""The lint against bare ``.objects``: what it refuses, what it lets pass, and that the house passes."""

from pathlib import Path

import pytest

from launcher.checks.records import check, django_verbs, faults


def test_pages_and_apis_fetch_records_through_named_queries() -> None:
    assert check() == []


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.get(pk=1)",
        "Case.objects.all()",
        "models.Case.objects.filter(number=number).visible_to(user)",
        "Case.objects.select_related('kind').visible_to(user)",
        "Case.objects.create(kind=kind)",
        "Case._default_manager.get(pk=1)",
        "get_object_or_404(Case, pk=1)",
        "shortcuts.get_object_or_404(models.Case, pk=1)",
        "queryset = Case.objects",
        "page(Case.objects)",
        "await Case.objects.aget(pk=1)",
        "class Cases(ListView):\n    queryset = Case.objects.all()",
    ],
)
def test_a_bare_query_is_refused(line: str, tmp_path: Path) -> None:
    assert list(faults(line, django_verbs()))
    (tmp_path / "cases" / "pages").mkdir(parents=True)
    (tmp_path / "cases" / "pages" / "queue.py").write_text(f"# pages\n{line}\n")
    (found,) = check(tmp_path)
    assert found.startswith("cases/pages/queue.py:")


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.visible_to(user).get(pk=1)",
        "get_object_or_404(Case.objects.visible_to(user), pk=1)",
        "Case.objects.for_tracking(number, code)",
        "Case.objects.none()",
        "Case.objects.overdue(on=today).visible_to(user).filter(kind='pothole').order_by('due')",
        "basket.items.filter(1)",
    ],
)
def test_a_named_query_passes(line: str) -> None:
    assert not list(faults(line, django_verbs()))


def test_other_rooms_are_not_its_business(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "actions.py").write_text("Case.objects.get(pk=1)\n")
    assert check(tmp_path) == []
