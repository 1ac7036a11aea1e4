"""Forms of an evaluation round: what is asked, where, and what ends it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import EvaluationRound, TopicQuestion
from feedback.models.rounds import FEWEST
from feedback.services.rounds import TopicWording
from outreach import clock
from outreach.forms import CrispyMixin, DayInput
from visits.models import Topic

QUESTIONS = 3
_SHOWN_MONTHS = 12
_DAYS_TO_ANSWER = 21
_TITLE = 60  # characters of a topic's title that a proposed question has room for


Months = tuple[date, date]


def _name(months: Months) -> str:
    """Months as the form sends them: 2026-04, 2026-01/2026-03."""
    first, last = (f"{month:%Y-%m}" for month in months)
    return first if first == last else f"{first}/{last}"


def _read(text: str) -> Months | None:
    try:
        first, *more = (date.fromisoformat(f"{part}-01") for part in text.split("/"))
        last = more[0] if more else first
        clock.add_months(last, 1)  # whoever reads these months asks for the one after, too
    except ValueError:
        return None
    return (first, last) if first <= last else None


def _shown(months: Months) -> str:
    first, last = (date_format(month, "YEAR_MONTH_FORMAT") for month in months)
    return first if first == last else f"{first} – {last}"


def _last_month() -> Months:
    month = clock.add_months(clock.this_month(), -1)
    return month, month


def _offered() -> list[Months]:
    """Single months, newest first, then the quarters that are over."""
    months = [clock.add_months(clock.this_month(), -n) for n in range(_SHOWN_MONTHS)]
    ends = [month for month in months[1:] if month.month % 3 == 0]
    return [(one, one) for one in months] + [(clock.add_months(end, -2), end) for end in ends]


class RoundForm(forms.Form):
    """Months, villages, households, and until when answers come in."""

    months = forms.ChoiceField(label=gettext_lazy("About"))
    villages_to_draw = forms.IntegerField(
        label=gettext_lazy("Villages to draw"),
        required=False,
        min_value=1,
        max_value=32767,
        help_text=gettext_lazy("Empty: every village that is a contact point in these months."),
    )
    households_per_village = forms.IntegerField(
        label=gettext_lazy("Households a village"), initial=12, min_value=FEWEST, max_value=100
    )
    closes_on = forms.DateField(label=gettext_lazy("Answers until"), widget=DayInput())
    asks_text = forms.BooleanField(
        label=gettext_lazy("Ask for a few words of their own, too"), required=False, initial=True
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        offered = _offered()
        # A draft keeps months that are not offered any more.
        kept = _read(self.initial["months"])
        if kept and kept not in offered:
            offered.append(kept)
        choices = [(_name(months), _shown(months)) for months in offered]
        self.fields["months"].choices = choices  # type: ignore[attr-defined]

    def content(self) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        del data["seen"]
        first, last = _read(data.pop("months")) or _last_month()
        return data | {"first_month": first, "last_month": last}


class QuestionForm(forms.Form):
    """A question about a topic; one without a word is not asked."""

    topic = forms.ModelChoiceField(
        Topic.objects.none(),
        label=gettext_lazy("Topic"),
        required=False,
        empty_label=gettext_lazy("no question"),
    )
    text = forms.CharField(label=gettext_lazy("Question"), max_length=80, required=False)
    right = forms.CharField(label=gettext_lazy("The right answer"), max_length=40, required=False)
    wrong1 = forms.CharField(label=gettext_lazy("A wrong answer"), max_length=40, required=False)
    wrong2 = forms.CharField(label=gettext_lazy("Another one"), max_length=40, required=False)
    wrong3 = forms.CharField(label=gettext_lazy("A third one"), max_length=40, required=False)

    ANSWERS = ("right", "wrong1", "wrong2", "wrong3")
    WORDS = ("text", *ANSWERS)

    def __init__(self, *args: Any, topics: QuerySet[Topic], proposals: set[str], **kwargs: Any):
        """`topics` can be chosen; `proposals` are the words that nobody wrote."""
        super().__init__(*args, **kwargs)
        self.fields["topic"].queryset = topics  # type: ignore[attr-defined]
        self.proposals = proposals

    def clean(self) -> dict[str, Any]:
        """Proposed words are about the topic that is chosen; without an answer they ask nothing."""
        data = super().clean() or self.cleaned_data
        topic = data.get("topic")
        if data.get("text") in self.proposals:
            answered = any(data.get(name) for name in self.ANSWERS)
            data["text"] = proposal(topic) if topic and answered else ""
        written = [name for name in self.WORDS if data.get(name)]
        if written and not data.get("topic") and "topic" not in self.errors:
            self.add_error("topic", _("Choose what the question is about."))
        for name in self.WORDS:
            if written and name not in written and name not in self.errors:
                self.add_error(name, _("Write this, too, or empty the whole question."))
        return data

    @property
    def asked(self) -> TopicWording | None:
        data = self.cleaned_data
        if not data["topic"] or not data["text"]:
            return None
        wrong = (data["wrong1"], data["wrong2"], data["wrong3"])
        return TopicWording(data["topic"], data["text"], data["right"], wrong)


class RoundSheet:
    """The page of a draft: the round and its questions about topics.

    `data` is what was sent. `looking`: it is shown again without a word about mistakes, with the
    topics of the months that were chosen.
    """

    def __init__(
        self,
        data: Mapping[str, str] | None,
        *,
        county_id: int,
        round: EvaluationRound | None,
        seen: str = "",
        looking: bool = False,
    ):
        initial = _values_of(round) | {"seen": seen}
        questions = [_words_of(row) for row in round.topic_questions.all()] if round else []
        if data is not None and looking:
            initial |= {name: data.get(name, "") for name in RoundForm.base_fields}
            questions = [_sent(data, n) for n in range(QUESTIONS)]
        months = initial["months"] if data is None else data.get("months", "")
        self.months = _read(months) or _last_month()
        rows = Topic.objects.filter(programme_year__county=county_id)
        self.topics = rows.offered_between(*self.months)
        # Of all months: the words that were proposed for others go when the months change.
        proposals = {proposal(row) for row in rows}
        if looking or not (round or data):
            questions = _proposed(self.topics, county_id, questions, proposals)
        sent = None if looking else data
        self.form = RoundForm(sent, initial=initial)
        self.questions = [
            QuestionForm(
                sent,
                prefix=f"q{n}",
                initial=questions[n] if n < len(questions) else None,
                topics=self.topics,
                proposals=proposals,
            )
            for n in range(QUESTIONS)
        ]

    def is_valid(self) -> bool:
        """Whether every part is."""
        errors = [form.errors for form in (self.form, *self.questions)]
        return not any(errors)

    def show_seen(self, digest: str) -> None:
        """Shown again, it replaces what a colleague saved meanwhile."""
        self.form.data = self.form.data.copy()  # type: ignore[attr-defined]
        self.form.data["seen"] = digest  # type: ignore[index]

    def content(self) -> dict[str, Any]:
        """What the service takes."""
        asked = [row.asked for row in self.questions]
        return self.form.content() | {"questions": [row for row in asked if row]}


def _values_of(round: EvaluationRound | None) -> dict[str, Any]:
    """What the form of the round, or of a new one, begins with."""
    if round is None:
        until = clock.today() + timedelta(days=_DAYS_TO_ANSWER)
        return {"months": _name(_last_month()), "closes_on": until}
    names = ("villages_to_draw", "households_per_village", "closes_on", "asks_text")
    months = _name((round.first_month, round.last_month))
    return {"months": months} | {name: getattr(round, name) for name in names}


def _words_of(row: TopicQuestion) -> dict[str, Any]:
    """A stored question as its form shows it: the right answer first."""
    wrong = [text for n, text in enumerate(row.options, 1) if n != row.right]
    words = {"topic": row.topic_id, "text": row.text, "right": row.options[row.right - 1]}
    return words | {f"wrong{n}": text for n, text in enumerate(wrong, 1)}


def _sent(data: Mapping[str, str], n: int) -> dict[str, Any]:
    return {name: data.get(f"q{n}-{name}", "") for name in QuestionForm.base_fields}


def _wrote(row: dict[str, Any], proposals: set[str]) -> bool:
    """Whether there is more than a proposed question without an answer."""
    return any(row[name] for name in QuestionForm.ANSWERS) or row["text"] not in {*proposals, ""}


def _same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(row[name] == other[name] for name in QuestionForm.WORDS)


def proposal(topic: Topic) -> str:
    """A question for a topic that nobody worded one for, in the language of villagers."""
    with translation.override(settings.LANGUAGE_CODE):
        title = Truncator(topic.title).chars(_TITLE)
        return _("Which of these is right about “%(topic)s”?") % {"topic": title}


def _proposed(
    topics: QuerySet[Topic],
    county_id: int,
    written: list[dict[str, Any]],
    proposals: set[str],
) -> list[dict[str, Any]]:
    """What was written, then topics of these months with the words last used for them, or new ones.

    First come topics that are meant for the fewest months.
    """
    span = F("last_month") - F("first_month")
    offered = {str(row.pk): row for row in topics.order_by(span, "-first_month", "pk")}
    before = TopicQuestion.objects.filter(round__county=county_id).order_by("pk")
    earlier = [_words_of(row) for row in before]
    # Proposed words go with their topic when it is not of these months.
    kept = [
        row
        for row in written
        if _wrote(row, proposals)
        and (str(row["topic"]) in offered or not any(_same(row, words) for words in earlier))
    ]
    taken = {str(row["topic"]) for row in kept}
    # A topic that was just chosen comes before those that were proposed.
    chosen = [str(row["topic"]) for row in written if str(row["topic"]) in offered]
    free = [key for key in dict.fromkeys([*chosen, *offered]) if key not in taken]
    topics_of = [offered[key] for key in free[: QUESTIONS - len(kept)]]
    known = {words["topic"]: words for words in earlier}
    new = [known.get(topic.pk, {"topic": topic.pk, "text": proposal(topic)}) for topic in topics_of]
    return kept + new


class OpenForm(CrispyMixin, forms.Form):
    """Until when answers come in."""

    closes_on = forms.DateField(label=gettext_lazy("Answers until"), widget=DayInput())


class CancelForm(CrispyMixin, forms.Form):
    """Why a round ends without a result."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("It stands beside the round for good."),
    )
