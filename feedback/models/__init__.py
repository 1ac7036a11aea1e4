"""What a visit brought, what villagers raise, and what they answer when they are asked."""

from feedback.models.agenda import AgendaTopic
from feedback.models.answers import (
    EvaluationCard,
    EvaluationCount,
    EvaluationText,
    PaperSheet,
    WaitingAnswer,
)
from feedback.models.clarifications import Clarification
from feedback.models.co_handlers import CoHandler
from feedback.models.evidence import MatterFile
from feedback.models.feedback import Feedback, Review, ReviewPhrase
from feedback.models.matters import Matter, MatterCategory, MatterEvent, MatterRoute
from feedback.models.opinions import Opinion, OpinionCall
from feedback.models.receipts import CallBack
from feedback.models.records import RecordVersion
from feedback.models.rounds import (
    EvaluationRound,
    RoundVillage,
    SampledHousehold,
    TopicQuestion,
)
from feedback.models.suggestions import EarlierReply, SuggestionAnswer
from feedback.models.tries import Tries

__all__ = [
    "AgendaTopic",
    "CallBack",
    "Clarification",
    "CoHandler",
    "EarlierReply",
    "EvaluationCard",
    "EvaluationCount",
    "EvaluationRound",
    "EvaluationText",
    "Feedback",
    "Matter",
    "MatterCategory",
    "MatterEvent",
    "MatterFile",
    "MatterRoute",
    "Opinion",
    "OpinionCall",
    "PaperSheet",
    "RecordVersion",
    "Review",
    "ReviewPhrase",
    "RoundVillage",
    "SampledHousehold",
    "SuggestionAnswer",
    "TopicQuestion",
    "Tries",
    "WaitingAnswer",
]
