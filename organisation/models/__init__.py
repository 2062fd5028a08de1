"""The city's own order: who belongs where, which place is which, and which days count."""

from organisation.models.agency import Agency
from organisation.models.authority_event import AuthorityEvent
from organisation.models.calendar_override import CalendarOverride
from organisation.models.city import City
from organisation.models.deputyship import Deputyship
from organisation.models.district import District
from organisation.models.membership import Membership
from organisation.models.nomination import Nomination
from organisation.models.post import Post
from organisation.models.staff_record import StaffRecord
from organisation.models.storm import Storm
from organisation.models.unit import Unit
from organisation.models.village import Village

__all__ = [
    "Agency",
    "AuthorityEvent",
    "CalendarOverride",
    "City",
    "Deputyship",
    "District",
    "Membership",
    "Nomination",
    "Post",
    "StaffRecord",
    "Storm",
    "Unit",
    "Village",
]
