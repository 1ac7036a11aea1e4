"""What a user of django-import-export writes for the same list, from its documentation."""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.widgets import ForeignKeyWidget, Widget

from contact_points.models import ContactPoint, County, Officer, Unit, Village


class VillageWidget(ForeignKeyWidget):
    """By name within the township of the row."""

    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        return self.model.objects.filter(township__name=row["乡镇"])


class OfficerWidget(ForeignKeyWidget):
    """By name within the unit of the row."""

    def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
        return self.model.objects.filter(unit__name=row["联系单位"])


class PeriodWidget(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> DateRange:
        return DateRange(value.date(), None)


class StockResource(resources.ModelResource):
    village = Field("village", "村名", VillageWidget(Village, "name"))
    unit = Field("unit", "联系单位", ForeignKeyWidget(Unit, "name"))
    officer = Field("officer", "责任人", OfficerWidget(Officer, "name"))
    period = Field("period", "起始日期", PeriodWidget())
    note = Field("note", "备注")

    class Meta:
        model = ContactPoint
        fields = ("village", "unit", "officer", "period", "note")
        import_id_fields = ("unit", "village")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self.county = County.objects.get(code="139900")

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        instance.county = self.county
        instance.note = instance.note or ""


def import_stock(path: Path, *, dry_run: bool) -> None:
    """Read the workbook as the library does, and import it. The dry run is rolled back."""
    dataset = XLSX().create_dataset(path.read_bytes())
    result = StockResource().import_data(dataset, dry_run=dry_run, raise_errors=True)
    assert not result.has_errors()
