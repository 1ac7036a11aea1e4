"""Lists on their way into the registry, and what a county's people call things by."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contact_points.layouts import LAYOUTS
from contact_points.models.registry import County, Township, Unit, Village
from contact_points.querysets import ImportRowQuerySet, ImportRunQuerySet
from outreach import clock
from outreach.sentences import say


class Alias(models.Model):
    """What people of a county write for something that the registry calls otherwise."""

    class Kind(models.TextChoices):
        TOWNSHIP = "township", _("township")
        VILLAGE = "village", _("village")
        UNIT = "unit", _("unit")
        HEADER = "header", _("header")
        UNIT_KIND = "unit_kind", _("kind of unit")

    county = models.ForeignKey(County, models.PROTECT, verbose_name=_("county"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    # Of a village: the township whose villages were meant.
    context = models.ForeignKey(Township, models.CASCADE, null=True, related_name="+")
    text = models.CharField(_("written as"), max_length=100)
    township = models.ForeignKey(Township, models.CASCADE, null=True, related_name="+")
    village = models.ForeignKey(Village, models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, null=True, related_name="+")
    # Of a header the column it stands above, of a word for a kind of unit that kind.
    column = models.CharField(_("column"), max_length=30, blank=True)
    created_by = models.ForeignKey("outreach.User", models.PROTECT, null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        ordering = ["county", "kind", "text", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "kind", "context", "text"],
                condition=Q(context__isnull=False),
                name="alias_once_in_a_township",
            ),
            models.UniqueConstraint(
                fields=["county", "kind", "text"],
                condition=Q(context=None),
                name="alias_once_in_a_county",
            ),
            models.CheckConstraint(
                name="alias_means_one_thing",
                condition=Q(kind="township", township__isnull=False)
                | Q(kind="village", village__isnull=False)
                | Q(kind="unit", unit__isnull=False)
                | (Q(kind__in=["header", "unit_kind"]) & ~Q(column="")),
            ),
        ]

    def __str__(self):
        return f"{self.text} → {self.target}"

    @property
    def target(self):
        """What is meant: a township, village or unit, a column, or a kind of unit."""
        return self.township or self.village or self.unit or self.column


class ImportRun(models.Model):
    """One uploaded list: what was understood, what will happen, what happened."""

    class Kind(models.TextChoices):
        CONTACT_POINTS = "contact_points", _("contact points")
        VILLAGES = "villages", _("villages")
        UNITS = "units", _("units")
        OFFICERS = "officers", _("officers")
        HOUSEHOLDS = "households", _("household numbers")

    class State(models.TextChoices):
        READING = "reading", _("being read")
        READY = "ready", _("ready to apply")
        APPLYING = "applying", _("being applied")
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("cannot be read")
        UNDONE = "undone", _("undone")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    county = models.ForeignKey(County, models.PROTECT)
    # Nobody: the command line of the installation itself.
    created_by = models.ForeignKey(
        "outreach.User", models.PROTECT, null=True, verbose_name=_("uploaded by")
    )
    created_at = models.DateTimeField(_("uploaded"), default=clock.now)
    kind = models.CharField(_("list of"), max_length=20, choices=Kind, default=Kind.CONTACT_POINTS)
    # Empty once the original is deleted: after a month, or at once where it may hold names.
    file = models.FileField(upload_to="imports/%Y/%m/", blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    first_day = models.DateField(_("valid from"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.READING)
    message = models.CharField(max_length=300, blank=True)
    message_params = models.JSONField(default=dict)
    # How the file was read: sheet, header rows, columns, dropped rows.
    understood = models.JSONField(default=dict)
    # Outcome -> rows, and the hash of exactly this preview: only what was shown can be applied.
    counts = models.JSONField(default=dict)
    plan_sha256 = models.CharField(max_length=64, blank=True)
    # The hash of the registry that it was planned against.
    registry_sha256 = models.CharField(max_length=64, blank=True)
    # What only a person can tell, as `services.questions` shows it; question key -> answer.
    questions = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    # Contact points that hold but that this list does not name; those a person chose to close.
    left = models.JSONField(default=list)
    closes = models.JSONField(default=list)
    # Sentences, as `sentences.say` takes them, that tell why it cannot be undone.
    obstacles = models.JSONField(default=list)
    job = models.ForeignKey("outreach.Job", models.SET_NULL, null=True)
    bulk_id = models.UUIDField(default=uuid.uuid4, editable=False)
    applied_at = models.DateTimeField(_("applied"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["county", "-created_at"], name="import_run_county")]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("import_detail", args=[self.pk])

    @property
    def layout(self):
        """The columns of this kind of list."""
        return LAYOUTS[self.kind]

    @property
    def message_text(self):
        return say(self.message, self.message_params)

    @property
    def can_be_confirmed(self):
        """Ready, or left by an apply job that ended without applying."""
        stuck = self.state == self.State.APPLYING and not (self.job and self.job.is_open)
        return bool(self.rows_to_apply or self.left) and (self.state == self.State.READY or stuck)

    @property
    def can_be_undone(self):
        """Applied, and nobody is undoing it just now."""
        return self.state == self.State.APPLIED and not (self.job and self.job.is_open)

    @property
    def can_be_corrected(self):
        """Whether answers and corrections still change what will be applied."""
        return self.state == self.State.READY

    @property
    def rows_to_apply(self):
        """How many rows would write something."""
        return sum(self.counts.get(name, 0) for name in ImportRow.WRITING)


class ImportRow(models.Model):
    """One row of an uploaded list and what happens, or happened, with it."""

    class Outcome(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        ASKS = "asks", _("asks")
        REJECTED = "rejected", _("rejected")

    WRITING = (Outcome.NEW, Outcome.CHANGED)

    # The constraint below is the index that is used.
    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows", db_index=False)
    # Of a further sheet the rows are numbered on; where the row stands is told apart.
    number = models.PositiveIntegerField(_("row"))
    sheet = models.CharField(max_length=100, blank=True)
    sheet_row = models.PositiveIntegerField(_("row in the sheet"), default=0)
    outcome = models.CharField(_("what happens"), max_length=10, choices=Outcome)
    # Column name -> text, as it was read.
    values = models.JSONField()
    # The same before a person corrected cells on the page.
    original = models.JSONField(null=True)
    # What the reader found wrong: {"column", "text", "params"}.
    problems = models.JSONField(default=list)
    # [column, old, new]
    changes = models.JSONField(default=list)
    # {"column", "text", "params"}: why it is rejected, or what else a person should know.
    notes = models.JSONField(default=list)
    # What it writes, as `services.decisions` keeps it; empty when it writes nothing.
    writes = models.TextField(blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of a list")
        verbose_name_plural = _("rows of lists")
        ordering = ["run", "number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="import_row_once")]

    def __str__(self):
        return f"{self.run_id} {self.number}"

    @property
    def place(self):
        """Where it stands in the file."""
        return f"{self.sheet} {self.sheet_row}" if self.sheet else self.sheet_row or self.number

    @property
    def corrected(self):
        """(column's label, as it was read, as a person wrote it)."""
        was, columns = self.original or {}, self.run.layout.by_name
        return [
            (columns[name].label, was.get(name, ""), text)
            for name, text in self.values.items()
            if self.original is not None and text != was.get(name, "") and name in columns
        ]

    @property
    def to_correct(self):
        """(column, label, present text) of the cells that stop the row."""
        if self.outcome not in (self.Outcome.ASKS, self.Outcome.REJECTED):
            return []
        names = dict.fromkeys(note["column"] for note in self.notes)
        columns = self.run.layout.by_name
        return [(name, columns[name].label, self.values.get(name, "")) for name in names]

    @property
    def changed(self):
        """(column's label, old, new) of what changes."""
        columns = self.run.layout.by_name
        return [(columns[name].label, old, new) for name, old, new in self.changes]

    @property
    def remarks(self):
        """(column's label, sentence) of what a person should know."""
        columns = self.run.layout.by_name
        return [(columns[n["column"]].label, say(n["text"], n["params"])) for n in self.notes]

    @property
    def reason(self):
        """Changes and remarks as one text, for files."""
        changes = [f"{label}: {old} → {new}" for label, old, new in self.changed]
        return "; ".join([*changes, *(f"{label}: {text}" for label, text in self.remarks)])


class ImportTrail(models.Model):
    """What an applied list wrote, before and after, so that it can be put back."""

    run = models.OneToOneField(ImportRun, models.CASCADE, related_name="trail")
    content = models.JSONField()

    class Meta:
        verbose_name = _("trail of an import")
        verbose_name_plural = _("trails of imports")

    def __str__(self):
        return str(self.run_id)
