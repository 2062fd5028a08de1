"""Nobody gives or takes their own roles, by whatever door."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from identity.factories import person
from organisation.actions import appoint, dismiss
from organisation.models import Membership

pytestmark = pytest.mark.django_db


def test_nobody_appoints_or_dismisses_themselves():
    admin, other = person("admin"), person("other")
    for each in (admin, other):
        appoint(None, each, "system_administrator", since=date(2020, 1, 1))
    with pytest.raises(PermissionDenied):
        appoint(admin, admin, "controller", since=date(2022, 1, 1))
    assert not Membership.objects.filter(role="controller").exists()
    held = appoint(admin, other, "controller", since=date(2022, 1, 1))
    with pytest.raises(PermissionDenied):
        dismiss(other, held, date(2022, 2, 1))
    dismiss(admin, held, date(2022, 2, 1))
    assert Membership.objects.get(role="controller").until == date(2022, 2, 1)
