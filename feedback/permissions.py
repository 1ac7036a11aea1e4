"""Who may review feedback and act on matters; a record is written by `can_edit_visit`."""

from feedback.matter_states import DECIDED, RULES, UNDECIDED, Action, State, Who, Word
from feedback.models import Clarification, EvaluationRound, Feedback, Matter, MatterFile, Opinion
from outreach.models import User
from outreach.roles import Capability, Role


def can_review(user: User, feedback: Feedback) -> bool:
    """The county office, on submitted feedback of a visit that counts."""
    return (
        user.can(Capability.REVIEW_FEEDBACK)
        and user.county_id == feedback.county_id
        and feedback.state == Feedback.State.SUBMITTED
        and not feedback.visit.is_void
    )


def can_answer_suggestion(user: User, feedback: Feedback) -> bool:
    """The county office, on what reached it and has no reply yet."""
    return (
        user.can(Capability.REVIEW_FEEDBACK)
        and user.county_id == feedback.county_id
        and feedback.state in (Feedback.State.SUBMITTED, Feedback.State.ACCEPTED)
        and not feedback.visit.is_void
        and feedback.reply is None
    )


def can_correct_reply(user: User, feedback: Feedback) -> bool:
    """The county office, on the reply it gave."""
    return (
        user.can(Capability.REVIEW_FEEDBACK)
        and user.county_id == feedback.county_id
        and feedback.reply is not None
    )


def can_run_round(user: User, round: EvaluationRound) -> bool:
    """The county office, the rounds of its county."""
    return user.can(Capability.RUN_EVALUATION) and user.county_id == round.county_id


def can_note_outcome(user: User, round: EvaluationRound) -> bool:
    """The county office, while households of the sample are called on."""
    return can_run_round(user, round) and round.state in (
        EvaluationRound.State.DRAWN,
        EvaluationRound.State.OPEN,
    )


def ties(user: User | None, matter: Matter) -> set[Who]:
    """What ties the person to the matter; each is a column of the table of `matter_states`.

    Nobody's account stands for the villager, whose receipt the caller has looked at.
    """
    if user is None:
        return {Who.VILLAGER}
    if user.county_id != matter.county_id:
        return set()
    if user.can(Capability.DIRECT_MATTERS):
        return {Who.COUNTY}
    if user.unit_id is None or not user.can(Capability.ANSWER_MATTERS):
        return set()
    unit = user.unit_id
    # Whoever handles it is not the first receiver that asks the villager about it.
    found = {
        who
        for who, its in (
            (Who.LEADER, matter.leader_id),
            (Who.MAIN_LEADER, matter.main and matter.main.leader_id),
        )
        if unit == its
    }
    if unit in [row.unit_id for row in matter.co_handling]:
        found.add(Who.CO_HANDLER)
    if not found and unit == matter.origin_id:
        found.add(Who.ORIGIN)
    if unit in (matter.leader_id, matter.asked_unit_id) and _passes_matters(user):
        found.add(Who.LEADERS_OFFICE if unit == matter.leader_id else Who.ASKED)
    return found


def _passes_matters(user: User) -> bool:
    """A coordinator; where the unit has none, whoever answers its matters."""
    return user.can(Capability.PASS_MATTERS) or not _has_coordinator(user)


def _has_coordinator(user: User) -> bool:
    rows = User.objects.active().filter(unit=user.unit_id, role=Role.COORDINATOR)
    return rows.exists()


def can_ever(user: User | None, matter: Matter, action: Action) -> bool:
    """Whether the table lets the person do this, in whatever state the matter is."""
    return bool(ties(user, matter) & set(RULES[action].who))


def actions_of(user: User | None, matter: Matter) -> list[Action]:
    """What the person may do with the matter now, in the order of the table."""
    mine = ties(user, matter)
    return [
        rule.action
        for rule in RULES.values()
        if matter.state in rule.before
        and mine & set(rule.who)
        and _holds(user, matter, rule.action)
    ]


def _holds(user: User | None, matter: Matter, action: Action) -> bool:
    """What the table's states alone do not say."""
    asked = matter.extension_days is not None
    if action in (Action.NOTE_WORD, Action.NOTE_NOT_SOLVED) and matter.state == State.JOINED:
        return matter.main is not None and matter.main.state in DECIDED
    if action == Action.JOIN:
        # It would stand behind another's answer, and that could be closed.
        return matter.villager_word != Word.NOT_SOLVED
    if action == Action.PART_DONE:
        undone = [row.unit_id for row in matter.co_handling if row.done_at is None]
        return user is not None and user.unit_id in undone
    if action == Action.RELEASE_CO_HANDLER:
        return bool(matter.co_handling)
    if action in (Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION):
        return asked
    if action == Action.ASK_EXTENSION:
        return not asked and not matter.is_overdue
    return True


def can_direct_matters(user: User) -> bool:
    """The county office, its categories and routes."""
    return user.can(Capability.DIRECT_MATTERS)


def can_issue_receipt(user: User, matter: Matter) -> bool:
    """The first receiver and the county office; a unit that leads once, and before it answers.

    Else it could be the villager that confirms its own word.
    """
    mine = ties(user, matter)
    if Who.COUNTY in mine or Who.ORIGIN in mine:
        return not matter.is_draft
    first = Who.LEADER in mine and user.unit_id == matter.origin_id
    return first and not matter.receipt_mark and matter.state in UNDECIDED


def can_see_call_back(user: User, matter: Matter) -> bool:
    """The leading unit; and who may note the villager's word now, to ask for it."""
    return Who.LEADER in ties(user, matter) or Action.NOTE_WORD in actions_of(user, matter)


def can_add_evidence(user: User, matter: Matter) -> bool:
    """Whoever has a part in it, but for a unit that was only asked, until it is closed."""
    part = ties(user, matter) - {Who.ASKED}
    return bool(part) and matter.state not in (State.DRAFT, State.CLOSED)


def can_withdraw_evidence(user: User, file: MatterFile) -> bool:
    """Who added it, while they have a part in the matter, and the county office at any time."""
    mine = ties(user, file.matter)
    return not file.is_withdrawn and bool(
        Who.COUNTY in mine or (mine and file.added_by_id == user.pk)
    )


def can_run_calls(user: User) -> bool:
    """The county office, its calls for opinions."""
    return user.can(Capability.RUN_EVALUATION)


def can_decide_opinion(user: User, opinion: Opinion) -> bool:
    """The county office, on what has words and still has them."""
    return (
        user.can(Capability.RUN_EVALUATION)
        and user.county_id == opinion.county_id
        and opinion.state != Opinion.State.GRADE
        and opinion.erased_on is None
    )


def can_raise_from_opinion(user: User, opinion: Opinion) -> bool:
    """The county office, once."""
    return can_decide_opinion(user, opinion) and opinion.matter_id is None


def can_explain_gap(user: User, row: Clarification) -> bool:
    """The unit's coordinator, while it is asked; where there is none, who answers its matters."""
    if user.unit_id != row.unit_id or row.state != Clarification.State.ASKED:
        return False
    stands_in = user.can(Capability.ANSWER_MATTERS) and not _has_coordinator(user)
    return user.can(Capability.EXPLAIN_GAPS) or stands_in


def can_decide_gap(user: User, row: Clarification) -> bool:
    """The county office, once the unit has explained."""
    return (
        user.can(Capability.RUN_EVALUATION)
        and user.county_id == row.county_id
        and row.state == Clarification.State.EXPLAINED
    )
