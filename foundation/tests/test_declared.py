"""Declarations are kept by code, once."""

from typing import NamedTuple

import pytest
from django.core.exceptions import ImproperlyConfigured

from foundation.declared import Declared


class Dish(NamedTuple):
    code: str


def test_each_code_is_declared_once_and_looked_up_by_name():
    dishes = Declared[Dish]("dish")
    with pytest.raises(LookupError, match="no dish 'soup' is declared; there are: none"):
        dishes.named("soup")
    soup, rice = dishes.add(Dish("soup")), dishes.add(Dish("rice"))
    assert dishes.named("soup") is soup
    assert dishes.in_order() == [rice, soup]
    with pytest.raises(ImproperlyConfigured, match="dish 'soup' is declared twice"):
        dishes.add(Dish("soup"))
    with pytest.raises(LookupError, match="no dish 'tea' is declared; there are: rice, soup"):
        dishes.named("tea")
