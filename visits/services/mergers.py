"""Villages merged into another owe nothing: the registry says so, and nobody decides."""

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from outreach import audit, clock
from outreach.models import AuditEntry
from visits.models import PlanLine, ProgrammeYear


def follow_mergers(year: ProgrammeYear) -> int:
    """Exempt the unvisited lines of merged villages from the month of the merger on, and let those
    to come be owed again that are not merged after all.

    What was owed before that month stays owed. A merger without a month counts from the next one,
    one that becomes known late goes back to last month, as a postponement does. Only what the
    registry decided is taken back, and what the county took back stays owed.
    """
    this_month = clock.this_month()
    rows = (
        PlanLine.objects.filter(plan__programme_year=year)
        .select_related("contact_point__village__merged_into", "contact_point__unit")
        .order_by("contact_point__village", "pk")
    )
    since, merged = "contact_point__village__merged_from", PlanLine.Exemption.MERGED
    recent = Q(month__gte=clock.add_months(this_month, -1))
    without_month = Q((since, None), month__gt=this_month)
    gone = list(
        rows.filter(recent & Q((f"{since}__lte", F("month"))) | without_month)
        .filter(exemption="", contact_point__village__merged_into__isnull=False)
        .with_visits_made()
        .filter(visits_made=0)
    )
    parted = Q(contact_point__village__merged_into=None) | Q((f"{since}__gt", F("month")))
    back = rows.filter(parted, exemption=merged, exempted_by=None, month__gt=this_month)
    kept = _owed_all_the_same(gone)
    gone = [line for line in gone if line.pk not in kept]
    bulk, entries = uuid4(), []
    for village, lines in groupby(gone, key=lambda line: line.contact_point.village):
        with override(settings.LANGUAGE_CODE):
            reason = _("%(village)s was merged into %(other)s.") % {
                "village": village,
                "other": village.merged_into,
            }
        entries += _exempt(list(lines), merged, reason, bulk)
    entries += _exempt(list(back), "", "", bulk)
    AuditEntry.objects.bulk_create(entries)
    return len(entries)


def _owed_all_the_same(lines: Iterable[PlanLine]) -> set[int]:
    """Lines whose exemption a person took back."""
    entries = AuditEntry.objects.filter(
        object_type=PlanLine._meta.label_lower,
        object_id__in=[str(line.pk) for line in lines],
        action="Exemption taken back",
        actor__isnull=False,
    )
    return {int(pk) for pk in entries.values_list("object_id", flat=True)}


def _exempt(lines: list[PlanLine], exemption: str, reason: str, bulk: UUID) -> list[AuditEntry]:
    """Exempt the lines as the registry has it, nobody deciding; returns the entries to write."""
    facts = {"exemption": exemption, "exemption_reason": reason}
    entries = [
        audit.entry(
            gettext_noop("Plan line exempted")
            if exemption
            else gettext_noop("Exemption taken back"),
            actor=None,
            obj=line,
            before=audit.facts(line, *facts),
            after=facts,
            bulk_id=bulk,
        )
        for line in lines
    ]
    PlanLine.objects.filter(pk__in=[line.pk for line in lines]).update(
        version=F("version") + 1, **facts
    )
    return entries
