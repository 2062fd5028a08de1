"""Addresses of figures: a code has a dot in it (servicerequests.petitions), a period is 2022, 2022-08 or 2022-08-05."""

from django.urls import path, register_converter

from figures.api import values
from figures.pages import catalogue, closing, entering, figure, period, quality, records, shares, target
from figures.registry import Figure, Period, registry


class FigureConverter:
    """A declared figure by its code; an unknown one is not found."""

    regex = r"[a-z]+(?:\.[a-z][a-z0-9_]*)+"

    def to_python(self, text: str) -> Figure:
        try:
            return registry.figure(text)
        except LookupError as error:
            raise ValueError(text) from error

    def to_url(self, figure: Figure | str) -> str:
        return figure if isinstance(figure, str) else figure.code


class PeriodConverter:
    """A period by its code; a day that the calendar does not have is not found."""

    regex = r"[0-9]{4}(?:-[0-9]{2}){0,2}"

    def to_python(self, text: str) -> Period:
        return Period.parse(text)

    def to_url(self, period: Period | str) -> str:
        return str(period)


register_converter(FigureConverter, "figure")
register_converter(PeriodConverter, "period")

urlpatterns = [
    path("api/figures/", values.catalogue, name="api-figures"),
    path("api/figures/openapi.json", values.openapi, name="api-figures-openapi"),
    path("api/figures/values", values.values, name="api-figures-values"),
    path("api/figures/<str:code>/", values.figure, name="api-figure"),
    path("api/figures/<str:code>/forecast", values.forecast, name="api-figure-forecast"),
    path("figures/", catalogue.figures, name="figures"),
    path("figures/closing/", closing.closing, name="figures-closing"),
    path("figures/manual/", entering.entries, name="figures-entries"),
    path("figures/manual/import/", entering.bring, name="figures-entries-import"),
    path("figures/quality/", quality.quality, name="figures-quality"),
    path("figures/shares/", shares.share_sets, name="figures-shares"),
    path("figures/shares/<str:code>/", shares.share_set, name="figure-shares"),
    path("figures/<figure:figure>/", figure.definition, name="figure"),
    path("figures/<figure:figure>/evidence/<int:pk>/", entering.evidence, name="figure-evidence"),
    path("figures/<figure:figure>/<period:period>/", period.reading, name="figure-period"),
    path("figures/<figure:figure>/<period:period>/entry/", entering.entry, name="figure-entry"),
    path("figures/<figure:figure>/<period:period>/target/", target.target, name="figure-target"),
    path("figures/<figure:figure>/<period:period>/recount/", period.recount, name="figure-recount"),
    path("figures/<figure:figure>/<period:period>/table.csv", period.download, name="figure-table-csv"),
    path("figures/<figure:figure>/<period:period>/records/", records.records, name="figure-records"),
    path("figures/<figure:figure>/<period:period>/records.csv", records.download, name="figure-records-csv"),
]
