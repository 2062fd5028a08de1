from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from foundation.offline import keep


class ServiceRequestsConfig(AppConfig):
    name = "servicerequests"
    verbose_name = _("派工與陳情")

    def ready(self) -> None:
        # Declared when the program starts, like kinds and figures: what pages need without a connection.
        keep("app", "servicerequests/app.js", "servicerequests/app.css", "servicerequests/photos.js")
        keep("crew", *(f"servicerequests/{name}.js" for name in ("crew", "nearest", "waiting")))
