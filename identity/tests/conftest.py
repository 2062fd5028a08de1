from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.factories import person
from identity.models import User
from identity.tests import grants, letters


@pytest.fixture(autouse=True)
def _grants(settings: Any) -> Any:
    settings.GRANTS = "identity.tests.grants.grants_of"
    settings.LANDING = "identity.tests.grants.work_of"
    settings.HOUSE_WORDS = ""
    settings.LETTERS = "identity.tests.letters.keep"
    yield
    grants.HELD.clear()
    letters.SENT.clear()


@pytest.fixture
def holder(db: None) -> Callable[..., User]:
    """``holder("auditor")``: a person who holds that role."""

    def holder(*roles: str, **fields: Any) -> User:
        user = person(**fields)
        grants.HELD[user.pk] = set(roles)
        return user

    return holder


def queries(client: Client, address: str) -> int:
    """How many statements a page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def as_(holder: Callable[..., User]) -> Callable[..., Client]:
    """``as_("auditor")``: the browser of a person who holds that role; ``as_(user)``: of that person."""

    def as_(who: str | User) -> Client:
        client = Client()
        client.force_login(holder(who) if isinstance(who, str) else who)
        return client

    return as_
