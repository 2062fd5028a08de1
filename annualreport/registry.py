"""The chapters that the yearly results report has so far, in its order."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Chapter:
    """A chapter: its place in the report, its title, and the figures that it prints (all must be declared).

    ``tabled``: the figures whose tables by kind and by month close the chapter, if it has such tables.
    """

    number: int
    mark: str | Promise
    title: str | Promise
    template: str
    figures: tuple[str, ...]
    tabled: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """``伍、為民服務``; ``5. Services to the public`` in English."""
        return gettext("%(mark)s、%(title)s") % {"mark": self.mark, "title": self.title}


CHAPTERS = {
    4: Chapter(
        4,
        _("肆"),
        _("公共工程"),
        "annualreport/chapters/works.html",
        (
            "publicworks.citizen_reports",
            "publicworks.citizen_reports_closed",
            "publicworks.citizen_reports_rated",
            "publicworks.citizen_reports_satisfaction",
            "publicworks.citizen_reports_in_construction",
            "publicworks.citizen_reports_inspected",
            "publicworks.citizen_reports_inspected_rate",
        ),
    ),
    5: Chapter(
        5,
        _("伍"),
        _("為民服務－聯合服務業務"),
        "annualreport/chapters/service.html",
        (
            "servicerequests.petitions",
            "servicerequests.dispatches",
            "servicerequests.dispatches_monthly_mean",
            "servicerequests.dispatch_sla_hours",
            "servicerequests.app_cases",
            "servicerequests.done",
            "servicerequests.done_on_time",
            "servicerequests.on_time_rate",
            "servicerequests.median_hours",
        ),
        ("servicerequests.requests", "servicerequests.done", "servicerequests.on_time_rate"),
    ),
}
