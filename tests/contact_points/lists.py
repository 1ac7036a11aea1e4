"""Lists as bytes, the way people send them."""

from io import BytesIO

from contact_points import tasks
from contact_points.layouts import CONTACT_POINTS
from contact_points.models import ImportRun
from contact_points.services import imports
from outreach.exports import write_xlsx


def xlsx(*rows, headers=CONTACT_POINTS.headers, above=()):
    """A workbook: title lines, header, rows; short rows are filled up."""
    target = BytesIO()
    write_xlsx(target, "2026年", [*above, headers, *rows])
    return target.getvalue()


def row(**cells):
    """One row of the ten columns by English name."""
    names = (
        "code",
        "village",
        "township",
        "unit",
        "officer",
        "post",
        "telephone",
        "first",
        "last",
        "note",
    )
    assert set(cells) <= set(names)
    return [cells.get(name, "") for name in names]


def upload(admin, content, *, name="名单.xlsx", first_day=None, read=True):
    """Start an import as this administrator and, unless told otherwise, read it."""
    run = imports.start_import(
        county=admin.county,
        file_name=name,
        content=content,
        first_day=first_day or imports.clock.today().replace(month=1, day=1),
        actor=admin,
    )
    if read:
        tasks.read_list(str(run.job_id))
    return ImportRun.objects.select_related("job").get(pk=run.pk)


def confirm(run, admin):
    return imports.confirm_import(
        run=run, sha256=run.sha256, plan_sha256=run.plan_sha256, actor=admin
    )


def apply(run, admin):
    """Confirm and write; returns the import as it is then."""
    tasks.apply_list(str(confirm(run, admin).job_id))
    return ImportRun.objects.select_related("job").get(pk=run.pk)


def outcomes(run):
    return list(run.rows.values_list("outcome", flat=True))


def reasons(run):
    """Row number -> why it is rejected."""
    return {r.number: r.reason for r in run.rows.rejected()}
