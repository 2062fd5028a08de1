"""Where values come from, as programs and files are told: the API, its description, the export, the versions."""

import csv
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from unittest.mock import patch

import jsonschema
import pytest
import time_machine
from arro3.io import read_parquet
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.translation import override

from figures import actions, provenance
from figures.models import Observation
from figures.registry import Count, Period, registry
from figures.tests.slips import Slip
from figures.versions import version_of
from foundation.clock import TAIPEI

YEAR = Period.year(2022)
MOMENT = datetime(2022, 8, 5, 9, tzinfo=TAIPEI)


@pytest.fixture(autouse=True)
def summer(slips: None):
    with time_machine.travel(datetime(2023, 7, 1, 12, tzinfo=TAIPEI), tick=False):
        Slip.objects.create(kind="light", district="E", received_at=MOMENT, received_on=MOMENT.date())
        actions.rebuild()
        actions.enter(registry.figure("slips.visits"), YEAR, Decimal(12), "查訪紀錄表")
        yield


def ask(address: str, status: int = 200) -> dict:
    response = Client().get(address)
    assert response.status_code == status, response.content
    return response.json()


def values(query: str) -> dict[str, dict]:
    return {line["figure"]: line for line in ask(f"/api/figures/values?{query}")["values"]}


def test_a_value_says_from_what_and_by_which_definition_it_was_computed() -> None:
    found = values("period=2022")
    received, visits, share = (found[f"slips.{name}"] for name in ("received", "visits", "visits_share"))
    assert (received["value"], received["source"], received["is_manual"]) == (1, "records", False)
    assert received["definition"] == version_of(registry.figure("slips.received"))
    assert received["computed_at"].startswith("2023-07-01")
    assert (visits["value"], visits["source"], visits["evidence"], visits["is_manual"]) == (
        12,
        "entry",
        "查訪紀錄表",
        True,
    )
    assert (share["value"], share["source"], share["is_manual"]) == (300, "slips.visits slips.limit", True)
    assert found["slips.limit"]["source"] == "rule"


def test_what_was_published_keeps_its_value_and_its_version() -> None:
    before = version_of(registry.figure("slips.received"))
    actions.freeze(YEAR)
    figure = registry.figure("slips.received")
    assert isinstance(figure, Count)
    other = replace(figure, records=lambda: Slip.objects.filter(kind="pothole"))
    with patch.dict(registry._figures, {"slips.received": other}):
        actions.rebuild()
        line = values("period=2022&figure=slips.received")["slips.received"]
        assert (line["value"], line["current"], line["is_frozen"], line["is_corrected"]) == (1, 0, True, True)
        assert line["definition"] == before != version_of(other)
        stored = Observation.objects.get(figure="slips.received", grain="year", by="", period=YEAR.start)
        assert stored.definition == version_of(other)


def test_a_version_is_of_what_is_counted_and_of_nothing_else() -> None:
    figure = registry.figure("slips.received")
    with override("en"):
        assert version_of(replace(figure, label="別的名字", decimals=2)) == version_of(figure)
    assert version_of(replace(figure, definition="別的定義")) != version_of(figure)
    assert version_of(registry.figure("slips.done")) != version_of(registry.figure("slips.on_time"))
    ratio = registry.figure("slips.on_time_share")
    assert version_of(replace(ratio, numerator="slips.done", denominator="slips.on_time")) != version_of(ratio)


def test_values_are_broken_down_and_asked_for_over_a_time() -> None:
    (line,) = (
        x for x in ask("/api/figures/values?period=2022&by=district&figure=slips.received")["values"] if x["value"]
    )
    assert (line["dimension"], line["member"], line["value"]) == ("district", "E", 1)
    months = ask("/api/figures/values?from=2022-07&to=2022-09&figure=slips.received")["values"]
    assert [(line["period"], line["value"]) for line in months] == [("2022-07", 0), ("2022-08", 1), ("2022-09", 0)]


@pytest.mark.parametrize(
    ("query", "parameter", "status"),
    [
        ("", "period", 400),
        ("period=2022-13", "period", 400),
        ("period=2022&figure=slips.nothing", "figure", 404),
        ("period=2022&by=colour", "by", 400),
        ("period=2022&format=xml", "format", 400),
        ("from=2022", "to", 400),
        ("from=2022&to=2021", "to", 400),
        ("from=2000-01-01&to=2022-01-01", "to", 400),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(query: str, parameter: str, status: int) -> None:
    assert ask(f"/api/figures/values?{query}", status)["error"]["parameter"] == parameter


def test_one_answer_has_an_end(monkeypatch) -> None:
    monkeypatch.setattr("figures.api.values.MOST_VALUES", 20)
    asked = "/api/figures/values?figure=slips.received&from=2021-01"
    assert ask(f"{asked}&to=2022-08")["values"]
    for more in ("to=2022-09", "to=2022-08&by=kind"):
        assert ask(f"{asked}&{more}", 400)["error"] == {
            "parameter": "period", "reason": "at most 20 values at once; ask for fewer figures or periods",
        }  # fmt: skip


def test_closed_figures_are_not_there_and_knocking_too_often_is_refused(settings) -> None:
    closed = replace(registry.figure("slips.received"), public=False)
    with patch.dict(registry._figures, {"slips.received": closed}):
        assert "slips.received" not in values("period=2022")
        assert ask("/api/figures/slips.received/", 404)["error"]["parameter"] == "figure"
        assert ask("/api/figures/values?period=2022&figure=slips.received", 404)
    settings.CITYHALL_RATE_LIMIT_FACTOR = 0.01
    answers = [Client().get("/api/figures/slips.received/") for _number in range(3)]
    assert answers[-1].status_code == 429 and int(answers[-1]["Retry-After"]) > 0


def test_the_description_is_what_is_answered() -> None:
    document = ask("/api/figures/openapi.json")
    resolver = {"components": document["components"]}
    for path, address in {
        "/api/figures/": "/api/figures/",
        "/api/figures/{figure}/": "/api/figures/slips.hours/",
        "/api/figures/values": "/api/figures/values?period=2022,2022-08",
    }.items():
        responses = document["paths"][path]["get"]["responses"]
        jsonschema.validate(ask(address), responses["200"]["content"]["application/json"]["schema"] | resolver)
        refused = ask("/api/figures/values", 400)
        jsonschema.validate(refused, responses["400"]["content"]["application/json"]["schema"] | resolver)
    with pytest.raises(jsonschema.ValidationError):
        schema = document["components"]["schemas"]["Value"]
        jsonschema.validate({"figure": "x"}, schema | resolver)


def test_files_and_api_say_the_same() -> None:
    out = StringIO()
    call_command("figures", "export", "-", "--year", "2022", stdout=out)
    rows = list(csv.DictReader(StringIO(out.getvalue().removeprefix("\ufeff"))))
    assert tuple(rows[0]) == provenance.COLUMNS
    of_year = {row["figure"]: row for row in rows if row["period"] == "2022"}
    assert set(of_year) == set(values("period=2022"))
    assert of_year["slips.visits"]["evidence"] == "查訪紀錄表" and of_year["slips.received"]["value"] == "1"
    response = Client().get("/api/figures/values?period=2022&format=csv&figure=slips.visits")
    (row,) = csv.DictReader(StringIO(b"".join(response).decode().removeprefix("\ufeff")))
    assert row == of_year["slips.visits"]


def test_parquet_has_the_same_values_with_their_types(tmp_path) -> None:
    file = tmp_path / "figures.parquet"
    call_command("figures", "export", str(file), "--year", "2022", "--figure", "slips.visits", stdout=StringIO())
    response = Client().get("/api/figures/values?period=2022&format=parquet&figure=slips.visits")
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    for table in (read_parquet(file).read_all(), read_parquet(BytesIO(response.content)).read_all()):
        assert tuple(table.column_names) == provenance.COLUMNS
        row = {name: table.column(name).to_pylist()[0] for name in table.column_names}
        assert (row["value"], row["is_frozen"], row["evidence"]) == (Decimal(12), False, "查訪紀錄表")
        assert row["computed_at"] == datetime(2023, 7, 1, 12, tzinfo=TAIPEI)
    assert ask("/api/figures/values?period=2022&format=xls", 400)["error"]["reason"] == "json or csv or parquet"
    with pytest.raises(CommandError, match="written to a file"):
        command("export", "-", "--year", "2022", "--format", "parquet")


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("figures", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_explains_lists_and_computes() -> None:
    explained = command("explain", "slips.received", "2022")
    for word in ("測試用", "records        1", "count(*)", version_of(registry.figure("slips.received"))):
        assert word in explained
    assert "查訪紀錄表" in command("explain", "slips.visits", "2022") and "manual" in command(
        "explain", "slips.visits", "2022"
    )
    assert "slips.limit" in command("explain", "slips.visits_share", "2022")
    assert command("list", "slips.on_time").count("\n") == 2
    assert command("compute", "slips.received", "2022") == "counted 1 件; stored 1 件\n"
    Slip.objects.create(kind="light", received_at=MOMENT, received_on=MOMENT.date())
    with pytest.raises(CommandError, match="differ"):
        command("compute", "slips.received", "2022")
    with pytest.raises(CommandError, match=r"is it slips\.received"):
        command("explain", "slips.recieved")
    with pytest.raises(CommandError, match="no values"):
        command("explain", "slips.visits", "2022-08")
    with pytest.raises(CommandError, match="no dimension"):
        command("export", "-", "--year", "2022", "--by", "colour")


def test_a_year_is_exported_by_as_many_statements_however_many_figures(django_assert_max_num_queries) -> None:
    def count() -> int:
        with django_assert_max_num_queries(20) as asked:
            json.dumps([provenance.plain(line) for line in provenance.lines(registry.figures(), [YEAR])])
        return len(asked)

    few = count()
    received = registry.figure("slips.received")
    with patch.dict(registry._figures, {f"slips.r{n}": replace(received, code=f"slips.r{n}") for n in range(9)}):
        actions.rebuild()
        assert count() == few
