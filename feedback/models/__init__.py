"""What a visit brought: its feedback, the matters it raised, the versions of its record."""

from feedback.models.agenda import AgendaTopic
from feedback.models.evidence import MatterFile
from feedback.models.feedback import Feedback, Review, ReviewPhrase
from feedback.models.matters import Matter, MatterCategory, MatterEvent, MatterRoute
from feedback.models.receipts import CallBack, ReceiptTries
from feedback.models.records import RecordVersion
from feedback.models.suggestions import SuggestionAnswer

__all__ = [
    "AgendaTopic",
    "CallBack",
    "Feedback",
    "Matter",
    "MatterCategory",
    "MatterEvent",
    "MatterFile",
    "MatterRoute",
    "ReceiptTries",
    "RecordVersion",
    "Review",
    "ReviewPhrase",
    "SuggestionAnswer",
]
