"""One step of a matter: allowed by the table, done once, told in its story."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Unit
from feedback.matter_states import DECIDED, RULES, Action, State
from feedback.models import CoHandler, Matter, MatterEvent, MatterFile
from feedback.permissions import actions_of, can_ever
from feedback.services.evidence import file_facts, keep_files
from feedback.services.telling import source_of, tell, tell_joined
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import check_private_numbers
from visits.services.errors import NotPossible

# Neither 0 and O, 1, I and L, nor letters that sound alike over the telephone.
ALPHABET = "2346789ACEFHJKPRTWXY"
CODE_LENGTH = 6


def new_code() -> str:
    """A receipt code that no matter has yet: 64 million, drawn by the system's own chance."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _n in range(CODE_LENGTH))
        if not Matter.objects.filter(code=code).exists():
            return code


def facts_in_words(matter: Matter, names: Iterable[str]) -> dict[str, Any]:
    """What the trail keeps of these fields: units and categories by name, not by number.

    Without the person, who is the entry's own.
    """
    facts: dict[str, Any] = {}
    for name in names:
        related = Matter._meta.get_field(name).related_model
        if related is None:
            facts |= audit.facts(matter, name)
        elif related is not User:
            is_set = matter.serializable_value(name) is not None
            row = getattr(matter, name) if is_set else None
            facts[name] = row and str(getattr(row, "name_in_trail", row))
    return facts


@dataclass
class Step:
    """What `actor` does to the matter as the actor saw it."""

    matter: Matter
    action: Action
    actor: User | None  # None: the villager, by the receipt
    text: str = ""
    bulk_id: UUID | None = None  # of many steps in one action
    quiet: bool = False  # whoever takes many steps tells each person once, of all

    def __post_init__(self) -> None:
        """Raises PermissionDenied, NotPossible (with what happened), ValidationError (no text)."""
        self.text = self.text.strip()
        if not can_ever(self.actor, self.matter, self.action):
            raise PermissionDenied
        if self.action not in actions_of(self.actor, self.matter):
            raise NotPossible(what_happened(self.matter))
        check_text(self.text, needed=RULES[self.action].needs_text)

    def take(
        self,
        *,
        after: State | None = None,
        said: str = "",
        params: dict[str, Any] | None = None,
        named: Unit | None = None,
        files: Sequence[UploadedFile] = (),
        **values: Any,
    ) -> Matter:
        """Do it, unless somebody was first; `said` and `params` stand in the story, too.

        `named` is the co-handling unit that it is about.
        """
        rule, before = RULES[self.action], self.matter
        after = after or (rule.after[0] if rule.after else State(before.state))
        assert after in (rule.after or (before.state,))
        facts = {"state": after, **values}
        old = facts_in_words(before, facts)
        moved = Matter.objects.filter(
            pk=before.pk, state=before.state, version=before.version
        ).update(version=before.version + 1, **facts)
        if not moved:
            raise NotPossible(what_happened(before))
        _keep_co_handlers(before, values)
        matter = Matter.objects.for_page().get(pk=before.pk)
        event = self._into_the_story(matter, named, said=said, params=params or {})
        noted = {"step": source_of(self.action.label), "reason": self.text}
        audit.record(
            gettext_noop("Matter moved on"),
            actor=self.actor,
            obj=matter,
            before=old,
            after=facts_in_words(matter, facts)
            | noted
            | ({"unit": named.name} if named else {})
            | file_facts(self._kept(event, files)),
            bulk_id=self.bulk_id,
        )
        if self.quiet:
            return matter
        parted = before.main.leader_id if before.main else None
        also = {before.leader_id, before.asked_unit_id, parted}
        told = tell(matter, self.action, self.actor, self.text, also=also, named=named)
        decided = after != before.state and {after, before.state} & set(DECIDED)
        if decided or after == State.JOINED != before.state:
            known = told | ({self.actor.pk} if self.actor else set())
            tell_joined(matter, self.action, known, self.text)
        return matter

    def _into_the_story(self, matter: Matter, named: Unit | None, **told: Any) -> MatterEvent:
        before = self.matter
        moved = matter.leader if matter.leader_id != before.leader_id else None
        asks = matter.state == State.TRANSFER_ASKED
        return MatterEvent.objects.create(
            matter=matter,
            kind=self.action,
            state=matter.state,
            by=self.actor,
            at=clock.now(),
            from_unit_id=before.leader_id if asks else before.asked_unit_id,
            to_unit=named or matter.asked_unit or moved,
            text=self.text,
            **told,
        )

    def _kept(self, event: MatterEvent, files: Sequence[UploadedFile]) -> list[MatterFile]:
        return keep_files(event.matter, files, self.actor, event) if self.actor else []


def _keep_co_handlers(before: Matter, values: dict[str, Any]) -> None:
    """A unit that leads helps no more; of what is open again no part is done."""
    rows = CoHandler.objects.filter(matter=before, released_at=None)
    if leader := values.get("leader"):
        rows.filter(unit=leader).update(released_at=clock.now())
    if "reopened" in values:
        rows.update(done_at=None)


def check_text(text: str, *, needed: bool) -> None:
    """Raises ValidationError for no text where one is needed, and for private numbers."""
    if needed and not text.strip():
        raise ValidationError({"text": _("Say it in a sentence: others read it in the story.")})
    check_private_numbers({"text": text})


def what_happened(matter: Matter) -> str:
    """Why an action is not possible: what somebody else did last."""
    last = matter.events.newest_first().first()
    if last is None:
        return _("This is not possible any more. Load the page again.")
    told = {
        "at": date_format(localtime(last.at, clock.SHANGHAI), "SHORT_DATETIME_FORMAT"),
        "happened": last.get_kind_display(),
    }
    if last.by is None:
        return _("The villager was first, %(at)s: %(happened)s. See how it stands now.") % told
    told |= {"name": last.by, "unit": last.by.unit or _("county office")}
    return _("%(name)s (%(unit)s) was first, %(at)s: %(happened)s. See how it stands now.") % told
