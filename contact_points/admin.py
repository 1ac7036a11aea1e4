"""The administrator's corrections of the registry: own county only, audited, never deleting."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from contact_points.models import Officer, Township, Unit, Village
from contact_points.services.registry import announce_change
from contact_points.sorting import sort_key
from outreach import audit, clock


def _words(obj: models.Model, fields: list[str]) -> dict[str, Any]:
    """The fields as a person reads them: a row of another table by its name."""
    values = {name: getattr(obj, name) for name in fields}
    return {k: str(v) if isinstance(v, models.Model) else v for k, v in values.items()}


class RegistryForm(forms.ModelForm):
    """Sets the county before validation, so that the constraints that name it are told here."""

    county_id: int

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.instance.county_id = self.county_id

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"county"}


class OfficerForm(RegistryForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        account, unit = data.get("user"), data.get("unit")
        if account and unit and account.unit_id != unit.pk:
            raise ValidationError({"user": _("This account belongs to another unit.")})
        return data


class VillageForm(RegistryForm):
    """Of a merger the month counts; without a date it is the next one."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("merged_from")
        if data.get("merged_into") and "merged_from" not in self.errors:
            following = clock.add_months(clock.this_month(), 1)
            data["merged_from"] = clock.month_of(day) if day else following
        return data


class RegistryAdmin(admin.ModelAdmin):
    form = RegistryForm
    exclude = ("county",)
    list_per_page = 50
    show_full_result_count = False
    actions = None
    view_on_site = False
    # Fields whose change is followed by what hangs on the registry.
    followed: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).visible_to(request.user)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type:
        form = super().get_form(request, obj, **kwargs)
        return type(form.__name__, (form,), {"county_id": request.user.county_id})

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        rows = db_field.related_model._default_manager.all()
        kwargs["queryset"] = rows.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm, change: bool):
        fields = list(form.fields)
        with transaction.atomic():
            before = self.model._default_manager.get(pk=obj.pk) if change else None
            self.fill(obj)
            super().save_model(request, obj, form, change)
            audit.record(
                gettext_noop("Registry corrected") if change else gettext_noop("Registry extended"),
                actor=request.user,
                obj=obj,
                before=_words(before, fields) if before else None,
                after=_words(obj, fields),
            )
            if set(self.followed) & set(form.changed_data):
                announce_change(obj.county_id)

    def fill(self, obj: Any) -> None:
        """Set what follows from the fields a person sees."""


@admin.register(Township)
class TownshipAdmin(RegistryAdmin):
    list_display = ("name", "code")
    search_fields = ("name", "code")


@admin.register(Village)
class VillageAdmin(RegistryAdmin):
    form = VillageForm
    list_display = ("name", "code", "township", "households_count", "population")
    list_select_related = ("township",)
    search_fields = ("name", "code", "township__name")
    autocomplete_fields = ("merged_into",)
    followed = ("merged_into", "merged_from")

    def fill(self, obj: Village) -> None:
        obj.sort_key = sort_key(obj.name)


@admin.register(Unit)
class UnitAdmin(RegistryAdmin):
    list_display = ("name", "kind", "township", "order")
    list_select_related = ("township",)
    list_filter = ("kind",)
    search_fields = ("name",)
    followed = ("kind",)


@admin.register(Officer)
class OfficerAdmin(RegistryAdmin):
    form = OfficerForm
    list_display = ("name", "unit", "post", "telephone", "user", "left_on")
    list_select_related = ("unit", "user")
    search_fields = ("name", "unit__name")
    autocomplete_fields = ("unit",)

    def fill(self, obj: Officer) -> None:
        obj.sort_key = sort_key(obj.name, surname=True)

    def response_change(self, request: HttpRequest, obj: Officer) -> HttpResponse:
        """Whoever writes that somebody left is led to what that person still holds."""
        response = super().response_change(request, obj)
        left = "left_on" in request.POST and obj.left_on
        if left and obj.contact_points.open_on(left + clock.ONE_DAY).exists():
            return redirect("officer_handover", pk=obj.pk)
        return response
