from cases.models.answer_template import AnswerTemplate
from cases.models.attachment import Attachment
from cases.models.case import Case
from cases.models.contact import Contact
from cases.models.contribution import Contribution
from cases.models.event import CaseEvent
from cases.models.follower import Follower
from cases.models.hold import LegalHold
from cases.models.proposal import Endorsement, Proposal, Version
from cases.models.redaction import Redaction
from cases.models.routing import RoutingCancellation, RoutingDraft, RoutingVersion
from cases.models.saved_view import SavedView

__all__ = [
    "AnswerTemplate",
    "Attachment",
    "Case",
    "CaseEvent",
    "Contact",
    "Contribution",
    "Endorsement",
    "Follower",
    "LegalHold",
    "Proposal",
    "Redaction",
    "RoutingCancellation",
    "RoutingDraft",
    "RoutingVersion",
    "SavedView",
    "Version",
]
