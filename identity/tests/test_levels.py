"""The level of a session."""

from types import SimpleNamespace

import pytest

from identity.levels import METHODS, level, reached


def _request(signed_in: bool = True):
    return SimpleNamespace(session={}, user=SimpleNamespace(is_authenticated=signed_in))


def test_a_session_keeps_its_highest_level_and_each_method_once():
    request = _request()
    assert level(request) == 1
    reached(request, 3, "fido")
    reached(request, 1, "password")
    reached(request, 3, "fido")
    assert level(request) == 3
    assert [method for method, _at in request.session[METHODS]] == ["password", "fido"]
    assert all(isinstance(at, int) and at > 0 for _method, at in request.session[METHODS])


def test_nobody_has_a_level_and_none_is_above_three():
    assert level(_request(signed_in=False)) == 0
    for wrong in (0, 4):
        with pytest.raises(ValueError, match="level"):
            reached(_request(), wrong, "fido")
