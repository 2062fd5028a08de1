"""The tests' database: what a test leaves behind, and when the original is made anew."""

from pathlib import Path

import pytest
from django.db import connection

from identity.factories import person
from organisation.models import City, District
from tests import database


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_test_that_commits_leaves_nothing(turn: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE left_behind (number int)")  # the second would fail here
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)
    assert (City.objects.get().pack, District.objects.count()) == ("kaohsiung", 38)
    City.objects.all().delete()
    # Tests that roll back use up numbers; the first of these turns may come after some.
    assert person().pk == 1 or turn == "first", "the number of a sequence is left"


@pytest.mark.django_db
def test_a_city_hall_without_a_city(no_city: None) -> None:
    assert not City.objects.exists() and not District.objects.exists()


def test_the_original_is_made_from_migrations_actions_and_the_pack_but_no_page() -> None:
    made_from = {str(path.relative_to(database.ROOT)) for path in database.sources()}
    assert {
        "cases/migrations/0001_initial.py", "organisation/actions/loading.py", "search/sql.py",
        "foundation/append_only.py", "packs/kaohsiung/units.csv", "requirements/dev.txt",
    } <= made_from  # fmt: skip
    assert not [path for path in made_from if "/pages/" in path or "/tests/" in path]


def test_its_name_changes_with_any_of_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (file := tmp_path / "0001_initial.py").write_text("first")
    monkeypatch.setattr(database, "ROOT", tmp_path)
    monkeypatch.setattr(database, "sources", lambda: [file])
    before = database.digest()
    assert database.digest() == before
    file.write_text("changed")
    assert database.digest() != before
