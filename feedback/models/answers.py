"""The right to answer, and answers, so kept that nothing joins the two (assurance: P-05).

No row here knows a person, a household, a time or the network it came from. Cards and answers of a
village are written anew together with each answer (`feedback.services.answering`), so that they
carry one transaction and no order. Answers become counts as soon as there are enough of them.

They have no constraints of the database to rounds and villages: checking one leaves a mark of the
transaction on the row that is pointed to.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contact_points.models import Township, Village
from feedback.models.rounds import EvaluationRound
from feedback.questions import HIGHEST, Question


def _choice(question: Question) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(question.label, null=True, blank=True)


def _choices_check(name: str) -> models.CheckConstraint:
    known = Q()
    for question, highest in HIGHEST.items():
        known &= Q(**{question: None}) | Q(
            **{f"{question}__gte": 1, f"{question}__lte": int(highest)}
        )
    return models.CheckConstraint(name=name, condition=known)


def _pointer(to: type[models.Model]) -> Any:
    """Without an index of its own: with each answer all rows of a village are written into each."""
    return models.ForeignKey(
        to, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


class EvaluationCard(models.Model):
    """The right to answer once. The card's code stands on paper only, here its mark."""

    mark = models.CharField(max_length=64, primary_key=True)
    round = _pointer(EvaluationRound)
    village = _pointer(Village)
    spent = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        indexes = [models.Index(fields=["round", "village"], name="evaluation_card_village")]

    def __str__(self):
        return "-"


class Answers(models.Model):
    """What one sheet or page says; a question left out has nothing."""

    visited = _choice(Question.VISITED)
    topic1 = _choice(Question.TOPIC_1)
    topic2 = _choice(Question.TOPIC_2)
    topic3 = _choice(Question.TOPIC_3)
    visits = _choice(Question.VISITS)
    matters = _choice(Question.MATTERS)
    text = models.CharField(_("in their own words"), max_length=500, blank=True)

    class Meta:
        abstract = True

    def __str__(self):
        return "-"


class WaitingAnswer(Answers):
    """An answer until it is counted together with at least four others of its village."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = _pointer(EvaluationRound)
    village = _pointer(Village)

    class Meta:
        verbose_name = _("waiting answer")
        verbose_name_plural = _("waiting answers")
        indexes = [models.Index(fields=["round", "village"], name="waiting_answer_village")]
        constraints = [_choices_check("waiting_answer_choices")]


class PaperSheet(Answers):
    """A sheet while it is being typed in; settled, its answers wait with the others.

    The number is written on the paper by whoever types it; the sheet's card is spent apart.
    """

    round = models.ForeignKey(EvaluationRound, models.PROTECT, related_name="sheets")
    village = models.ForeignKey(Village, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("sheet number"))
    typed_by = models.ForeignKey("outreach.User", models.PROTECT, related_name="+")
    # One in ten is typed by a second person, who does not see the first one's typing.
    needs_second = models.BooleanField(default=False)
    second = models.JSONField(null=True, blank=True)
    second_by = models.ForeignKey("outreach.User", models.PROTECT, null=True, related_name="+")
    # How many answers the two had differently; nothing until it was typed twice.
    differences = models.PositiveSmallIntegerField(null=True)
    is_settled = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("paper sheet")
        verbose_name_plural = _("paper sheets")
        ordering = ["round", "village", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "village", "number"],
                name="paper_sheet_once",
                violation_error_message=_("This sheet was typed in already."),
            ),
            _choices_check("paper_sheet_choices"),
            # What was on it belongs to nobody any more.
            models.CheckConstraint(
                name="paper_sheet_settled_empty",
                condition=Q(is_settled=False)
                | Q(
                    text="",
                    second=None,
                    **dict.fromkeys(Question.values),
                ),
            ),
        ]


class EvaluationCount(models.Model):
    """How many answered a question in one way. All that stays of the answers.

    Without a village: of villages of the township with too few answers to be told apart; without a
    township: of such townships of the county.
    """

    round = models.ForeignKey(EvaluationRound, models.PROTECT, related_name="counts")
    township = models.ForeignKey(Township, models.PROTECT, null=True, related_name="+")
    village = models.ForeignKey(Village, models.PROTECT, null=True, related_name="+")
    # Empty, with choice 0: how many answers there are, whatever they left out.
    question = models.CharField(max_length=7, choices=Question, blank=True)
    choice = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("count of answers")
        verbose_name_plural = _("counts of answers")
        ordering = ["round", "township", "village", "question", "choice"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "township", "village", "question", "choice"],
                name="evaluation_count_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="evaluation_count_place",
                condition=Q(village=None) | Q(township__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.question} {self.choice}: {self.count}"


class EvaluationText(models.Model):
    """What somebody wrote, parted from everything else they answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    round = models.ForeignKey(EvaluationRound, models.PROTECT, related_name="texts")
    township = models.ForeignKey(Township, models.PROTECT, null=True, related_name="+")
    text = models.CharField(_("in their own words"), max_length=500)

    class Meta:
        verbose_name = _("text of an answer")
        verbose_name_plural = _("texts of answers")

    def __str__(self):
        return self.text
