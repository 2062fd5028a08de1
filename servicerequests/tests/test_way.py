"""The order of a crew's way: what is due first, and never longer than to the nearest each time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from servicerequests.rules import SOON, Stop, _nearest_first, length, way

NOW = datetime(2022, 3, 7, 9, 0, tzinfo=UTC)
PLACES = st.tuples(st.floats(120.2, 120.8), st.floats(22.5, 23.2))
STOPS = st.lists(
    st.builds(
        Stop,
        st.none() | PLACES,
        st.none() | st.timedeltas(timedelta(hours=-5), timedelta(hours=9)).map(NOW.__add__),
    ),
    max_size=14,
)


@given(STOPS, st.none() | PLACES)
def test_every_stop_comes_once_and_the_urgent_ones_first(stops, start):
    order = way(stops, NOW, start)
    assert sorted(order) == list(range(len(stops)))
    soon = [stops[i].due is not None and stops[i].due <= NOW + SOON for i in order]
    assert soon == sorted(soon, reverse=True)
    nowhere = [stops[i].place is None for i in order]
    assert nowhere[: sum(soon)] == sorted(nowhere[: sum(soon)], reverse=True)
    assert nowhere[sum(soon) :] == sorted(nowhere[sum(soon) :])
    assert way(stops, NOW, start) == order


@given(st.lists(PLACES, min_size=1, max_size=12), PLACES)
def test_the_way_is_never_longer_than_that_to_the_nearest_each_time(places, start):
    order = way([Stop(place) for place in places], NOW, start)
    greedy = _nearest_first(list(enumerate(places)), start)
    assert length([start, *(places[i] for i in order)]) <= length([start, *(p for _i, p in greedy)]) + 0.1


def test_a_street_is_driven_from_one_end():
    """Nearest neighbour alone would turn back for the house behind the depot; 2-opt turns the piece round."""
    start = (120.300, 22.60)
    street = [(120.300 + step / 1000, 22.60) for step in (1, -1.5, 3, -4, 8)]
    order = way([Stop(place) for place in street], NOW, start)
    assert [street[i][0] for i in order] == sorted(place[0] for place in street)


def test_what_is_due_soon_goes_before_what_is_near():
    near, far = Stop((120.301, 22.60), NOW + timedelta(hours=5)), Stop((120.39, 22.70), NOW + timedelta(minutes=50))
    assert way([near, far], NOW, (120.3, 22.6)) == [1, 0]
    assert way([near, Stop(far.place, NOW + timedelta(hours=3))], NOW, (120.3, 22.6)) == [0, 1]


def test_without_a_start_the_way_begins_at_what_is_due_first():
    late = Stop((120.5, 22.9), NOW + timedelta(hours=2))
    assert way([Stop((120.3, 22.6), NOW + timedelta(hours=3)), late], NOW)[0] == 1
    assert way([], NOW) == []
