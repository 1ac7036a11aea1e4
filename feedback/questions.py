"""What villagers are asked in an evaluation: the questions and their answers, by code.

The topic questions' words belong to the round; everything else is the same everywhere, so that
rounds and counties can be laid beside each other.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Question(models.TextChoices):
    """A question by the name it is stored and counted under."""

    VISITED = "visited", _("somebody came")
    TOPIC_1 = "topic1", _("first topic")
    TOPIC_2 = "topic2", _("second topic")
    TOPIC_3 = "topic3", _("third topic")
    VISITS = "visits", _("satisfied with the visits")
    MATTERS = "matters", _("satisfied with how problems are handled")


TOPICS = (Question.TOPIC_1, Question.TOPIC_2, Question.TOPIC_3)
GRADED = (Question.VISITS, Question.MATTERS)


class Visited(models.IntegerChoices):
    """Did somebody from the contact unit come?"""

    YES = 1, _("Yes")
    NO = 2, _("No")
    UNSURE = 3, _("I do not know")


class Grade(models.IntegerChoices):
    """Five grades of satisfaction."""

    VERY_SATISFIED = 5, _("Very satisfied")
    SATISFIED = 4, _("Satisfied")
    NEITHER = 3, _("So-so")
    DISSATISFIED = 2, _("Not satisfied")
    VERY_DISSATISFIED = 1, _("Not satisfied at all")


OPTIONS = 4  # of a topic question; one of them is right
DO_NOT_KNOW = OPTIONS + 1  # of a topic question
NOTHING_RAISED = 6  # of `matters`: had no problem to raise; not a grade, so not among those asked

# The highest choice of each question; the lowest is 1 and nothing means it was left out.
HIGHEST = {
    Question.VISITED: Visited.UNSURE,
    Question.TOPIC_1: DO_NOT_KNOW,
    Question.TOPIC_2: DO_NOT_KNOW,
    Question.TOPIC_3: DO_NOT_KNOW,
    Question.VISITS: Grade.VERY_SATISFIED,
    Question.MATTERS: NOTHING_RAISED,
}
