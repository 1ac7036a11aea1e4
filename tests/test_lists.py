"""List pages: as many queries for three rows as for one, and every address does what it says."""

import csv
from datetime import date, timedelta
from functools import cache, partial
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from feedback.models import EvaluationRound, Matter, MatterRoute
from feedback.services.agenda import put_on_agenda
from feedback.services.suggestions import answer_suggestion
from outreach import audit, clock, ledgers
from outreach.models import AuditEntry
from outreach.paging import Keyset
from outreach.roles import Role
from reports.models import Report
from tests import evaluation
from tests import factories as make
from tests.conftest import AFTER_THE_WORLD, MONTH, Place
from tests.kept import Kept
from visits.models import Visit
from visits.services.exemptions import exempt_line
from visits.services.plans import submit_plan

HTMX = {"HX-Request": "true", "HX-Target": "list"}


def more_visits(world, count):
    for n in range(count):
        visit = make.visit(
            world.own.contact_point,
            world.own.cadre,
            started_at=make.moment(date(2026, 5, 1 + n)),
            topics=[world.home.topic],
            households={world.own.household.pk: "met"},
        )
        make.feedback(visit, world.own.cadre)


def more_places(world, count):
    for _ in range(count):
        place = Place(world.home)
        submit_plan(plan=place.plan, actor=place.coordinator)


def more_reviews(world, count):
    for _ in range(count):
        place = Place(world.home)
        make.feedback(place.visit, place.cadre)


def more_accounts(world, count):
    for _ in range(count):
        make.user(Role.COORDINATOR, unit=make.unit(world.home.county))


def more_entries(world, count):
    for _ in range(count):
        audit.record(
            "Visit corrected",
            actor=make.user(Role.COORDINATOR, unit=make.unit(world.home.county)),
            obj=world.own.visit,
            before={"ate": False},
            after={"ate": True},
        )


def more_reports(world, count):
    known = Report.objects.count()
    for n in range(count):
        Report.objects.create(
            county=world.home.county,
            month=clock.add_months(MONTH, -known - n),
            revision=1,
            state=Report.State.FAILED,
            requested_by=make.user(Role.COUNTY, county=world.home.county),
        )


def more_lines(world, count):
    for _ in range(count):
        village = make.village(world.home.township)
        point = make.contact_point(world.own.unit, village, world.own.officer)
        line = make.plan_line(point, MONTH, programme_year=world.home.year)
        line.topics.add(world.home.topic)
        make.visit(point, world.own.cadre)


def more_topics(world, count):
    for _ in range(count):
        topic = make.topic(world.home.year)
        topic.units.add(make.unit(world.home.county))
        make.attachment(topic)
        make.avoided_days(world.home.year, township=world.home.township)
        later = clock.add_months(MONTH, world.home.year.rules.count())
        rule = world.home.year.rules.create(effective_month=later)
        rule.requirements.create(unit_kind="township", visits_per_month=2)


def more_requests(world, count):
    for _ in range(count):
        place = Place(world.home)
        line = make.plan_line(place.contact_point, date(2026, 6, 1), programme_year=world.home.year)
        make.exemption_request(line, place.coordinator)


def more_matters(world, count):
    for _ in range(count):
        place = Place(world.home)
        parent = make.matter_category(world.home.county)
        category = make.matter_category(world.home.county, parent=parent)
        make.matter_answered(place, category=category)


def more_asked(world, count):
    """Matters that count for the first rate of the present month."""
    for _ in range(count):
        place = Place(world.home)
        category = make.matter_category(world.home.county)
        row = make.matter_in_work(place, category=category)
        Matter.objects.filter(pk=row.pk).update(respond_by=clock.today() - timedelta(days=1))


def more_suggestions(world, count):
    for n in range(count):
        place = Place(world.home)
        row = make.feedback(place.visit, place.cadre, suggestions="把补贴表放到村里领取")
        if n % 2:
            answer_suggestion(
                feedback=row, actor=world.home.office, decision="adopted", text="可以"
            )


def more_clarifications(world, count):
    known = world.home.county.evaluationround_set.first()
    round = known or evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    for _ in range(count):
        evaluation.clarification(round, Place(world.home))


def more_results(world, count):
    """A closed round in which own, other and more villages answered."""
    known = world.home.county.evaluationround_set.first()
    round = known or evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    if not known:
        evaluation.topic_question(round, world.home.topic)
    for _ in range(count):
        place = Place(world.home, make.township(world.home.county))
        evaluation.counts(round, place.village, 9, visited={1: 6, 2: 3}, topic1={2: 9})


def more_agenda(world, count):
    for _n in range(count):
        category = make.matter_category(world.home.county)
        for place in (world.own, world.other):
            make.matter(place, category=category)
        put_on_agenda(category=category, actor=world.home.office, title=category.name, text="")


def more_categories(world, count):
    for _ in range(count):
        parent = make.matter_category(world.home.county)
        category = make.matter_category(world.home.county, parent=parent)
        MatterRoute.objects.create(county=world.home.county, category=category, unit=world.own.unit)


def more_rounds(world, count):
    known = EvaluationRound.objects.count()
    for n in range(count):
        month = clock.add_months(MONTH, -1 - known - n)
        row = evaluation.evaluation_round(
            world.home.county, month=month, actor=world.home.office, state="closed"
        )
        evaluation.round_village(row, world.own.village)


def more_exemptions(world, count):
    for _ in range(count):
        place = Place(world.home)
        exempt_line(line=place.line, actor=world.home.office, exemption="postponed", reason="防汛")


def more_undated(world, count):
    for _ in range(count):
        place = Place(world.home)
        make.plan_line(make.contact_point(place.unit, make.village(place.village.township)), MONTH)


def more_opinions(world, count):
    for _ in range(count):
        place = Place(world.home)
        evaluation.opinion(
            place.village,
            grade=4,
            state="published",
            call=evaluation.opinion_call(world.home.county),
            read_by=world.home.office,
            read_at=clock.now(),
            matter=make.matter(place),
        )


def more_calls(world, count):
    for _ in range(count):
        call = evaluation.opinion_call(world.home.county)
        evaluation.opinion(world.own.village, call=call)


# name: (role, what adds rows)
LISTS = {
    "exemption_request_list": (Role.COUNTY, more_requests),
    "exemption_list": (Role.COUNTY, more_exemptions),
    "undated_list": (Role.COUNTY, more_undated),
    "visit_list": (Role.COORDINATOR, more_visits),
    "matter_list": (Role.COUNTY, more_matters),
    "matter_rate_list": (Role.COUNTY, more_asked),
    "suggestion_list": (Role.COUNTY, more_suggestions),
    "opinion_list": (Role.COUNTY, more_opinions),
    "opinion_call_list": (Role.COUNTY, more_calls),
    "clarification_list": (Role.COUNTY, more_clarifications),
    "plan_list": (Role.COUNTY, more_places),
    "evaluation_list": (Role.COUNTY, more_rounds),
    "review_queue": (Role.COUNTY, more_reviews),
    "account_list": (Role.ADMIN, more_accounts),
    "audit_list": (Role.ADMIN, more_entries),
    "report_list": (Role.COUNTY, more_reports),
}
# What a page costs, whatever it shows: sign-in, unread notices, what waits in the side bar (one
# query), filters, count, rows.
QUERIES = {
    "visit_list": 9,
    "plan_list": 8,
    "matter_list": 10,
    "suggestion_list": 9,
    "evaluation_list": 7,
    "clarification_list": 7,
    "evaluation_newest": 10,
    "matter_rate_list": 10,
    "matter_rates": 8,
    "matter_board": 8,
    "matter_settings": 7,
    "matter_agenda": 7,
    "review_queue": 9,
    "opinion_list": 10,
    "opinion_call_list": 7,
    "account_list": 6,
    "audit_list": 7,  # whether it was noted this minute that the person read it
    "report_list": 7,
    "my_month": 14,
    "county_month": 11,
    "unit_month": 12,
    "officer_month": 10,
    "plan_detail": 14,
    "programme_year": 6,
    "programme_year_detail": 14,
    "exemption_request_list": 7,
    "exemption_list": 7,
    "undated_list": 9,
}


def queries_of(browser, url):
    """The statements of one page, as a list of SQL."""
    with CaptureQueriesContext(connection) as seen:
        response = browser.get(url)
    assert response.status_code == 200
    passing = ("SAVEPOINT", "RELEASE", "CLOSE")
    return [query["sql"] for query in seen if not query["sql"].startswith(passing)]


@pytest.mark.parametrize("name", QUERIES)
def test_three_rows_cost_what_one_row_costs(world, sign_in, name):
    role, more = {
        **LISTS,
        "my_month": (Role.COORDINATOR, more_lines),
        "county_month": (Role.COUNTY, more_places),
        "unit_month": (Role.COORDINATOR, more_lines),
        "officer_month": (Role.CADRE, more_lines),
        "plan_detail": (Role.COORDINATOR, more_lines),
        "matter_board": (Role.COUNTY, more_matters),
        "matter_rates": (Role.COUNTY, more_asked),
        "matter_settings": (Role.COUNTY, more_categories),
        "evaluation_newest": (Role.COUNTY, more_results),
        "matter_agenda": (Role.COUNTY, more_agenda),
        "programme_year": (Role.COUNTY, more_topics),
        "programme_year_detail": (Role.COUNTY, more_topics),
    }[name]
    pages = {"plan_detail": world.own.plan, "programme_year_detail": world.home.year}
    url = reverse(name, args=[pages[name].pk] if name in pages else [])
    browser = sign_in(world.person(role))
    more(world, 1)
    if name == "audit_list":
        browser.get(url)  # who opens the trail stands in it, once a minute
    one = queries_of(browser, url)
    more(world, 2)
    three = queries_of(browser, url)
    assert len(three) == len(one), "\n".join(three)
    assert len(one) == QUERIES[name], "\n".join(one)


@pytest.fixture(scope="session")
def kept_lists(kept_world):
    """By a list's name: the world with three rows more, made when it is first asked for."""

    def build(more):
        world = kept_world.copied()
        more(world, 3)
        return world

    return cache(lambda name: Kept(partial(build, LISTS[name][1])))


@pytest.fixture(params=LISTS)
def listed(request, kept_lists, db, fixed_clock, sign_in):
    """(client, address) of a list with three rows more."""
    make.count_from(AFTER_THE_WORLD)
    world = kept_lists(request.param).copied()
    role, _more = LISTS[request.param]
    return sign_in(world.person(role)), reverse(request.param)


def pks_of(response):
    """The records on the page, in order."""
    return [row.record.pk for row in response.context["table"].on_page]


def fragment_in(page):
    """What stands in the page's list."""
    return page.split('id="list"', 1)[1].split(">", 1)[1].split("</section>", 1)[0].strip()


def test_the_fragment_is_what_a_reload_shows(listed):
    browser, url = listed
    for query in ({}, {"q": "测"}, {"view": "all"}):
        fragment = browser.get(url, query, headers=HTMX).content.decode().strip()
        assert "<html" not in fragment
        assert fragment == fragment_in(browser.get(url, query).content.decode()), query


def test_every_column_sorts_both_ways(listed):
    browser, url = listed
    names = browser.get(url).context["table"].names()
    for name in names:
        orders = []
        for sign in ("", "-"):
            query = {"sort": sign + name, "cols": names}
            response = browser.get(url, query, headers=HTMX)  # the rows without the page around
            assert response.status_code == 200, name
            orders.append(pks_of(response))
        assert sorted(orders[0], key=str) == sorted(orders[1], key=str)


def test_every_column_pages_by_its_key_both_ways(listed):
    browser, url = listed
    table = browser.get(url, {"cols": browser.get(url).context["table"].names()}).context["table"]
    for sort in [sign + name for name in table.names() for sign in ("", "-")]:
        table.order_by = sort
        rows = Keyset(table.data.data)
        with CaptureQueriesContext(connection) as seen:
            pages = [rows.page(2)]
            while pages[-1].after:
                pages.append(rows.page(2, after=pages[-1].after))
            back = rows.page(2, before=pages[-1].before)
        assert not any("OFFSET" in query["sql"] for query in seen)
        found = [row.pk for page in pages for row in page.rows]
        assert found == [row.pk for row in rows.ordered()], sort
        assert len(pages) > 1
        assert [row.pk for row in back.rows] == [row.pk for row in pages[-2].rows], sort


def test_chosen_columns_are_shown_and_kept(listed):
    browser, url = listed
    names = browser.get(url).context["table"].names()
    chosen = names[::2]
    response = browser.get(url, {"cols": chosen})
    assert [column.name for column in response.context["table"].columns] == chosen
    assert all(f"cols={name}" in response.context["kept_query"] for name in chosen)


def test_every_column_can_be_chosen_and_those_shown_are_marked(listed):
    browser, url = listed
    names = browser.get(url).context["table"].names()
    response = browser.get(url, {"cols": names[:1]})
    if response.context["filter"] is None:
        return  # without a filter bar there is nothing to choose columns in
    page = response.content.decode()
    for name in names:
        marked = f'name="cols" value="{name}"' + (" checked" if name == names[0] else "")
        assert f"{marked}>" in page, name


NONSENSE = [
    {"after": "zzz"},
    {"before": "[]"},
    {"after": "[1,2,3,4,5]", "before": "{}"},
    {"after": "[null]"},
    {"view": "zzz"},
    {"sort": "evil"},
    {"sort": "-password"},
    {"sort": "county__users__password"},
    {"sort": ["--unit", ""]},
    {"cols": "x"},
    {"cols": ["password", ""]},
    {"export": "exe"},
    {"month": "2026-13"},
    {"unit": "zzz", "year": "zzz", "role": "zzz", "since": "zzz", "late": "zzz"},
    {"unit": "99999999999999999999", "contact_point": "99999999999999999999"},
    {"contact_point": "1e400", "year": "\x00", "q": "\x00"},
    {"q": "%_\\'\"--" + "长" * 500},
    {"undated": "zzz", "until": "2026-02-30"},
]


def test_nonsense_in_the_address_does_no_harm(listed):
    browser, url = listed
    for query in NONSENSE:
        assert browser.get(url, query).status_code in (200, 404), query
    # The list alone is made of the same, so all at once will do; no month is no list.
    at_once = {name: value for query in NONSENSE for name, value in query.items()}
    del at_once["month"]
    assert browser.get(url, at_once, headers=HTMX).status_code == 200


# Ledgers ----------------------------------------------------------------------------------------


def read(response, kind):
    content = b"".join(response)
    if kind == "csv":
        return list(csv.reader(content.decode("utf-8-sig").splitlines(keepends=True)))
    book = load_workbook(BytesIO(content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    sheet = book.worksheets[0]
    return [["" if cell.value is None else cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_ledger_holds_the_rows_of_the_page(listed, kind):
    browser, url = listed
    browser.get(url)  # who opens the trail stands in it, once a minute
    table = browser.get(url).context["table"]
    header, *rows = read(browser.get(url, {"export": kind}), kind)
    assert header == [str(column.header) for column in table.columns]
    assert len(rows) == len(table.on_page)


def test_both_ledgers_hold_the_same_texts(listed):
    browser, url = listed
    names = browser.get(url).context["table"].names()
    texts = []
    for kind in ("csv", "xlsx"):
        rows = read(browser.get(url, {"export": kind, "cols": names}), kind)
        rows = [row for row in rows if "导出台账" not in row]  # the trail names the first export
        texts.append([[str(value).split(" 00:00:00")[0][:16] for value in row] for row in rows])
    assert texts[0] == texts[1]


def test_a_ledger_follows_filter_sort_and_columns(world, sign_in):
    more_visits(world, 3)
    browser, url = sign_in(world.own.coordinator), reverse("visit_list")
    query = {"since": "2026-05-02", "until": "2026-05-03", "sort": "day", "cols": ["day", "unit"]}
    header, *rows = read(browser.get(url, query | {"export": "csv"}), "csv")
    assert len(header) == 2
    assert [row[0] for row in rows] == ["2026-05-02", "2026-05-03"]
    _header, *rows = read(browser.get(url, query | {"export": "csv", "sort": "-day"}), "csv")
    assert [row[0] for row in rows] == ["2026-05-03", "2026-05-02"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "＝1+1"])
def test_no_name_of_the_registry_becomes_a_formula(world, sign_in, text):
    for row in (world.own.village, world.own.officer, world.own.unit):
        row.name = text
        row.save(update_fields=["name"])
    browser, url = sign_in(world.own.coordinator), reverse("visit_list")
    _header, line = read(browser.get(url, {"export": "csv"}), "csv")
    assert sum(cell.startswith("'") for cell in line) == 3
    assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "＝"))]
    _header, line = read(browser.get(url, {"export": "xlsx"}), "xlsx")
    assert sum(cell == text for cell in line) == 3


def test_a_ledger_is_not_cut_at_the_page(world, sign_in):
    template = Visit.objects.get(pk=world.own.visit.pk)
    fields = {
        field.attname: getattr(template, field.attname)
        for field in Visit._meta.concrete_fields
        if field.attname not in ("id", "month")
    }
    Visit.objects.bulk_create(Visit(**fields) for _ in range(60))
    browser, url = sign_in(world.own.coordinator), reverse("visit_list")
    page = browser.get(url)
    assert len(page.context["table"].on_page) == 50
    second = browser.get(url, {"after": page.context["page"].after})
    assert len(second.context["table"].on_page) == 11
    pks = [row.record.pk for p in (page, second) for row in p.context["table"].on_page]
    assert len(set(pks)) == 61
    assert len(read(browser.get(url, {"export": "csv"}), "csv")) == 62


@pytest.mark.parametrize("asked", ["1.5", "-1e5000", "1e5000", "9" * 30, "x", "-1"])
@pytest.mark.parametrize("name", ["village", "topic", "officer", "contact_point"])
def test_an_address_with_no_id_narrows_nothing(world, sign_in, name, asked):
    page = sign_in(world.home.office).get(reverse("visit_list"), {name: asked})
    assert page.status_code == 200
    assert len(page.context["table"].on_page) == 2


def test_a_workbook_names_the_unit_that_an_address_knows_by_its_id(world, sign_in):
    make.matter(world.own)
    query = {"unit": world.own.unit.pk, "export": "xlsx"}
    content = b"".join(sign_in(world.home.office).get(reverse("matter_list"), query))
    _rows, about = load_workbook(BytesIO(content)).worksheets
    told = {row[0]: row[1] for row in about.iter_rows(min_row=2, values_only=True)}
    assert told["牵头单位"] == world.own.unit.name


def test_a_workbook_says_what_it_holds(world, sign_in):
    more_visits(world, 3)
    browser, url = sign_in(world.home.office), reverse("visit_list")
    query = {"since": "2026-05-02", "unit": world.own.unit.pk, "feedback": "submitted"}
    content = b"".join(browser.get(url, query | {"sort": "-day", "export": "xlsx"}))
    rows, about = load_workbook(BytesIO(content)).worksheets
    assert (rows.title, about.title) == ("走访记录", "说明")
    assert (rows.freeze_panes, rows.auto_filter.ref) == ("A2", "A1:H3")
    told = {row[0]: row[1] for row in about.iter_rows(min_row=2, values_only=True)}
    assert told["名单"] == "走访记录"
    assert told["起始日期"] == "2026-05-02"
    assert (told["单位"], told["反馈"]) == (world.own.unit.name, "已提交")
    assert told["排序"].endswith(" ↓")
    assert (told["行数"], told["导出人"]) == (2, world.home.office.name)
    assert told["导出时间"].startswith("2026-05-20")


def test_a_ledger_reads_its_rows_in_chunks(world, sign_in, monkeypatch):
    monkeypatch.setattr(ledgers, "CHUNK", 2)
    more_visits(world, 6)
    browser, url = sign_in(world.own.coordinator), reverse("visit_list")
    response = browser.get(url, {"export": "csv"})
    with CaptureQueriesContext(connection) as seen:
        assert len(read(response, "csv")) == 8
    # Each chunk would ask anew for what was not joined; at the end stands the audit's entry.
    assert len(seen) == 2
    assert "DECLARE" in seen[0]["sql"]


def test_who_took_a_ledger_stands_in_the_trail_without_its_content(world, sign_in):
    more_visits(world, 2)
    browser, url = sign_in(world.own.coordinator), reverse("visit_list")
    asked = {"q": "王大爷说路坏了", "feedback": "returned"}
    for kind in ("csv", "xlsx"):
        read(browser.get(url, {"export": kind, **asked}), kind)
    day, told = f"{clock.today():%Y%m%d}", "搜索: 7 个字的文本; 反馈: 已退回"
    entries = AuditEntry.objects.filter(action="List exported", actor=world.own.coordinator)
    assert [entry.after for entry in entries.order_by("pk")] == [
        {"file": f"visits-{day}.{kind}", "list": "走访记录", "filter": told, "rows": 0}
        for kind in ("csv", "xlsx")
    ]
    assert all(entry.request_id for entry in entries)


def test_what_is_not_for_the_reader_is_found_as_little_as_what_is_not_there(world, sign_in):
    browser, hidden = sign_in(world.own.coordinator), world.other
    asked = {"village": hidden.village.pk, "contact_point": hidden.contact_point.pk}
    for name, pk in asked.items():
        pages = [browser.get(reverse("visit_list"), {name: each}) for each in (pk, 2**40)]
        assert [page.context["page"].count for page in pages] == [0, 0]


def test_an_empty_list_says_what_it_means(world, sign_in):
    page = sign_in(world.own.coordinator).get(reverse("visit_list"), {"q": "没有这样的村"})
    assert str(page.context["empty"]) in page.content.decode()
    assert page.context["filtered"]


def test_an_administrators_sections_show_every_account_and_entry_of_the_county(world, sign_in):
    browser = sign_in(world.home.admin)
    rows = browser.get(reverse("account_list")).context["table"].rows
    assert {row.record.county for row in rows} == {world.home.county}
    page = browser.get(reverse("account_list"), {"q": world.own.cadre.name})
    assert [row.record for row in page.context["table"].rows] == [world.own.cadre]
