"""The administrator's corrections: own county, audited, never deleted."""

import pytest
from django.urls import reverse

from contact_points.models import Officer, Unit, Village
from outreach.models import AuditEntry
from outreach.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
MODELS = ["township", "village", "unit", "officer"]


@pytest.fixture
def county():
    return factories.county()


@pytest.fixture
def admin(client, county):
    user = factories.user(Role.ADMIN, county=county)
    client.force_login(user)
    return user


def url(model, page, *args):
    return reverse(f"admin:contact_points_{model}_{page}", args=args)


def rows_of(county):
    township = factories.township(county)
    unit = factories.unit(county)
    village = factories.village(township)
    rows = [township, village, unit, factories.officer(unit)]
    return dict(zip(MODELS, rows, strict=True))


@pytest.mark.parametrize("model", MODELS)
def test_only_the_own_county_is_there(client, county, admin, model):
    own, foreign = rows_of(county)[model], rows_of(factories.county())[model]
    page = client.get(url(model, "changelist"))
    assert list(page.context["cl"].result_list) == [own]
    assert client.get(url(model, "change", own.pk)).status_code == 200
    assert client.get(url(model, "change", foreign.pk)).status_code == 302
    assert client.get(url(model, "delete", own.pk)).status_code == 403


def test_choices_are_of_the_own_county(client, county, admin):
    own, foreign = rows_of(county), rows_of(factories.county())
    form = client.get(url("village", "add")).context["adminform"].form
    assert list(form.fields["township"].queryset) == [own["township"]]
    data = {"name": "新村", "code": "1" * 12, "township": foreign["township"].pk}
    page = client.post(url("village", "add"), data)
    assert page.context["adminform"].form.errors["township"]
    assert not Village.objects.filter(name="新村").exists()


def test_a_new_row_gets_the_county_its_sort_key_and_an_audit_entry(client, county, admin):
    rows = rows_of(county)
    data = {"name": "覃建国", "unit": rows["unit"].pk, "post": "局长", "telephone": "0319123456"}
    assert client.post(url("officer", "add"), data).status_code == 302
    officer = Officer.objects.get(name="覃建国")
    assert (officer.county, officer.sort_key) == (county, "qin jian guo")
    entry = AuditEntry.objects.get(object_id=str(officer.pk), action="Registry extended")
    assert (entry.actor, entry.after["telephone"]) == (admin, "0319123456")


def test_a_correction_tells_before_and_after_and_keeps_the_county(client, county, admin):
    village = rows_of(county)["village"]
    data = {
        "name": "新名村",
        "code": village.code,
        "township": village.township_id,
        "households_count": 120,
        "county": factories.county().pk,
    }
    assert client.post(url("village", "change", village.pk), data).status_code == 302
    village.refresh_from_db()
    assert (village.name, village.sort_key, village.county) == ("新名村", "xin ming cun", county)
    entry = AuditEntry.objects.get(action="Registry corrected")
    assert entry.before["name"] != entry.after["name"] == "新名村"
    assert entry.after["township"] == village.township.name


def test_what_the_constraints_refuse_is_told_in_the_form(client, county, admin):
    unit = rows_of(county)["unit"]
    data = {"name": unit.name, "kind": Unit.Kind.OTHER, "order": 1}
    page = client.post(url("unit", "add"), data)
    assert page.status_code == 200
    assert page.context["adminform"].form.non_field_errors()
    assert Unit.objects.count() == 1


def test_an_account_of_another_unit_is_refused(client, county, admin):
    officer = rows_of(county)["officer"]
    stranger = factories.user(Role.CADRE, unit=factories.unit(county))
    data = {"name": officer.name, "unit": officer.unit_id, "user": stranger.pk}
    page = client.post(url("officer", "change", officer.pk), data)
    assert page.context["adminform"].form.errors["user"]


@pytest.mark.parametrize("role", [Role.COUNTY, Role.COORDINATOR])
def test_others_do_not_get_in(client, county, role):
    unit = factories.unit(county) if role == Role.COORDINATOR else None
    client.force_login(factories.user(role, county=county, unit=unit))
    assert client.get(url("unit", "changelist")).status_code == 302
