"""When, which way, and what becomes of it."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import TAIPEI
from messages.channels import CHANNELS
from messages.timing import OUTCOMES, Quiet, Reach, after_receipt, not_before, wait_after, ways

RINGS = frozenset({"sms", "push", "line"})
NIGHT = Quiet(time(21), time(8), RINGS, frozenset({"test.urgent"}))
MOMENTS = st.datetimes(datetime(2022, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=TAIPEI))
TIMES = st.times()
QUIET = st.builds(
    Quiet, TIMES, TIMES.map(lambda t: t.replace(second=0, microsecond=0)), st.just(RINGS), st.just(frozenset())
)


@pytest.mark.parametrize(
    ("at", "goes"),
    [
        ("2022-03-04 20:59:59", "2022-03-04 20:59:59"),
        ("2022-03-04 21:00", "2022-03-05 08:00"),
        ("2022-03-04 23:59", "2022-03-05 08:00"),
        ("2022-03-05 00:00", "2022-03-05 08:00"),
        ("2022-03-05 07:59:59", "2022-03-05 08:00"),
        ("2022-03-05 08:00", "2022-03-05 08:00"),
        ("2022-12-31 22:00", "2023-01-01 08:00"),
    ],
)
def test_at_night_it_waits_for_the_morning(at, goes):
    at, goes = (datetime.fromisoformat(each).replace(tzinfo=TAIPEI) for each in (at, goes))
    assert not_before(at, "sms", "test.thing", NIGHT) == goes
    assert not_before(at, "mail", "test.thing", NIGHT) == at
    assert not_before(at, "sms", "test.urgent", NIGHT) == at


def test_quiet_hours_may_lie_within_a_day_or_not_be():
    noon = datetime(2022, 3, 4, 12, 30, tzinfo=TAIPEI)
    assert not_before(noon, "sms", "x", Quiet(time(12), time(13), RINGS, frozenset())).hour == 13
    assert not_before(noon, "sms", "x", Quiet(time(12), time(12), RINGS, frozenset())) == noon


@given(MOMENTS, QUIET, st.sampled_from(sorted(RINGS)))
def test_the_answer_is_the_first_moment_that_is_not_quiet(at, quiet, channel):
    goes = not_before(at, channel, "x", quiet)
    assert at <= goes <= at + timedelta(days=1)
    assert not_before(goes, channel, "x", quiet) == goes
    if goes > at:
        # Every moment before it would have waited for the same one.
        before = at + (goes - at) / 2
        assert not_before(before, channel, "x", quiet) == goes
    assert not_before(at, "mail", "x", quiet) == at


@given(MOMENTS, MOMENTS, QUIET)
def test_who_comes_later_never_goes_earlier(one, other, quiet):
    first, second = sorted((one, other))
    assert not_before(first, "sms", "x", quiet) <= not_before(second, "sms", "x", quiet)


@pytest.mark.parametrize("name", sorted(CHANNELS))
def test_each_channel_gives_up_some_day(name):
    waits = CHANNELS[name].waits
    assert waits == tuple(sorted(waits)) and waits[0] == timedelta(minutes=1)
    assert sum(waits, timedelta()) < timedelta(days=4)
    assert wait_after(len(waits), waits) == waits[-1]
    assert wait_after(len(waits) + 1, waits) is None


@given(st.integers(1, 20), st.timedeltas(timedelta(), timedelta(days=999)), st.sampled_from(sorted(CHANNELS)))
def test_who_is_asked_to_wait_waits_longer_but_not_for_ever(attempts, asked, name):
    waits = CHANNELS[name].waits
    usual, wait = wait_after(attempts, waits), wait_after(attempts, waits, asked)
    assert (usual is None) == (wait is None)
    if wait is not None:
        assert usual <= wait <= max(waits) and wait >= min(asked, max(waits))


FIRST, BESIDE = ("sms", "mail"), ("line", "push")
REACH = st.builds(
    Reach,
    mail=st.sampled_from(["", "wang@example.com"]),
    sms=st.sampled_from(["", "+886912345678"]),
    line=st.sampled_from(["", "U1"]),
    devices=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    wants_mail=st.booleans(),
    wants_sms=st.booleans(),
)
OPEN = st.sets(st.sampled_from(sorted(CHANNELS)))


@pytest.mark.parametrize(
    ("reach", "opened", "expected"),
    [
        (Reach("a@b"), "mail", [("mail", "a@b", ())]),
        (Reach("a@b", wants_mail=False), "mail", []),
        (Reach("a@b", "+886912345678"), "mail sms", [("mail", "a@b", ())]),
        (Reach("a@b", "+886912345678", wants_sms=True), "mail sms",
         [("sms", "+886912345678", (("mail", "a@b"),))]),
        (Reach("a@b", "+886912345678", wants_sms=True), "mail", [("mail", "a@b", ())]),
        (Reach("a@b", "+886912345678", wants_sms=True), "", [("sms", "+886912345678", ())]),
        (Reach("a@b", "", "U1", ("d", "e")), "mail line push",
         [("mail", "a@b", ()), ("line", "U1", ()), ("push", "d", ()), ("push", "e", ())]),
    ],
)  # fmt: skip
def test_ways(reach, opened, expected):
    assert [(way.channel, way.to, way.otherwise) for way in ways(reach, FIRST, BESIDE, opened.split())] == expected


@given(REACH, OPEN)
def test_nobody_hears_twice_or_by_what_they_did_not_choose(reach, is_open):
    found = ways(reach, FIRST, BESIDE, is_open)
    all_ways = [(way.channel, way.to) for way in found] + [each for way in found for each in way.otherwise]
    assert len(all_ways) == len(set(all_ways))
    assert all(to in reach.addresses(channel) for channel, to in all_ways)
    assert sum(way.channel in FIRST for way in found) == bool(reach.addresses("sms") or reach.addresses("mail"))
    assert all(channel in is_open for way in found for channel, _to in way.otherwise)
    for way in found:  # what is closed is chosen only where nothing else is there
        if way.channel in FIRST and way.channel not in is_open:
            assert not any(reach.addresses(each) and each in is_open for each in FIRST)
    assert {(way.channel, way.to) for way in found if way.channel in BESIDE} == {
        (channel, to) for channel in BESIDE for to in reach.addresses(channel)
    }


@given(st.permutations(OUTCOMES), st.sampled_from(["queued", "handed", "silent"]), st.integers(0, 3))
def test_receipts_in_any_order_end_with_the_first_final_word(outcomes, state, times):
    for outcome in [each for each in outcomes for _time in range(times + 1)]:
        state = after_receipt(state, outcome) or state
    final = next(each for each in outcomes if each != "accepted")
    assert state == ("delivered" if final == "delivered" else "failed")


@pytest.mark.parametrize("state", ["sent", "delivered", "failed", "kept"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_over_stays_so(state, outcome):
    assert after_receipt(state, outcome) is None
