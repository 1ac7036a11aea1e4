"""Lists as bytes, the way people send them."""

from io import BytesIO

from contact_points import tasks
from contact_points.layouts import CONTACT_POINTS, LAYOUTS
from contact_points.models import ImportRun
from contact_points.services import imports, undoing
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


def upload(admin, content, *, name="名单.xlsx", first_day=None, read=True, kind="contact_points"):
    """Start an import as this administrator and, unless told otherwise, read it."""
    run = imports.start_import(
        county=admin.county,
        file_name=name,
        content=content,
        first_day=first_day or imports.clock.today().replace(month=1, day=1),
        actor=admin,
        kind=kind,
    )
    if read:
        tasks.read_list(str(run.job_id))
    return ImportRun.objects.select_related("job").get(pk=run.pk)


def bring(admin, kind, *rows, **cells):
    """The preview of a list of this kind; each row has its cells by the names of columns."""
    names = list(LAYOUTS[kind].by_name)
    lines = [[cells.get(name, "") for name in names] for cells in rows or [cells]]
    content = xlsx(*lines, headers=LAYOUTS[kind].headers)
    return upload(admin, content, kind=kind, first_day=imports.clock.today())


def undo(run, admin):
    """Whether it could be undone; the import is read again."""
    done = undoing.undo_import(run=run, actor=admin)
    run.refresh_from_db()
    return done


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


def noted(run):
    """Row number -> the columns of its remarks."""
    return {r.number: [note["column"] for note in r.notes] for r in run.rows.all()}


def reasons(run):
    """Row number -> why it is rejected."""
    return {r.number: r.reason for r in run.rows.rejected()}
