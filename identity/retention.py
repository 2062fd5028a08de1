"""Sessions that have run out: whom they belonged to is nobody's business any more."""

from django.utils.translation import gettext_lazy as _

from foundation.retention import Holding, declare
from identity.models import Session

declare(
    Holding(
        "identity.sessions",
        _("已失效的登入狀態"),
        "retention_sessions",
        due=lambda before: Session.objects.filter(expire_date__lt=before),
        forget=lambda keys: Session.objects.filter(pk__in=keys).delete(),
    )
)
