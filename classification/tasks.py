"""Jobs of the models. Each may run twice or late without harm."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from classification.actions import train
from classification.models import InForce
from classification.registry import classifiers
from foundation.jobs import periodic


@periodic("*/10 * * * *", _("分類模型：第一次訓練"))
def train_first(timestamp: int = 0) -> int:
    """Every ten minutes: what has no version yet, such as in a new city hall; returns how many versions."""
    there = set(InForce.objects.now().values_list("classifier", flat=True))
    return _train(code for code in codes() if code not in there)


@periodic("37 18 * * *", _("分類模型：每晚訓練"))
def retrain(timestamp: int = 0) -> int:
    """Every night (18:37 UTC is 02:37 in Taipei): learn from what was closed since; returns how many versions."""
    return _train(codes())


def codes() -> list[str]:
    """All classifiers."""
    return [each.code for each in classifiers()]


def _train(codes: Iterable[str]) -> int:
    return sum(train(code) is not None for code in codes)
