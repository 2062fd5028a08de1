"""Which reports and sections: by who may see them, by where they stand."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from annualreport.states import OPEN
from organisation.permissions import grants_of

READ = "annualreport:read"
AUTHORS = frozenset({READ, "annualreport:write"})  # what an author may do with a section of another unit


def within(user, deed: str, prefix: str = "") -> Q:
    """The condition that a section lies where a person's roles allow a deed; nobody's for none."""
    scope = grants_of(user).scope(deed)
    if scope.city:
        return Q()
    reach = Q(**{f"{prefix}unit_id__in": scope.units}) | Q(**{f"{prefix}unit__agency_id__in": scope.agencies})
    return reach | Q(**{f"{prefix}author_id": user.pk}) if scope and deed in AUTHORS else reach


class ReportQuerySet(models.QuerySet):
    """Reports that are compiled or published."""

    def visible_to(self, user) -> ReportQuerySet:
        """Those of which a person may see a section."""
        condition = within(user, READ, "sections__")
        return self.filter(condition).distinct() if condition else self

    def newest(self) -> ReportQuerySet:
        """The latest period first."""
        return self.order_by("-period", "kind_code")


class SectionQuerySet(models.QuerySet):
    """Sections of reports."""

    def visible_to(self, user, deed: str = READ) -> SectionQuerySet:
        """The sections that a person's roles reach."""
        return self.filter(within(user, deed))

    def for_list(self) -> SectionQuerySet:
        """With what a list shows of each, in one statement."""
        return self.select_related("report", "unit__agency", "author")

    def waiting_for(self, user) -> SectionQuerySet:
        """Those that a person is to write: as their author, or where nobody is and their unit writes."""
        units = grants_of(user).scope("annualreport:write").units
        return self.to_be_written().filter(Q(author_id=user.pk) | Q(author=None, unit_id__in=units))

    def to_be_written(self) -> SectionQuerySet:
        """Those that somebody is asked to write, or to write again."""
        return self.filter(state__in=OPEN)

    def to_be_reminded(self, on: date, soon: date) -> SectionQuerySet:
        """Those to be written by ``soon`` of which nobody was reminded on or after ``on``."""
        return self.to_be_written().filter(Q(reminded_on=None) | Q(reminded_on__lt=on), due_on__lte=soon)


class VersionQuerySet(models.QuerySet):
    """Versions of sections' texts."""

    def of(self, section) -> VersionQuerySet:
        """Those of one section, the newest first."""
        return self.filter(section=section).select_related("by").order_by("-number")

    def newest_of(self, report) -> VersionQuerySet:
        """The newest of each section of a report."""
        return (
            self.filter(section__report=report)
            .select_related("by")
            .order_by("section_id", "-number")
            .distinct("section_id")
        )


class EventQuerySet(models.QuerySet):
    """What happened to sections."""

    def of(self, section) -> EventQuerySet:
        """What happened to one, the latest first."""
        return self.filter(section=section).select_related("by").order_by("-at", "-pk")


class PhotoQuerySet(models.QuerySet):
    """Photos of sections."""

    def visible_to(self, user) -> PhotoQuerySet:
        """What is published is everybody's; before that, those who see the section."""
        if not getattr(user, "is_authenticated", False):
            return self.filter(is_published=True)
        condition = within(user, READ, "section__")  # empty: all of the city
        return self.filter(Q(is_published=True) | condition) if condition else self

    def of(self, section) -> PhotoQuerySet:
        """Those of one section, by name."""
        return self.filter(section=section).select_related("section").order_by("name")

    def in_report(self, report) -> PhotoQuerySet:
        """Those of all sections of a report."""
        return self.filter(section__report=report).order_by("name")


class PublicationQuerySet(models.QuerySet):
    """Published versions of reports."""

    def visible_to(self, user) -> PublicationQuerySet:
        """What is published is everybody's."""
        return self

    def of(self, kind: str, period: str) -> PublicationQuerySet:
        """Those of one report, the newest first, without their long documents."""
        return self.of_report(report__kind_code=kind, report__period=period)

    def of_report(self, **report) -> PublicationQuerySet:
        """The same, by any facts of the report."""
        return self.filter(**report).select_related("report", "by").defer("documents").order_by("-number")

    def newest(self) -> PublicationQuerySet:
        """The newest of each report, without their documents."""
        return self.select_related("report").defer("documents").order_by("report_id", "-number").distinct("report_id")


class DispatchQuerySet(models.QuerySet):
    """To whom published reports were sent."""

    def of(self, report) -> DispatchQuerySet:
        """Those of one report, the latest first."""
        found = self.filter(publication__report=report).select_related("publication", "by")
        return found.defer("publication__documents").order_by("-on", "-pk")


class RecipientQuerySet(models.QuerySet):
    """Standing recipients."""

    def visible_to(self, user) -> RecipientQuerySet:
        """All of them for who compiles reports."""
        return self if grants_of(user).has("city:annualreport:compile") else self.none()

    def of(self, kind: str) -> RecipientQuerySet:
        """Those of a kind of report, by sort and name."""
        return self.filter(kind_code=kind).order_by("sort", "name")

    def by_mail(self, kind: str) -> RecipientQuerySet:
        """Those of a kind that are sent a file."""
        return self.of(kind).exclude(form="paper")


def with_progress(reports: ReportQuerySet, today: date) -> ReportQuerySet:
    """Reports with how many sections each has, how many are final, and how many are late."""
    late = Q(sections__state__in=OPEN, sections__due_on__lt=today)
    count = models.Count
    return reports.annotate(
        total=count(F("sections"), distinct=True),
        final=count(F("sections"), filter=Q(sections__state="final"), distinct=True),
        late=count(F("sections"), filter=late, distinct=True),
    )
