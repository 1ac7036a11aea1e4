"""The bulletin's life: begun from chosen findings, written, issued under the year's next number."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import County
from outreach import audit, clock
from outreach.models import User
from outreach.privacy import check_private_numbers
from reports import documents, mailing, storing
from reports.documents.bulletin import compose
from reports.documents.outline import Outline
from reports.documents.phrases import village
from reports.letterheads import heading
from reports.models import Bulletin
from reports.permissions import can_make_report
from reports.shortlist import Finding, quoted
from reports.texts import cleaned
from visits.services.errors import NotPossible

STATES = Bulletin.State
FILES = {"docx": ("document", "sha256"), "pdf": ("pdf", "pdf_sha256")}
WRITTEN = ("title", "text")
UNNUMBERED = "（草稿，未编期号）"


@transaction.atomic
def begin_bulletin(
    *, county: County, month: date, title: str, findings: list[int], actor: User
) -> Bulletin:
    """A draft that quotes these findings of the month (ids of feedback), each in a paragraph.

    Raises PermissionDenied, ValidationError: none is chosen, or one cannot be quoted any more.
    """
    if not can_make_report(actor, county.pk):
        raise PermissionDenied
    rows = quoted(county.pk, month, findings)
    if not rows or len(rows) != len(set(findings)):
        raise ValidationError(
            _("A finding was returned or void in the meantime. Choose again.")
            if rows
            else _("Choose at least one finding.")
        )
    row = Bulletin(
        county=county,
        title=cleaned(title),
        text="\n".join(f"{n}.{_place(each)}：{each.text}" for n, each in enumerate(rows, 1)),
        sources=[
            {"visit": str(each.visit), "place": _place(each), "text": each.text} for each in rows
        ],
        written_by=actor,
    )
    _check(row)
    row.save()
    audit.record(
        gettext_noop("Bulletin begun"), actor=actor, obj=row, after=audit.facts(row, "title")
    )
    return row


def _place(row: Finding) -> str:
    return row.township + village(row.village)


def _check(row: Bulletin) -> None:
    check_private_numbers({"title": row.title, "text": row.text})
    row.clean_fields(exclude=[f.name for f in row._meta.fields if f.name not in WRITTEN])


@transaction.atomic
def write_bulletin(
    *, bulletin: Bulletin, title: str, text: str, version: int, actor: User
) -> Bulletin:
    """Give a draft this title and text. `version` is the one the actor saw.

    Raises PermissionDenied, NotPossible: it is issued, or somebody wrote in the meantime;
    ValidationError.
    """
    row = _locked(bulletin, actor, version)
    before = audit.facts(row, "title", "text")
    row.title = cleaned(title)
    row.text = "\n".join(cleaned(line) for line in text.splitlines())
    row.written_by, row.written_at = actor, clock.now()
    row.version += 1
    _check(row)
    row.save(update_fields=["title", "text", "written_by", "written_at", "version"])
    audit.record(
        gettext_noop("Bulletin written"),
        actor=actor,
        obj=row,
        before=before,
        after=audit.facts(row, "title", "text"),
    )
    return row


@transaction.atomic
def discard_bulletin(*, bulletin: Bulletin, version: int, actor: User) -> None:
    """Throw a draft away; the trail keeps what it said. Raises as `write_bulletin`."""
    row = _locked(bulletin, actor, version)
    audit.record(
        gettext_noop("Draft of a bulletin thrown away"),
        actor=actor,
        obj=row,
        before=audit.facts(row, "title", "text"),
    )
    row.delete()


@transaction.atomic
def issue_bulletin(*, bulletin: Bulletin, version: int, actor: User) -> Bulletin:
    """Number the draft, make its files, close it for ever. Raises as `write_bulletin`, OSError.

    The number is the next of the county and the year: the files are made under the county's lock,
    in a second or so, so that no number is ever left out or given twice.
    """
    County.objects.select_for_update(no_key=True).get(pk=bulletin.county_id)
    row = _locked(bulletin, actor, version)
    row.year = clock.today().year
    issued = Bulletin.objects.filter(county=row.county, year=row.year)
    row.number = (issued.aggregate(last=Max("number"))["last"] or 0) + 1
    row.letterhead = heading(row.county)
    row.state, row.issued_by, row.issued_at = STATES.ISSUED, actor, clock.now()
    for kind, content in documents.files_of(outline_of(row)).items():
        name = f"{row.county.code}-{row.year}-{row.number}-{row.pk}"
        stored = storing.store(f"bulletins/{row.year}", name, kind, content)
        for field, value in zip(FILES[kind], stored, strict=True):
            setattr(row, field, value)
    row.save()
    audit.record(
        gettext_noop("Bulletin issued"),
        actor=actor,
        obj=row,
        before={"state": STATES.MADE},
        after=audit.facts(row, "state", "year", "number", "sha256", "pdf_sha256"),
    )
    mailing.owe_deliveries(row)
    return row


def _locked(bulletin: Bulletin, actor: User, version: int) -> Bulletin:
    """The draft as it is now, kept from others until the transaction ends."""
    if not can_make_report(actor, bulletin.county_id):
        raise PermissionDenied
    rows = Bulletin.objects.select_for_update(of=["self"]).select_related("county", "written_by")
    row = rows.filter(pk=bulletin.pk).first()
    if row is None:
        raise NotPossible(_("Somebody threw this draft away."))
    if row.is_issued:
        raise NotPossible(_("This bulletin is issued; it does not change any more."))
    if row.version != version:
        raise NotPossible(
            _("%(name)s wrote in the meantime. Look at it again.") % {"name": row.written_by}
        )
    return row


def outline_of(bulletin: Bulletin) -> Outline:
    """The document: of a draft with today's letterhead and date, and without a number."""
    facts: dict[str, Any] = {"head": heading(bulletin.county), "number": UNNUMBERED}
    issued_on = clock.today()
    if bulletin.is_issued:
        facts = {"head": bulletin.letterhead, "number": f"第{bulletin.number}期"}
        issued_on = bulletin.issued_at.astimezone(clock.SHANGHAI).date()
    return compose(title=bulletin.title, text=bulletin.text, issued_on=issued_on, **facts)
