from collections.abc import Callable

import pytest
from django.test import Client

from identity.models import User


@pytest.fixture
def sign_in() -> Callable[[User | None], Client]:
    """``sign_in(user)``: a browser of theirs; of nobody's without a user."""

    def sign_in(user: User | None = None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return sign_in
