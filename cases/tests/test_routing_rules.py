"""The pure rules of routing: total, deterministic, the same in any order; roads by their names."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.routing import Facts, Route, Routing, clashes, digest, road_class

KINDS, DISTRICTS, ROADS = ("pothole", "noise"), ("", "A", "B"), ("road", "lane", "")
WORDS = ("鞭炮", "唱歌")
NOON = datetime(2026, 3, 2, 12, 0)


def some(rng: Random, values: tuple[str, ...]) -> list[str]:
    return rng.sample([value for value in values if value], rng.randrange(3) if rng.random() < 0.6 else 0)


def a_route(rng: Random, code: str = "r") -> Route:
    opens, closes = rng.sample(range(24), 2)
    timed = rng.random() < 0.3
    since = date(2026, 1, 1) + timedelta(days=rng.randrange(60))
    return Route(
        code=code,
        unit=rng.choice(("u1", "u2", "u3")),
        priority=rng.randrange(11, 15),
        source="測試",
        since=since,
        until=since + timedelta(days=rng.randrange(60)) if rng.random() < 0.4 else None,
        kinds=frozenset(some(rng, KINDS)),
        districts=frozenset(some(rng, DISTRICTS)),
        road_classes=frozenset(some(rng, ROADS)),
        hours=rng.choice(("", "", "working", "off")),
        opens=time(opens) if timed else None,
        closes=time(closes) if timed else None,
        words=tuple(sorted(some(rng, WORDS))),
    )


def a_set(rng: Random) -> list[Route]:
    """Routes as a draft may hold them: none that clash with those before."""
    kept = [Route(kind, f"base-{kind}", 0, "pack", kinds=frozenset({kind})) for kind in KINDS]
    for number in range(rng.randrange(9)):
        route = a_route(rng, f"r{number}")
        if not clashes([*kept, route]):
            kept.append(route)
    return kept


def some_facts(rng: Random) -> Facts:
    working = rng.random() < 0.5
    return Facts(
        kind=rng.choice(KINDS),
        district=rng.choice(DISTRICTS),
        address=rng.choice(("中正路1號", "中正路5巷2號", "")),
        text="，".join(some(rng, WORDS)),
        at=datetime(2026, 1, 1) + timedelta(minutes=rng.randrange(150 * 24 * 60)),
        working=lambda: working,
    )


# Made from a seed: a rule has a dozen parts, and drawing each by itself takes longer than all that is asked of them.
SEEDS = st.integers(0, 2**32).map(Random)


@given(SEEDS)
def test_there_is_always_one_answer_whatever_the_order(rng: Random) -> None:
    rules, asked = a_set(rng), some_facts(rng)
    decided = Routing(rules).decide(asked)
    assert decided.holds(asked)
    assert all(other.priority <= decided.priority for other in rules if other.holds(asked))
    shuffled = list(rules)
    rng.shuffle(shuffled)
    assert Routing(shuffled).decide(asked) == Routing(rules).decide(asked) == decided


@given(SEEDS)
def test_of_equal_priority_all_that_hold_lead_to_one_unit(rng: Random) -> None:
    rules, asked = a_set(rng), some_facts(rng)
    decided = Routing(rules).decide(asked)
    units = {other.unit for other in rules if other.holds(asked) and other.priority == decided.priority}
    assert units == {decided.unit}


@given(SEEDS)
def test_what_holds_for_one_report_may_meet(rng: Random) -> None:
    a, b, asked = a_route(rng, "a"), a_route(rng, "b"), some_facts(rng)
    assert a.may_meet(b) == b.may_meet(a)
    if a.holds(asked) and b.holds(asked):
        assert a.may_meet(b)


@given(SEEDS)
def test_a_rule_is_kept_as_it_is(rng: Random) -> None:
    route = a_route(rng)
    assert Route.from_json(route.to_json()) == route


@given(SEEDS)
def test_the_digest_does_not_hang_on_the_order(rng: Random) -> None:
    kept = [route.to_json() for route in a_set(rng)]
    shuffled = list(kept)
    rng.shuffle(shuffled)
    assert digest(kept) == digest(shuffled)
    assert digest(kept) != digest([*kept, Route("new", "u1", 12, "測試").to_json()])


def test_a_kind_without_a_route_is_said() -> None:
    with pytest.raises(LookupError):
        Routing([]).decide(Facts("pothole", "", "", "", NOON, lambda: True))


def test_conditions_one_by_one() -> None:
    def holds(route: Route, **changed: object) -> bool:
        known = {"kind": "noise", "district": "A", "address": "中正路5巷", "text": "廟會放鞭炮", "at": NOON}
        return route.holds(Facts(**{**known, "working": lambda: True, **changed}))

    def rule(**conditions: object) -> Route:
        return Route("r", "u", 20, "測試", **conditions)

    assert holds(rule(kinds=frozenset({"noise"}))) and not holds(rule(kinds=frozenset({"pothole"})))
    assert holds(rule(districts=frozenset({"A"}))) and not holds(rule(districts=frozenset({"A"})), district="B")
    assert holds(rule(road_classes=frozenset({"lane"}))) and not holds(rule(road_classes=frozenset({"road"})))
    assert holds(rule(words=("鞭炮", "爆竹"))) and not holds(rule(words=("唱歌",)))
    assert holds(rule(words=("臺灣",)), text="在台灣") and holds(rule(words=("KTV",)), text="ｋｔｖ")
    assert holds(rule(hours="working")) and not holds(rule(hours="off"))
    night = rule(opens=time(22), closes=time(6))
    assert not holds(night)
    assert holds(night, at=datetime(2026, 3, 2, 23)) and holds(night, at=datetime(2026, 3, 2, 5, 59))
    assert not holds(night, at=datetime(2026, 3, 2, 6)) and holds(rule(opens=time(8), closes=time(13)))
    assert holds(rule(since=NOON.date(), until=NOON.date())) and not holds(rule(since=date(2026, 3, 3)))
    assert not holds(rule(until=date(2026, 3, 1)))


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("苓雅區四維三路2號", "road"),
        ("路竹區中山路5號", "road"),
        ("路竹區", ""),
        ("高雄市前鎮區中華五路12巷3號", "lane"),
        ("中正路12巷5弄3號", "alley"),
        ("民族大道100號", "boulevard"),
        ("三民區十全一街", "street"),
        ("大里街5號", "street"),
        ("國道1號南下 362 公里", "national"),
        ("臺17線與德民路口", "provincial"),
        ("小港區沿海一路省道", "provincial"),
        ("高雄市道186號", "county"),
        ("高54線", "county"),
        ("大寮區後巷里5鄰", ""),
        ("", ""),
    ],
)
def test_roads_are_known_by_their_names(address: str, found: str) -> None:
    assert road_class(address) == found


def test_a_table_of_roads_knows_better_than_a_name() -> None:
    table = {("", "沿海一路"): "provincial", ("A", "中正路"): "boulevard"}
    assert road_class("小港區沿海一路5號", "A", table) == "provincial"
    assert road_class("中正路5號", "A", table) == "boulevard" and road_class("中正路5號", "B", table) == "road"
    assert road_class("小港區沿海一路5巷1號", "A", table) == "lane"


@given(st.text(max_size=40))
def test_any_text_has_a_class_or_none(text: str) -> None:
    assert road_class(text) in {"national", "provincial", "county", "boulevard", "road", "street", "lane", "alley", ""}
