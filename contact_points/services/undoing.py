"""Take a whole applied list back, exactly, as long as nothing else touched what it wrote."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import ImportRun
from contact_points.services.imports import (
    NotPossible,
    State,
    check_allowed,
    enqueue,
    one_at_a_time,
)
from contact_points.services.kinds import KINDS
from outreach import audit
from outreach.models import User

UNDOING = gettext_noop("Undoing the list")


@transaction.atomic
def start_undo(*, run: ImportRun, actor: User) -> ImportRun:
    """Undo an applied list in the background. Raises NotPossible, PermissionDenied."""
    check_allowed(actor, run.county_id)
    run = ImportRun.objects.select_for_update(of=["self"]).select_related("job").get(pk=run.pk)
    if not run.can_be_undone:
        raise NotPossible(_("Only an applied list can be undone."))
    run.job, run.obstacles = enqueue("undo_list", UNDOING, run, actor, {}), []
    run.save(update_fields=["job", "obstacles"])
    audit.record(gettext_noop("Undo of a list asked for"), actor=actor, obj=run)
    return run


@transaction.atomic
def undo_import(*, run: ImportRun, actor: User | None) -> bool:
    """Put the registry back to what it was before the list, all or nothing.

    False when something stands in the way: then `run.obstacles` has the sentences and nothing was
    undone. Raises PermissionDenied.
    """
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    if run.state == State.UNDONE:
        return True
    check_allowed(actor, run.county_id)
    if run.state != State.APPLIED:
        return False
    one_at_a_time(run.county_id)
    with transaction.atomic():
        undoing = KINDS[run.kind].taking_back(run, actor)
        undoing.run()
        if undoing.obstacles:
            transaction.set_rollback(True)
    if undoing.obstacles:
        run.obstacles = undoing.told()
        run.save(update_fields=["obstacles"])
        audit.record(
            gettext_noop("List not undone"), actor=actor, obj=run, after={"why": run.obstacles}
        )
        return False
    run.state, run.obstacles = State.UNDONE, []
    run.save(update_fields=["state", "obstacles"])
    audit.record(
        gettext_noop("List undone"),
        actor=actor,
        obj=run,
        after={"rows": run.rows_to_apply},
        bulk_id=undoing.bulk_id,
    )
    return True
