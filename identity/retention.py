"""Sessions that have run out, registrations that nobody confirmed, and browsers that nobody used any more."""

from django.utils.translation import gettext_lazy as _

from foundation.retention import Holding, declare
from identity.models import AddressProof, KnownDevice, PhoneProof, Session

declare(
    Holding(
        "identity.sessions",
        _("已失效的登入狀態"),
        "retention_sessions",
        due=lambda before: Session.objects.filter(expire_date__lt=before),
        forget=lambda keys: Session.objects.filter(pk__in=keys).delete(),
    )
)
declare(
    Holding(
        "identity.registrations",
        _("沒有確認的註冊與確認信"),
        "retention_registrations",
        due=lambda before: AddressProof.objects.filter(expires_at__lt=before),
        forget=lambda keys: AddressProof.objects.filter(pk__in=keys).delete(),
    )
)
declare(
    Holding(
        "identity.phones",
        _("手機號碼的驗證碼"),
        "retention_registrations",
        due=lambda before: PhoneProof.objects.filter(expires_at__lt=before),
        forget=lambda keys: PhoneProof.objects.filter(pk__in=keys).delete(),
    )
)
declare(
    Holding(
        "identity.devices",
        _("很久沒有用的登入裝置"),
        "retention_devices",
        due=lambda before: KnownDevice.objects.filter(last_at__lt=before),
        forget=lambda keys: KnownDevice.objects.filter(pk__in=keys).delete(),
    )
)
