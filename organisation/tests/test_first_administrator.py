"""The account that makes all others."""

import pytest
from django.core.management import CommandError, call_command

from identity.models import User
from organisation.management.commands import first_administrator
from organisation.permissions import grants_of

pytestmark = pytest.mark.django_db


def test_there_is_one_first_administrator(monkeypatch, capsys):
    monkeypatch.setattr(first_administrator, "getpass", lambda prompt: "short")
    with pytest.raises(CommandError):
        call_command("first_administrator", "chen", name="陳大文")
    assert not User.objects.exists()
    monkeypatch.setattr(first_administrator, "getpass", lambda prompt: "a-long-and-good-one")
    call_command("first_administrator", "chen", name="陳大文")
    user = User.objects.get(username="chen")
    assert user.check_password("a-long-and-good-one") and grants_of(user).has("city:users:manage")
    with pytest.raises(CommandError):
        call_command("first_administrator", "lin", name="林小明")
