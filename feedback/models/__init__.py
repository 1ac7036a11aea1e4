"""What a visit brought: its feedback, the matters it raised, the versions of its record."""

from feedback.models.agenda import AgendaTopic
from feedback.models.co_handlers import CoHandler
from feedback.models.evidence import MatterFile
from feedback.models.feedback import Feedback, Review, ReviewPhrase
from feedback.models.matters import Matter, MatterCategory, MatterEvent, MatterRoute
from feedback.models.receipts import CallBack, ReceiptTries
from feedback.models.records import RecordVersion
from feedback.models.suggestions import EarlierReply, SuggestionAnswer

__all__ = [
    "AgendaTopic",
    "CallBack",
    "CoHandler",
    "EarlierReply",
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
