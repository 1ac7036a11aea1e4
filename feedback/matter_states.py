"""A matter's life as one table: in which state who may do what, and what state follows.

Permissions, services and pages read it; `manage.py matter_states` draws it into docs/matters.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    DRAFT = "draft", _("draft")
    RECEIVED = "received", _("not accepted yet")
    TRANSFER_ASKED = "transfer_asked", _("transfer asked")
    WITH_COUNTY = "with_county", _("county decides")
    IN_WORK = "in_work", _("in work")
    WAITING = "waiting", _("waiting for somebody")
    TO_CONFIRM = "to_confirm", _("to be confirmed")
    ANSWERED = "answered", _("answered")
    CLOSED = "closed", _("closed")
    JOINED = "joined", _("joined to another")


class Outcome(models.TextChoices):
    """The unit's word."""

    SOLVED = "solved", _("solved")
    EXPLAINED = "explained", _("explained")
    NOT_POSSIBLE = "not_possible", _("not possible")
    OUT_OF_REMIT = "out_of_remit", _("out of remit")


class Word(models.TextChoices):
    """The villager's word."""

    SOLVED = "solved", _("solved")
    PARTLY = "partly", _("partly solved")
    NOT_SOLVED = "not_solved", _("not solved")


class Who(models.TextChoices):
    """What ties a person to a matter."""

    LEADER = "leader", _("people of the leading unit")
    # Where a unit has no coordinator its people pass matters on.
    LEADERS_OFFICE = "leaders_office", _("coordinator of the leading unit")
    ASKED = "asked", _("coordinator of the unit asked to take it over")
    CO_HANDLER = "co_handler", _("people of a co-handling unit")
    MAIN_LEADER = "main_leader", _("people of the unit that leads the matter it is joined to")
    COUNTY = "county", _("county office")
    ORIGIN = "origin", _("people of the first receiver, when other units handle it")
    VILLAGER = "villager", _("the villager, by the receipt")


class Action(models.TextChoices):
    """What can happen to a matter; the labels tell what happened."""

    RAISE = "raise", _("raised")
    ACCEPT = "accept", _("accepted by the leading unit")
    SORT = "sort", _("category and urgency set")
    ASSIGN = "assign", _("assigned to a unit, which may refuse")
    ASK_TRANSFER = "ask_transfer", _("another unit asked to take it over")
    ACCEPT_TRANSFER = "accept_transfer", _("taken over")
    REFUSE_TRANSFER = "refuse_transfer", _("taking over refused")
    WITHDRAW_TRANSFER = "withdraw_transfer", _("transfer withdrawn")
    PASS_UP = "pass_up", _("passed up to the county")
    PASS_DOWN = "pass_down", _("passed down to the township")
    DECIDE_TRANSFER = "decide_transfer", _("the county decided who leads")
    ASK_EXTENSION = "ask_extension", _("more time asked for")
    GRANT_EXTENSION = "grant_extension", _("more time granted")
    REFUSE_EXTENSION = "refuse_extension", _("more time refused")
    WAIT_FOR = "wait_for", _("waits for somebody, the clock stands still")
    RESUME = "resume", _("work goes on")
    SAY_SOLVED = "say_solved", _("the unit says: solved")
    SAY_EXPLAINED = "say_explained", _("the unit says: explained")
    SAY_NOT_POSSIBLE = "say_not_possible", _("the unit says: not possible")
    SAY_OUT_OF_REMIT = "say_out_of_remit", _("the unit says: out of remit")
    CONFIRM = "confirm", _("confirmed by the county")
    DISAGREE = "disagree", _("not confirmed by the county")
    NOTE_WORD = "note_word", _("the villager says: solved or partly")
    NOTE_NOT_SOLVED = "note_not_solved", _("the villager says: not solved, so it is open again")
    REOPEN = "reopen", _("reopened")
    CLOSE = "close", _("closed by an office")
    JOIN = "join", _("joined to an earlier matter")
    TAKE_APART = "take_apart", _("taken apart again")
    NAME_CO_HANDLER = "name_co_handler", _("a co-handling unit named")
    NOTE_PROGRESS = "note_progress", _("progress of a co-handling unit")
    PART_DONE = "part_done", _("a co-handling unit says: our part is done")
    RELEASE_CO_HANDLER = "release_co_handler", _("a co-handling unit released")


A, S, W = Action, State, Who
# The clock runs or stands still, and somebody owes an answer.
OPEN = (S.RECEIVED, S.TRANSFER_ASKED, S.WITH_COUNTY, S.IN_WORK, S.WAITING, S.TO_CONFIRM)
# The work is with the leading unit or on its way to another.
UNDECIDED = (S.RECEIVED, S.TRANSFER_ASKED, S.WITH_COUNTY, S.IN_WORK, S.WAITING)
# These leave the rates; a second person must have agreed (domain: indicators).
EXCLUDED = (Outcome.NOT_POSSIBLE, Outcome.OUT_OF_REMIT)
REFUSALS_UNTIL_COUNTY = 2
# Whom these are told to does not see the matter any more.
PARTS_WITH = (Action.WITHDRAW_TRANSFER, Action.RELEASE_CO_HANDLER)
# Photos and documents added by themselves are no step: who works on the matter hears of them, and
# once it is answered whoever judges that.
FILES_TELL = (Who.LEADER, Who.CO_HANDLER)
JUDGED_TELL = (Who.COUNTY, Who.ORIGIN)
# Whoever raised a matter joined to another hears when the other comes here or leaves again (and
# when it is joined to an earlier one itself).
DECIDED = (S.ANSWERED, S.CLOSED)


@dataclass(frozen=True)
class Rule:
    """One line of the table. Without `after` the state stays as it is."""

    action: Action
    before: tuple[State, ...]
    after: tuple[State, ...]
    who: tuple[Who, ...]
    needs_text: bool
    tells: tuple[Who, ...]


def _rule(
    action: Action,
    before: Iterable[State],
    after: Iterable[State],
    who: Iterable[Who],
    *,
    tells: Iterable[Who] = (),
    text: bool = False,
) -> Rule:
    return Rule(action, tuple(before), tuple(after), tuple(who), text, tuple(tells))


_STARTED = (S.RECEIVED, S.IN_WORK)
_OUTSIDE = (W.COUNTY, W.ORIGIN)
_ASKED = (*_OUTSIDE, W.VILLAGER)
_RULES = (
    # A draft becomes a matter when its record is sent; at a desk it begins here.
    _rule(A.RAISE, [S.DRAFT], [S.RECEIVED], [], tells=[W.LEADER]),
    _rule(A.ACCEPT, [S.RECEIVED], [S.IN_WORK], [W.LEADER], tells=[W.ORIGIN]),
    _rule(A.SORT, UNDECIDED, [], [W.LEADER, W.COUNTY]),
    _rule(A.ASSIGN, _STARTED, [S.TRANSFER_ASKED], [W.COUNTY], tells=[W.ASKED, W.LEADER]),
    _rule(
        A.ASK_TRANSFER,
        _STARTED,
        [S.TRANSFER_ASKED],
        [W.LEADERS_OFFICE],
        tells=[W.ASKED],
        text=True,
    ),
    _rule(
        A.ACCEPT_TRANSFER,
        [S.TRANSFER_ASKED],
        [S.IN_WORK],
        [W.ASKED],
        tells=[W.LEADER, W.ORIGIN],
    ),
    _rule(
        A.REFUSE_TRANSFER,
        [S.TRANSFER_ASKED],
        [S.RECEIVED, S.IN_WORK, S.WITH_COUNTY],
        [W.ASKED],
        tells=[W.LEADER, W.COUNTY],
        text=True,
    ),
    _rule(
        A.WITHDRAW_TRANSFER,
        [S.TRANSFER_ASKED],
        _STARTED,
        [W.LEADERS_OFFICE, W.COUNTY],
        tells=[W.ASKED],
    ),
    _rule(A.PASS_UP, _STARTED, [S.WITH_COUNTY], [W.LEADERS_OFFICE], tells=[W.COUNTY], text=True),
    _rule(
        A.PASS_DOWN,
        [S.WITH_COUNTY],
        [S.RECEIVED],
        [W.COUNTY],
        tells=[W.LEADER, W.ORIGIN],
        text=True,
    ),
    _rule(
        A.DECIDE_TRANSFER,
        [S.WITH_COUNTY],
        [S.RECEIVED],
        [W.COUNTY],
        tells=[W.LEADER, W.ORIGIN],
        text=True,
    ),
    _rule(A.ASK_EXTENSION, [S.IN_WORK], [], [W.LEADER], tells=[W.COUNTY], text=True),
    _rule(A.GRANT_EXTENSION, UNDECIDED, [], [W.COUNTY], tells=[W.LEADER]),
    _rule(A.REFUSE_EXTENSION, UNDECIDED, [], [W.COUNTY], tells=[W.LEADER], text=True),
    _rule(A.WAIT_FOR, [S.IN_WORK], [S.WAITING], [W.LEADER], tells=[W.ORIGIN], text=True),
    _rule(A.RESUME, [S.WAITING], [S.IN_WORK], [W.LEADER, W.COUNTY], tells=[W.LEADER]),
    _rule(
        A.SAY_SOLVED,
        [S.IN_WORK],
        [S.ANSWERED],
        [W.LEADER],
        tells=[W.ORIGIN, W.COUNTY, W.CO_HANDLER],
        text=True,
    ),
    _rule(
        A.SAY_EXPLAINED,
        [S.IN_WORK],
        [S.ANSWERED],
        [W.LEADER],
        tells=[W.ORIGIN, W.COUNTY, W.CO_HANDLER],
        text=True,
    ),
    _rule(A.SAY_NOT_POSSIBLE, [S.IN_WORK], [S.TO_CONFIRM], [W.LEADER], tells=[W.COUNTY], text=True),
    _rule(A.SAY_OUT_OF_REMIT, [S.IN_WORK], [S.TO_CONFIRM], [W.LEADER], tells=[W.COUNTY], text=True),
    _rule(
        A.CONFIRM,
        [S.TO_CONFIRM],
        [S.ANSWERED],
        [W.COUNTY],
        tells=[W.LEADER, W.ORIGIN, W.CO_HANDLER],
    ),
    _rule(A.DISAGREE, [S.TO_CONFIRM], [S.IN_WORK], [W.COUNTY], tells=[W.LEADER], text=True),
    # Of a joined report the word is on its main one's answer; "not solved" takes it apart.
    _rule(A.NOTE_WORD, [*DECIDED, S.JOINED], [], _ASKED, tells=[W.LEADER]),
    _rule(
        A.NOTE_NOT_SOLVED,
        [*DECIDED, S.JOINED],
        [S.IN_WORK],
        _ASKED,
        tells=[W.LEADER, W.ORIGIN, W.COUNTY, W.CO_HANDLER],
        text=True,
    ),
    _rule(
        A.REOPEN,
        [S.ANSWERED, S.CLOSED],
        [S.IN_WORK],
        _OUTSIDE,
        tells=[W.LEADER, W.ORIGIN, W.CO_HANDLER],
        text=True,
    ),
    _rule(A.CLOSE, [S.ANSWERED], [S.CLOSED], _OUTSIDE, tells=[W.LEADER, W.ORIGIN]),
    # What becomes of a joined matter is what becomes of its main one (`services.joining`).
    _rule(
        A.JOIN,
        [S.RECEIVED, S.WITH_COUNTY, S.IN_WORK],
        [S.JOINED],
        [W.LEADER, W.COUNTY],
        tells=[W.LEADER, W.ORIGIN, W.CO_HANDLER],
    ),
    _rule(
        A.TAKE_APART,
        [S.JOINED],
        _STARTED,
        [W.LEADER, W.MAIN_LEADER, W.COUNTY],
        tells=[W.LEADER, W.ORIGIN, W.CO_HANDLER],
        text=True,
    ),
    # Others help; the leading unit stays the one that answers.
    _rule(
        A.NAME_CO_HANDLER,
        UNDECIDED,
        [],
        [W.LEADERS_OFFICE, W.COUNTY],
        tells=[W.CO_HANDLER],
        text=True,
    ),
    _rule(A.NOTE_PROGRESS, UNDECIDED, [], [W.CO_HANDLER], tells=[W.LEADER], text=True),
    _rule(A.PART_DONE, UNDECIDED, [], [W.CO_HANDLER], tells=[W.LEADER], text=True),
    _rule(
        A.RELEASE_CO_HANDLER,
        UNDECIDED,
        [],
        [W.LEADERS_OFFICE, W.COUNTY],
        tells=[W.CO_HANDLER],
        text=True,
    ),
)
RULES: dict[Action, Rule] = {rule.action: rule for rule in _RULES}
