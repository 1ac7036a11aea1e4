"""Every page at both widths, light and dark, in both languages: axe finds nothing.

What several roles see is looked at on the cadre's phone and on the county office's desk.
"""

import pytest

from feedback.services.drawing import draw_round, note_outcome
from feedback.services.rounds import write_round
from outreach import clock
from tests import factories as make
from tests.e2e.conftest import DESK, PHONE

pytestmark = pytest.mark.slow


LOOKS = {"phone": (PHONE, "light", "zh-hans"), "desk": (DESK, "dark", "en")}


def paths(town):
    """Role -> its account, the pages that only it works on, and those of others it sees as well."""
    sent = make.visit(town.points[0], town.cadre, topics=[town.topic])
    feedback = make.feedback(sent, town.cadre)
    returned = make.visit(town.points[1], town.cadre)
    june = make.plan_line(town.points[0], clock.add_months(clock.this_month(), 1))
    asked = make.exemption_request(june, town.coordinator)
    own_requests = [f"plan-lines/{town.lines[1].pk}/ask", f"exemption-requests/{asked.pk}"]
    common = ["villages", "officers", "contact-points", "notifications", "password"]
    common += [
        f"villages/{town.village.pk}",
        f"officers/{town.cadre.officer.pk}",
        f"contact-points/{town.points[0].pk}",
        f"units/{town.unit.pk}",
    ]
    common += ["visits", f"visits/{sent.pk}", "plans", f"plans/{town.plan.pk}"]
    return {
        "cadre": (
            town.cadre,
            [
                "month",
                "officer-month",
                f"contact-points/{town.points[0].pk}/record",
                f"visits/{returned.pk}/record",
                f"visits/{returned.pk}/versions",
                f"visits/{sent.pk}/print",
                f"visits/{returned.pk}/void",
                f"programme/{town.year.pk}",
                f"topics/{town.topic.pk}",
            ],
            {"phone": common},
        ),
        "coordinator": (
            town.coordinator,
            [
                "month",
                "unit-month",
                f"plan-lines/{town.lines[0].pk}",
                f"officers/{town.cadre.officer.pk}/handover",
                *own_requests,
            ],
            {"phone": ["plans", f"plans/{town.plan.pk}", f"visits/{sent.pk}"]},
        ),
        "county": (
            town.office,
            [
                "county-month",
                "review",
                f"review/{feedback.pk}",
                "review/phrases",
                "programme",
                f"programme/{town.year.pk}",
                f"programme/{town.year.pk}/rules/new",
                f"programme/{town.year.pk}/days/new",
                f"programme/{town.year.pk}/topics/new",
                f"topics/{town.topic.pk}",
                f"topics/{town.topic.pk}/change",
                f"topics/{town.topic.pk}/withdraw",
                f"plan-lines/{town.lines[0].pk}/exempt",
                f"exemption-requests/{asked.pk}",
                "exemption-requests",
                "exemptions",
                "exemptions/postpone",
                "reports",
                "units",
            ],
            {"desk": common},
        ),
        "admin": (
            town.admin,
            [
                "administration",
                "imports",
                "imports/new",
                "accounts",
                "accounts/new",
                f"accounts/{town.cadre.pk}",
                "audit",
                "policy",
                "units",
            ],
            {"desk": ["villages", f"villages/{town.village.pk}", "officers"]},
        ),
    }


def rounds(town):
    """Pages of the evaluation: a draft, a drawn round with a refusal, and the public one."""
    this = clock.this_month()
    draft, drawn = (
        write_round(actor=town.office, first_month=month, last_month=month, closes_on=clock.today())
        for month in (clock.add_months(this, -1), this)
    )
    drawn = draw_round(round=drawn, actor=town.office)
    place = drawn.villages.get(village=town.village)
    note_outcome(household=place.sample.first(), actor=town.office, outcome="refused")
    return [
        "evaluations",
        "evaluations/new",
        f"evaluations/{draft.pk}",
        f"evaluations/{drawn.pk}",
        f"evaluations/{drawn.pk}/cancel",
        f"evaluations/{drawn.pk}/sheet",
        place.get_absolute_url(),
        "draw/?example=1",
    ]


@pytest.mark.parametrize("role", ["cadre", "coordinator", "county", "admin", "evaluation"])
def test_pages_are_accessible_and_fit(visitor, town, role):
    if role == "evaluation":
        account, own, others = town.office, rounds(town), {}
    else:
        account, own, others = paths(town)[role]
    wrong = {}
    for look, (size, scheme, language) in LOOKS.items():
        person = visitor(account, size, color_scheme=scheme)
        person.context.add_cookies(
            [{"name": "django_language", "value": language, "url": person.address}]
        )
        for path in [*own, *others.get(look, [])]:
            assert person.go(path) == 200, path
            if found := person.findings():
                wrong[f"{path} {scheme} {language}"] = found
    assert wrong == {}


def test_sign_in_page_and_errors_are_accessible(visitor, town):
    for scheme in ("light", "dark"):
        nobody = visitor(None, PHONE, color_scheme=scheme)
        assert nobody.go("login") == 200
        nobody.check()
        nobody.page.fill("#id_username", "nobody")
        nobody.page.fill("#id_password", "wrong")
        nobody.page.click("main button.btn-primary")
        nobody.check()
    office = visitor(town.office)
    assert office.go("audit") == 404
    office.faults.clear()  # the browser itself logs a 404
    office.check()
