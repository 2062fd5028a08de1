import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from identity.factories import person
from identity.models import User

pytestmark = pytest.mark.django_db


def test_one_account_a_name_whatever_the_capitals() -> None:
    mei = person(" Mei.Lin@Example.TW ")
    assert mei.username == "mei.lin@example.tw"
    assert User.objects.get_by_natural_key("MEI.LIN@example.tw") == mei
    assert User.objects.named("ＭＥＩ.lin@example.tw") == mei
    assert User.objects.named("mei") is None
    with pytest.raises(IntegrityError), transaction.atomic():
        person("mei.lin@EXAMPLE.tw")


@pytest.mark.parametrize("username", ["Mei", "m", "-mei", "mei lin", "林美", "mei/../x", "x" * 65, ""])
def test_the_database_refuses_other_spellings(username: str) -> None:
    user = person("mei")
    with pytest.raises(ValidationError):
        User(username=username, name="林", password="x").full_clean()
    with pytest.raises(Exception, match=r"user_username_canonical|too long"), transaction.atomic():
        User.objects.visible_to(user).filter(pk=user.pk).update(username=username)


def test_the_database_refuses_a_language_that_the_pages_do_not_speak() -> None:
    user = person()
    with pytest.raises(IntegrityError, match="user_language_known"), transaction.atomic():
        User.objects.visible_to(user).update(language="xx")
    assert User.objects.visible_to(user).update(language="en") == 1


def test_passwords_are_argon2_and_none_means_none() -> None:
    with_one, without = person(password="a harbour at dawn"), person()
    assert with_one.password.startswith("argon2")
    assert with_one.check_password("a harbour at dawn") and not with_one.check_password("")
    assert not without.has_usable_password() and not without.check_password("")


def test_people_see_themselves_and_the_keeper_of_accounts_sees_all(holder) -> None:
    keeper, officer = holder("system_administrator"), holder("case_officer")
    assert set(User.objects.visible_to(keeper)) == {keeper, officer}
    assert set(User.objects.visible_to(officer)) == {officer}
