"""The nightly job. It may run twice or late without harm."""

from django.utils.translation import gettext_lazy as _

from foundation.jobs import periodic
from retention import actions


@periodic("7 19 * * *", _("個人資料：清除保存期滿的"))
def keep_terms(timestamp: int = 0) -> None:
    """Every night (19:07 UTC: 03:07 in Taipei): let go of what has had its term."""
    actions.run()
