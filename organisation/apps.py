from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganisationConfig(AppConfig):
    name = "organisation"

    def ready(self) -> None:
        from identity.registry import declare_more

        declare_more(
            "user",
            {
                "employee_number": _("員工編號"), "external_id": _("人事系統的識別碼"), "title": _("職稱"),
                "organization": _("機關"), "department": _("單位"), "manager": _("主管"), "since": _("到職日"),
                "until": _("離職日"), "groups": _("職務"),
            },
        )  # fmt: skip
