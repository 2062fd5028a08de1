import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test import RequestFactory

from foundation import ratelimit, tasks
from foundation.models import RateCount
from foundation.ratelimit import client_ip, knock, limit

MINUTE = 1_700_000_040  # a moment at which a minute begins


@pytest.fixture
def at():
    """``at(seconds)`` sets the clock to so many seconds after the minute began."""
    with time_machine.travel(MINUTE, tick=False) as traveller:
        yield lambda seconds: traveller.move_to(MINUTE + seconds)


def test_the_limit_and_not_one_more(db, at):
    assert [knock("door", "a", 3) for _ in range(3)] == [0, 0, 0]
    assert knock("door", "a", 3) > 0


def test_doors_and_clients_are_apart(db, at):
    assert knock("door", "a", 1) == 0
    assert knock("door", "b", 1) == 0
    assert knock("other", "a", 1) == 0
    assert knock("door", "a", 1) > 0


def test_no_burst_of_twice_the_limit_at_the_turn_of_a_minute(db, at):
    at(59)
    assert [knock("door", "a", 10) for _ in range(10)] == [0] * 10
    at(61)
    assert knock("door", "a", 10) > 0
    at(120)
    assert knock("door", "a", 10) == 0


@pytest.mark.parametrize("per_minute", [1, 2, 5, 60])
@pytest.mark.parametrize("second", [0, 1, 30, 59])
@pytest.mark.parametrize("knocks", [1, 3, 100])
def test_who_waits_as_long_as_told_is_let_in(db, at, per_minute, second, knocks):
    at(second)
    for _ in range(per_minute + knocks):
        wait = knock("door", "a", per_minute)
    assert 1 <= wait <= 120
    at(second + wait)
    assert knock("door", "a", per_minute) == 0


def test_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        knock("door", "a", 3)


def test_the_factor_of_a_load_test(db, at, settings):
    settings.CITYHALL_RATE_LIMIT_FACTOR = 2
    assert [bool(knock("door", "a", 2)) for _ in range(5)] == [False] * 4 + [True]


def test_there_is_no_exemption_for_this_machine(db, at):
    view = limit("door", 1)(lambda request: HttpResponse("in"))
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1")
    assert view(request).status_code == 200
    assert knock("door", "127.0.0.1", 1) > 0


@pytest.fixture
def page_429(settings):
    """A bare page 429, so that this test is about the limit and not about the house's look."""
    templates = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [("django.template.loaders.locmem.Loader", {"429.html": "請等 {{ wait }} 秒"})],
            },
        }
    ]
    settings.TEMPLATES = templates
    yield
    engines._templates = None


def test_the_page(db, at, page_429):
    view = limit("door", 1, methods={"POST"})(lambda request: HttpResponse("in"))
    get, post = RequestFactory().get("/"), RequestFactory().post("/")
    assert view(post).content == b"in"
    refused = view(post)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "120"
    assert "120" in refused.content.decode()
    assert view(get).content == b"in"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address", "expected"),
    [
        (0, "6.6.6.6", "10.0.0.1", "10.0.0.1"),  # anyone can write the header
        (1, "6.6.6.6, 203.0.113.9", "10.0.0.1", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1", "10.0.0.1"),  # it did not come through both
        (1, "", "10.0.0.1", "10.0.0.1"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, "", "::ffff:203.0.113.9", "203.0.113.9"),
        (0, "", "", ""),
        (1, "unix:", "10.0.0.1", "unix:"),
    ],
)
def test_client_ip(settings, trusted, forwarded, address, expected):
    settings.CITYHALL_TRUSTED_PROXIES = trusted
    request = RequestFactory().get("/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_ip(request) == expected


def test_no_address_lies_in_the_table(db):
    knock("door", "203.0.113.9", 3)
    assert "203" not in RateCount.objects.get().key or len(RateCount.objects.get().key) == 32


def test_the_table_is_unlogged(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'foundation_ratecount'")
        assert cursor.fetchone()[0] == "u"


def test_parallel_knocks_are_all_counted(transactional_db):
    start = threading.Barrier(4)

    def visit(_: int) -> int:
        start.wait()
        try:
            return sum(knock("door", "a", 20) == 0 for _ in range(10))
        finally:
            connection.close()

    with time_machine.travel(MINUTE, tick=False), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(visit, range(4))) == 20


def test_the_view_may_roll_back_and_the_count_stays(transactional_db):
    from django.db import transaction

    def view(request):
        with transaction.atomic():
            RateCount.objects.create(key="lost", minute=0, count=0, previous=0)
            raise ValueError

    with pytest.raises(ValueError):
        limit("door", 5)(view)(RequestFactory().get("/"))
    assert RateCount.objects.count() == 1


def test_old_counts_are_purged(db, at):
    knock("door", "old", 5)
    at(170)
    knock("door", "new", 5)
    tasks.purge_rate_counts(timestamp=0)
    assert RateCount.objects.count() == 2
    at(240)
    tasks.purge_rate_counts(timestamp=0)
    assert RateCount.objects.count() == 1


def test_a_client_behind_a_sign_in_counts_for_itself(db):
    class Someone:
        pk, is_authenticated = 7, True

    request = RequestFactory().get("/")
    assert ratelimit.client_user(request) == "127.0.0.1"
    request.user = Someone()
    assert ratelimit.client_user(request) == "user 7"
