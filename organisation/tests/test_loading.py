"""A pack comes into the database: once, again, changed, and never over another city."""

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from organisation.actions import WrongCity, check_city, load_pack
from organisation.models import Agency, CalendarOverride, City, District, Post, Unit, Village
from organisation.pack import PackError, read_pack
from organisation.tests.test_pack import PACKS, spoil

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_city")]
EVERYTHING = (Agency, Unit, Post, District, Village, CalendarOverride, City)


def everything() -> dict[str, list[tuple]]:
    """All rows of all tables that a load writes."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in EVERYTHING}


def run() -> str:
    out = StringIO()
    call_command("load_pack", stdout=out)
    return out.getvalue()


def test_loading_twice_changes_nothing() -> None:
    first = run()
    assert "新增行政區：38" in first
    assert "新增里：886" in first
    before = everything()
    assert run() == "共 0 項變更。\n"
    assert everything() == before


def test_what_is_loaded_is_what_the_files_say() -> None:
    load_pack()
    with (PACKS / "kaohsiung" / "units.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    loaded = {
        (unit.code, unit.agency.code, unit.parent.code if unit.parent else "", unit.name, unit.is_crew)
        for unit in Unit.objects.select_related("agency", "parent")
    }
    assert loaded == {(row["code"], row["agency"], row["parent"], row["name"], row["is_crew"] == "1") for row in rows}
    assert Agency.objects.get(code="pwb").organ_code == "397110000G"
    assert District.objects.get(code="64000080").name == "苓雅區"
    assert Village.objects.filter(district="64000080").count() == 69
    assert list(District.objects.values_list("code", flat=True)) == sorted(
        District.objects.values_list("code", flat=True)
    )


def test_a_changed_pack_changes_what_changed(copied_pack: Path, settings: Any) -> None:
    load_pack()
    assert check_city()
    crew = Unit.objects.get(code="pwb-road-crew-4")
    spoil(copied_pack, "units.csv", "養護工程處道路養護科", "養護工程處道路科")
    spoil(copied_pack, "units.csv", "pwb-road-crew-1,pwb,pwb-roads", "pwb-road-crew-1,pwb,pwb-maintenance")
    spoil(
        copied_pack,
        "units.csv",
        'pwb-road-crew-4,pwb,pwb-roads,養護工程處道路四隊,"Road Crew 4, Maintenance Office",1\n',
        "",
    )
    spoil(copied_pack, "crews.csv", "pwb-road-crew-4,0,120.4840,22.8850\n", "")
    for title, title_en in (("隊長", "Crew Leader"), ("技工", "Technician")):
        spoil(copied_pack, "posts.csv", f"pwb-road-crew-4,{title},{title_en},crew\n", "")
    settings.CITY_PACK = copied_pack
    assert not check_city()
    changes = load_pack()
    assert (changes.created, changes.retired) == ({}, {"unit": 1, "post": 2})
    # The renamed one, the moved one, and those that stand one place further up after the one that went.
    assert Unit.objects.get(code="pwb-roads").name == "養護工程處道路科"
    assert Unit.objects.get(code="pwb-road-crew-1").parent.code == "pwb-maintenance"
    crew.refresh_from_db()
    assert not crew.active
    assert check_city()
    assert load_pack().total == 0
    settings.CITY_PACK = PACKS / "kaohsiung"
    load_pack()
    crew.refresh_from_db()
    assert crew.active


def test_the_tree_of_units_may_be_turned_round(copied_pack: Path, settings: Any) -> None:
    load_pack()
    path = copied_pack / "units.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    office = next(n for n, line in enumerate(lines) if line.startswith("pwb-maintenance,"))
    roads = next(n for n, line in enumerate(lines) if line.startswith("pwb-roads,"))
    lines[office], lines[roads] = (
        lines[roads].replace("pwb-roads,pwb,pwb-maintenance", "pwb-roads,pwb,"),
        lines[office].replace("pwb-maintenance,pwb,", "pwb-maintenance,pwb,pwb-roads"),
    )
    path.write_text("".join(lines), encoding="utf-8")
    settings.CITY_PACK = copied_pack
    load_pack()
    assert Unit.objects.get(code="pwb-maintenance").parent.code == "pwb-roads"
    assert Unit.objects.get(code="pwb-roads").parent is None
    assert load_pack().total == 0


def test_closures_of_the_pack_are_replaced_and_an_officer_s_are_not(copied_pack: Path, settings: Any) -> None:
    load_pack()
    officer_s = CalendarOverride.objects.create(
        date="2022-09-03", kind="closed", reason="軒嵐諾颱風", source="市府公告", declared_at=timezone.now()
    )
    spoil(copied_pack, "calendar.csv", "2024-07-25,,closed", "2022-09-03,,open")
    spoil(copied_pack, "calendar.csv", "2024-10-31,,closed", "2024-10-31,苓雅區,morning_closed")
    settings.CITY_PACK = copied_pack
    changes = load_pack()
    assert changes.retired == {"calendaroverride": 2}
    assert changes.created == {"calendaroverride": 1}
    in_force = set(CalendarOverride.objects.in_force().values_list("date", "district", "kind"))
    assert {(str(day), district, kind) for day, district, kind in in_force} >= {
        ("2022-09-03", None, "closed"), ("2024-10-31", "64000080", "morning_closed"), ("2024-07-24", None, "closed")
    }  # fmt: skip
    officer_s.refresh_from_db()
    assert officer_s.revoked_at is None
    assert load_pack().total == 0


def test_another_city_is_refused_and_nothing_changes(settings: Any) -> None:
    load_pack()
    before = everything()
    settings.CITY_PACK = PACKS / "taipei"
    with pytest.raises(WrongCity, match="CITYHALL_PACK=kaohsiung"):
        check_city()
    with pytest.raises(CommandError, match="kaohsiung"):
        run()
    assert everything() == before


def test_another_city_is_another_folder(settings: Any) -> None:
    settings.CITY_PACK = PACKS / "taipei"
    assert not check_city()
    load_pack()
    assert check_city()
    assert District.objects.count() == 12
    assert City.objects.get().pack == "taipei"


SPOILERS: list[Callable[[Path], Any]] = [
    lambda path: spoil(path, "kinds.toml", 'family = "dispatch"', 'family = "queue"'),
    lambda path: spoil(path, "boundaries/villages.geojson", '{"code":"64000010001"', '{"code":"1"'),
]


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_a_wrong_file_changes_nothing(copied_pack: Path, settings: Any, spoiler: Callable[[Path], Any]) -> None:
    load_pack()
    before = everything()
    spoil(copied_pack, "agencies.csv", "pwb,工務局", "pwb,工程局")
    spoiler(copied_pack)
    settings.CITY_PACK = copied_pack
    with pytest.raises(CommandError, match=r"1 個問題(.|\n)*:\d+ "):
        run()
    assert everything() == before


def test_an_error_half_way_leaves_nothing_behind(copied_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("organisation.actions.loading._load_overrides", fail)
    with pytest.raises(RuntimeError):
        load_pack(read_pack(copied_pack))
    assert not Agency.objects.exists()
    assert not City.objects.exists()


def test_the_check_says_whether_to_load(copied_pack: Path, settings: Any) -> None:
    with pytest.raises(CommandError, match="load_pack"):
        call_command("load_pack", "--check")
    load_pack()
    call_command("load_pack", "--check")
    spoil(copied_pack, "texts.toml", "119", "112")
    settings.CITY_PACK = copied_pack
    with pytest.raises(CommandError, match="load_pack"):
        call_command("load_pack", "--check")
    assert load_pack().total == 0  # no record says it, but the digest is new
    call_command("load_pack", "--check")


def test_a_pack_that_cannot_be_read_is_refused_before_the_database_is_asked(copied_pack: Path) -> None:
    (copied_pack / "boundaries" / "districts.geojson").unlink()
    with pytest.raises(PackError):
        load_pack(read_pack(copied_pack))
    assert not City.objects.exists()
