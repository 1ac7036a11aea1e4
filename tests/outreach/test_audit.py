"""The audit trail: nobody changes it, and every verb leaves exactly one entry."""

import hashlib
import importlib
import inspect
import pkgutil
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.test import override_settings
from django.urls import reverse

import feedback.services
import outreach.services
import reports.bulletins
import reports.issuing
import reports.letterheads
import reports.mailing
import reports.services
import visits.services
from feedback.models import Feedback, Matter, PaperSheet, SampledHousehold
from feedback.phrases import USUAL
from feedback.records import Record
from feedback.services import Sending, receive_record, review_feedback, save_feedback
from feedback.services.agenda import put_on_agenda
from feedback.services.assigning import assign_many
from feedback.services.call_backs import show_call_back
from feedback.services.cards import make_cards
from feedback.services.clarifications import decide_gap, explain_gap, open_clarifications
from feedback.services.co_handling import (
    hand_in_part,
    name_co_handler,
    note_progress,
    release_co_handler,
)
from feedback.services.counting import close_round
from feedback.services.drawing import check_draw, draw_round, note_outcome, take_back_outcome
from feedback.services.evidence import add_evidence, withdraw_evidence
from feedback.services.joining import join_matter, take_apart
from feedback.services.matters import (
    accept_matter,
    close_matter,
    confirm_second,
    note_villager,
    raise_matter,
    reopen_matter,
    say_done,
    sort_matter,
    take_up_drafts,
)
from feedback.services.mixing import ANSWERS
from feedback.services.opinion_calls import change_call, close_call, open_call
from feedback.services.opinions import hold_back_opinion, publish_opinion, raise_from_opinion
from feedback.services.receipts import issue_receipt
from feedback.services.reviewing import accept_many, add_phrase, remove_phrase
from feedback.services.rounds import cancel_round, open_round, write_round
from feedback.services.routes import remove_route, route_category, write_category
from feedback.services.sheets import settle_sheet, type_second, type_sheet
from feedback.services.suggestions import answer_suggestion, correct_reply
from feedback.services.time_limits import ask_extension, decide_extension, resume, wait_for
from feedback.services.transfers import (
    accept_transfer,
    ask_transfer,
    assign_matter,
    decide_transfer,
    pass_down,
    pass_up,
    refuse_transfer,
    withdraw_transfer,
)
from outreach import audit, clock, logs
from outreach.models import AuditEntry, User
from outreach.roles import Role
from outreach.services import (
    change_own_password,
    change_view,
    choose_reminders,
    create_account,
    hand_out_first_passwords,
    remove_view,
    reset_password,
    save_view,
    set_account_active,
)
from reports.bulletins import (
    begin_bulletin,
    discard_bulletin,
    issue_bulletin,
    write_bulletin,
)
from reports.issuing import choose_findings, edit_paragraph, issue_report
from reports.letterheads import set_letterhead
from reports.mailing import add_recipient, remove_recipient, send_again
from reports.services import cancel_report, make_report, request_report
from tests import evaluation
from tests import factories as make
from tests.conftest import MONTH, TODAY
from tests.visits.drawing import jpeg
from visits.models import Visit
from visits.services.calendar import make_feed, move_line, revoke_feed
from visits.services.exemptions import (
    answer_open_requests,
    ask_exemption,
    decide_exemption_request,
    decide_exemption_requests,
    exempt_line,
    withdraw_exemption_request,
)
from visits.services.filling import start_filling
from visits.services.photos import add_photo, receive_chunk, remove_photo
from visits.services.plan_imports import keep_sheet, refuse_sheet, start_plan_import
from visits.services.plans import decide_plan, decide_plans, submit_plan, write_line
from visits.services.postponing import Scope, postpone_visits, take_back_postponement
from visits.services.programme import open_year, set_ranking
from visits.services.recording import (
    VisitContent,
    content_of,
    correct_visit,
    record_visit,
    void_visit,
)
from visits.services.rules import (
    add_avoided_days,
    remove_avoided_days,
    set_rule,
    withdraw_rule,
)
from visits.services.topics import (
    add_topic,
    attach_file,
    change_topic,
    remove_attachment,
    topic_facts,
    withdraw_topic,
)

BLANK = dict.fromkeys(ANSWERS) | {"text": ""}  # a sheet on which nothing is ticked
TRAIL = AuditEntry._meta.db_table


@pytest.fixture
def entry(world):
    return audit.record("Test", actor=world.home.admin, obj=world.own.unit, after={"a": 1})


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TRAIL} SET action = 'other'",
        f"DELETE FROM {TRAIL}",
        f"TRUNCATE {TRAIL} CASCADE",
    ],
)
def test_the_database_refuses_to_change_the_trail(entry, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            cursor.execute(sql)
    assert AuditEntry.objects.get(pk=entry.pk).action == "Test"


def test_the_program_itself_cannot_change_an_entry(entry):
    entry.action = "other"
    for change in (entry.save, entry.delete, AuditEntry.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert AuditEntry.objects.get(pk=entry.pk).action == "Test"


def test_an_account_with_a_trail_cannot_be_deleted(world, entry):
    with pytest.raises(ProtectedError):
        User.objects.filter(pk=world.home.admin.pk).delete()


def test_an_entry_says_who_what_where_and_in_which_request(world):
    token = logs.request_id.set("abc123")
    try:
        row = audit.record("Test", actor=world.home.admin, obj=world.own.unit)
    finally:
        logs.request_id.reset(token)
    assert (row.actor, row.county) == (world.home.admin, world.home.county)
    assert (row.object_type, row.object_id) == ("contact_points.unit", str(world.own.unit.pk))
    assert (row.object_label, row.request_id) == (world.own.unit.name, "abc123")
    assert list(audit.history(world.own.unit)) == [row]


def test_only_what_differs_is_a_change(world):
    row = audit.record(
        "Test",
        actor=None,
        obj=world.own.unit,
        before={"name": "甲", "kind": "other"},
        after={"name": "乙", "kind": "other", "order": 3},
    )
    assert [change[1:] for change in row.changes] == [("甲", "乙"), (None, 3)]


# Every verb leaves one entry ------------------------------------------------------------------

# What a person reads or not is no record of the programme.
# A draft is its writer's alone and is saved every few seconds.
WITHOUT_ENTRY = {"mark_read", "save_draft", "discard_draft"}
# An entry for each line under one id: told where these are tested.
ENTRY_PER_LINE = {
    *("fill_plan", "take_back_fill", "fill_drafts", "copy_lines"),
    *("apply_sheet", "take_back_sheet"),
}


def verbs():
    """Every public service of these apps: it takes keywords only, `actor` among them."""
    packages = [outreach.services, visits.services, feedback.services]
    packages += [reports.services, reports.issuing, reports.mailing]
    packages += [reports.bulletins, reports.letterheads]
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for package in packages
        for found in pkgutil.iter_modules(getattr(package, "__path__", []))
    ]
    for module in [*packages, *modules]:
        for name, function in vars(module).items():
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if own and not name.startswith("_"):
                parameters = inspect.signature(function).parameters
                if "actor" in parameters:
                    keywords = [p.kind for p in parameters.values()]
                    assert set(keywords) <= {
                        inspect.Parameter.KEYWORD_ONLY,
                        inspect.Parameter.VAR_KEYWORD,
                    }, name
                    yield name


def _submitted(world):
    submit_plan(plan=world.own.plan, actor=world.own.coordinator)
    return world.own.plan


def _saved(world):
    return save_view(actor=world.own.cadre, list_name="visit_list", query="q=x", name="迟报")


def _sent(world):
    return make.feedback(world.own.visit, world.own.cadre)


def _content(world):
    return VisitContent(officer_id=world.own.officer.pk, started_at=make.moment(TODAY, 9))


def _june(world):
    return make.plan_line(world.own.contact_point, date(2026, 6, 1))


def _asked(world):
    return ask_exemption(
        line=_june(world), actor=world.own.coordinator, kind="blocked", reason="道路塌方"
    )


def _postpone(world):
    return postpone_visits(
        county=world.home.county,
        month=date(2026, 6, 1),
        scope=Scope(),
        reason="防汛",
        actor=world.home.office,
    )


def _postponed(world):
    _june(world)
    bulk_id, _lines = _postpone(world)
    return bulk_id


def _uploaded(world):
    return start_plan_import(
        plan=world.own.plan, file_name="方案.xlsx", content=b"PK", actor=world.own.coordinator
    )


def _drafted(world):
    values = {"visit": world.own.visit, "village": world.own.village, "position": 0}
    return Matter.objects.create(county=world.home.county, text="路灯不亮", **values)


def _transfer_asked(world):
    matter = make.matter_in_work(world.own)
    return ask_transfer(
        matter=matter, actor=world.own.coordinator, unit=world.other.unit, text="属供电"
    )


def _passed_up(world):
    make.unit(world.home.county, kind="township", township=world.home.township)
    return pass_up(matter=make.matter(world.own), actor=world.own.coordinator, text="需县里定")


def _extension_asked(world):
    matter = make.matter_in_work(world.own)
    return ask_extension(matter=matter, actor=world.own.cadre, days=3, text="等设备")


def _helped(world):
    return name_co_handler(
        matter=make.matter_in_work(world.own),
        actor=world.own.coordinator,
        unit=world.other.unit,
        text="负责电路改造。",
    )


def _joined(world):
    first = make.matter(world.own)
    return join_matter(matter=make.matter(world.other), actor=world.home.office, main=first)


def _round_with_a_gap(world):
    round = evaluation.evaluation_round(world.home.county, state="closed", month=MONTH)
    evaluation.counts(round, world.own.village, 10, visited={2: 10})
    return round


def _route(world):
    category = make.matter_category(world.home.county)
    return route_category(actor=world.home.office, category=category, township=None, unit=None)


def _draft_round(world, **fields):
    values = {"first_month": MONTH, "last_month": MONTH, "closes_on": TODAY} | fields
    return write_round(actor=world.home.office, **values)


def _drawn_round(world):
    return draw_round(round=_draft_round(world), actor=world.home.office)


def _sampled(world):
    return SampledHousehold.objects.filter(round_village__round=_drawn_round(world)).first()


def _refused(world):
    row = _sampled(world)
    note_outcome(household=row, actor=world.home.office, outcome="refused")
    return row


def _open_round(world):
    """An open round that may be closed, of the own village, and its cards."""
    row = evaluation.evaluation_round(
        world.home.county, actor=world.home.office, opened_at=clock.now() - timedelta(days=9)
    )
    evaluation.sampled_village(row, world.own.village)
    made = make_cards(round=row, villages=[world.own.village], actor=world.home.office)
    return row, made[world.own.village][0]


def _first_typing(world):
    row, _code = _open_round(world)
    return PaperSheet.objects.create(
        **{"round": row, "village": world.own.village, "number": 1, "visits": 5},
        typed_by=make.user(Role.COUNTY, county=world.home.county),
        needs_second=True,
    )


def _typed_twice(world):
    return type_second(sheet=_first_typing(world), answers=BLANK, actor=world.home.office)


def _ask_for_report(world):
    return request_report(county=world.home.county, month=MONTH, actor=world.home.office)


def _drafted_report(world):
    return make_report(report=_ask_for_report(world), progress=lambda *args: None)


def _opinion(world):
    return evaluation.opinion(world.own.village)


def _call(world):
    return evaluation.opinion_call(world.home.county, actor=world.home.office)


def _period(world):
    return {
        "actor": world.home.office,
        "question": "村里最该先修哪条路？",
        "opens_on": TODAY,
        "closes_on": TODAY + timedelta(days=7),
    }


def _issued_report(world):
    row = _drafted_report(world)
    return issue_report(report=row, actor=world.home.office, sha256=row.sha256)


def _recipient(world):
    return add_recipient(
        county=world.home.county, actor=world.home.office, name="县委办", email="a@example.org"
    )


@override_settings(EMAIL_ENABLED=True)
def _send_again(world, document):
    return send_again(document=document, actor=world.home.office)


# name: (what must be there before, the verb itself)
CASES = {
    "write_round": (lambda w: None, lambda w, _: _draft_round(w)),
    "check_draw": (_drawn_round, lambda w, row: check_draw(round=row, actor=w.home.office)),
    "draw_round": (_draft_round, lambda w, row: draw_round(round=row, actor=w.home.office)),
    "open_round": (_drawn_round, lambda w, row: open_round(round=row, actor=w.home.office)),
    "cancel_round": (
        _drawn_round,
        lambda w, row: cancel_round(round=row, actor=w.home.office, reason="印错了卡片。"),
    ),
    "note_outcome": (
        _sampled,
        lambda w, row: note_outcome(household=row, actor=w.home.office, outcome="refused"),
    ),
    "take_back_outcome": (
        _refused,
        lambda w, row: take_back_outcome(household=row, actor=w.home.office),
    ),
    "publish_opinion": (
        _opinion,
        lambda w, row: publish_opinion(
            opinion=row, actor=w.home.office, version=0, text="路灯坏了。", reply="已修。"
        ),
    ),
    "hold_back_opinion": (
        _opinion,
        lambda w, row: hold_back_opinion(
            opinion=row, actor=w.home.office, version=0, reason="骂人"
        ),
    ),
    "raise_from_opinion": (
        _opinion,
        lambda w, row: raise_from_opinion(
            opinion=row, actor=w.home.office, version=0, text="路灯坏了。", leader=w.own.unit
        ),
    ),
    "open_call": (lambda w: None, lambda w, _: open_call(**_period(w))),
    "change_call": (_call, lambda w, row: change_call(call=row, **_period(w))),
    "close_call": (_call, lambda w, row: close_call(call=row, actor=w.home.office)),
    "request_report": (lambda w: None, lambda w, _: _ask_for_report(w)),
    "cancel_report": (
        _ask_for_report,
        lambda w, row: cancel_report(report=row, actor=w.home.office),
    ),
    "issue_report": (
        _drafted_report,
        lambda w, row: issue_report(report=row, actor=w.home.office, sha256=row.sha256),
    ),
    "begin_bulletin": (
        _sent,
        lambda w, row: begin_bulletin(
            county=w.home.county, month=MONTH, title="摘报", findings=[row.pk], actor=w.home.office
        ),
    ),
    "write_bulletin": (
        lambda w: make.bulletin(w.home),
        lambda w, row: write_bulletin(
            bulletin=row, title="摘报", text="一、用水", version=1, actor=w.home.office
        ),
    ),
    "discard_bulletin": (
        lambda w: make.bulletin(w.home),
        lambda w, row: discard_bulletin(bulletin=row, version=1, actor=w.home.office),
    ),
    "issue_bulletin": (
        lambda w: make.bulletin(w.home),
        lambda w, row: issue_bulletin(bulletin=row, version=1, actor=w.home.office),
    ),
    "set_letterhead": (
        lambda w: None,
        lambda w, _: set_letterhead(
            county=w.home.county,
            actor=w.home.office,
            version=0,
            issuer="县“面对面”活动办公室",
            office="",
            code="面办",
            last_number=3,
            bulletin_name="简报",
            copies="",
        ),
    ),
    "add_recipient": (lambda w: None, lambda w, _: _recipient(w)),
    "remove_recipient": (
        _recipient,
        lambda w, row: remove_recipient(recipient=row, actor=w.home.office),
    ),
    "send_again": (_issued_report, _send_again),
    "choose_findings": (
        _sent,
        lambda w, row: choose_findings(
            county=w.home.county,
            month=MONTH,
            findings=[row.pk],
            version=0,
            actor=w.home.office,
        ),
    ),
    "edit_paragraph": (
        _drafted_report,
        lambda w, row: edit_paragraph(
            report=row,
            key="opening",
            mode="add",
            text="另作说明。",
            version=0,
            actor=w.home.office,
        ),
    ),
    "raise_matter": (
        lambda w: None,
        lambda w, _: raise_matter(actor=w.own.cadre, village=w.own.village, text="路灯不亮"),
    ),
    "take_up_drafts": (
        _drafted,
        lambda w, _: take_up_drafts(visit=w.own.visit, actor=w.own.cadre),
    ),
    "accept_matter": (
        lambda w: make.matter(w.own),
        lambda w, row: accept_matter(matter=row, actor=w.own.cadre),
    ),
    "sort_matter": (
        lambda w: make.matter(w.own),
        lambda w, row: sort_matter(matter=row, actor=w.own.cadre, category=None, urgency="urgent"),
    ),
    "say_done": (
        lambda w: make.matter_in_work(w.own),
        lambda w, row: say_done(matter=row, actor=w.own.cadre, outcome="solved", text="已修"),
    ),
    "assign_many": (
        lambda w: make.matter(w.own),
        lambda w, row: assign_many(
            matters=[row],
            units={row.pk: w.other.unit},
            actor=w.home.office,
            seen={row.pk: row.version},
        ),
    ),
    "add_evidence": (
        lambda w: make.matter(w.own),
        lambda w, row: add_evidence(matter=row, actor=w.own.cadre, sent=[make.pdf()]),
    ),
    "withdraw_evidence": (
        lambda w: make.matter_picture(make.matter(w.own), w.own.cadre),
        lambda w, row: withdraw_evidence(file=row, actor=w.own.cadre, reason="传错了"),
    ),
    "confirm_second": (
        lambda w: make.matter_answered(w.own, "not_possible"),
        lambda w, row: confirm_second(matter=row, actor=w.home.office, agree=True),
    ),
    "note_villager": (
        lambda w: make.matter_answered(w.own),
        lambda w, row: note_villager(
            matter=row, actor=w.home.office, word="not_solved", text="还是不亮"
        ),
    ),
    "reopen_matter": (
        lambda w: make.matter_answered(w.own),
        lambda w, row: reopen_matter(matter=row, actor=w.home.office, text="又坏了"),
    ),
    "close_matter": (
        lambda w: make.matter_answered(w.own),
        lambda w, row: close_matter(matter=row, actor=w.home.office, text="找不到人"),
    ),
    "open_clarifications": (
        _round_with_a_gap,
        lambda w, row: open_clarifications(round=row, actor=w.home.office),
    ),
    "explain_gap": (
        lambda w: evaluation.clarification(_round_with_a_gap(w), w.own),
        lambda w, row: explain_gap(clarification=row, actor=w.own.coordinator, text="去了北头。"),
    ),
    "decide_gap": (
        lambda w: evaluation.clarification(_round_with_a_gap(w), w.own, state="explained"),
        lambda w, row: decide_gap(clarification=row, actor=w.home.office, text="知道了。"),
    ),
    "put_on_agenda": (
        lambda w: make.matter_category(w.home.county),
        lambda w, row: put_on_agenda(
            category=row, actor=w.home.office, title="饮水安全怎么管", text=""
        ),
    ),
    "correct_reply": (
        lambda w: (
            answer_suggestion(
                feedback=make.feedback(w.own.visit, w.own.cadre, suggestions="修路"),
                actor=w.home.office,
                decision="adopted",
                text="已列入计划。",
            ).feedback
        ),
        lambda w, row: correct_reply(
            feedback=row, actor=w.home.office, number=1, decision="answered", text="明年再议。"
        ),
    ),
    "answer_suggestion": (
        lambda w: make.feedback(w.own.visit, w.own.cadre),
        lambda w, row: answer_suggestion(
            feedback=row, actor=w.home.office, decision="adopted", text="列入明年计划"
        ),
    ),
    "issue_receipt": (
        lambda w: make.matter(w.own),
        lambda w, row: issue_receipt(matter=row, actor=w.home.office),
    ),
    "show_call_back": (
        lambda w: make.matter(w.own, call_back="13812345678"),
        lambda w, row: show_call_back(matter=row, actor=w.own.cadre),
    ),
    "join_matter": (
        lambda w: (make.matter(w.own), make.matter(w.other)),
        lambda w, two: join_matter(matter=two[1], actor=w.home.office, main=two[0]),
    ),
    "take_apart": (
        _joined,
        lambda w, row: take_apart(matter=row, actor=w.home.office, text="是另一盏灯"),
    ),
    "name_co_handler": (
        lambda w: make.matter_in_work(w.own),
        lambda w, row: name_co_handler(
            matter=row, actor=w.home.office, unit=w.other.unit, text="负责电路改造。"
        ),
    ),
    "note_progress": (
        _helped,
        lambda w, row: note_progress(matter=row, actor=w.other.cadre, text="已开工。"),
    ),
    "hand_in_part": (
        _helped,
        lambda w, row: hand_in_part(matter=row, actor=w.other.cadre, text="已完工。"),
    ),
    "release_co_handler": (
        _helped,
        lambda w, row: release_co_handler(
            matter=row, actor=w.home.office, unit=w.other.unit, text="不再需要。"
        ),
    ),
    "assign_matter": (
        lambda w: make.matter(w.own),
        lambda w, row: assign_matter(matter=row, actor=w.home.office, unit=w.other.unit),
    ),
    "ask_transfer": (
        lambda w: make.matter(w.own),
        lambda w, row: ask_transfer(
            matter=row, actor=w.own.coordinator, unit=w.other.unit, text="属供电"
        ),
    ),
    "accept_transfer": (
        _transfer_asked,
        lambda w, row: accept_transfer(matter=row, actor=w.other.coordinator),
    ),
    "refuse_transfer": (
        _transfer_asked,
        lambda w, row: refuse_transfer(matter=row, actor=w.other.coordinator, text="不属"),
    ),
    "withdraw_transfer": (
        _transfer_asked,
        lambda w, row: withdraw_transfer(matter=row, actor=w.own.coordinator),
    ),
    "pass_up": (
        lambda w: make.matter(w.own),
        lambda w, row: pass_up(matter=row, actor=w.own.coordinator, text="需县里定"),
    ),
    "pass_down": (
        _passed_up,
        lambda w, row: pass_down(matter=row, actor=w.home.office, text="镇里先办"),
    ),
    "decide_transfer": (
        _passed_up,
        lambda w, row: decide_transfer(
            matter=row, actor=w.home.office, unit=w.other.unit, text="由你单位办"
        ),
    ),
    "ask_extension": (
        lambda w: make.matter_in_work(w.own),
        lambda w, row: ask_extension(matter=row, actor=w.own.cadre, days=3, text="等设备"),
    ),
    "decide_extension": (
        _extension_asked,
        lambda w, row: decide_extension(matter=row, actor=w.home.office, grant=True),
    ),
    "wait_for": (
        lambda w: make.matter_in_work(w.own),
        lambda w, row: wait_for(matter=row, actor=w.own.cadre, text="等供电所"),
    ),
    "resume": (
        lambda w: wait_for(matter=make.matter_in_work(w.own), actor=w.own.cadre, text="等"),
        lambda w, row: resume(matter=row, actor=w.own.cadre),
    ),
    "write_category": (
        lambda w: None,
        lambda w, _: write_category(actor=w.home.office, name="道路", limit_days=10),
    ),
    "route_category": (
        lambda w: make.matter_category(w.home.county),
        lambda w, row: route_category(
            actor=w.home.office, category=row, township=None, unit=w.own.unit
        ),
    ),
    "remove_route": (
        _route,
        lambda w, row: remove_route(actor=w.home.office, route=row),
    ),
    "create_account": (
        lambda w: None,
        lambda w, _: create_account(
            actor=w.home.admin,
            username="newcomer",
            name="新人",
            role=Role.COUNTY,
            county_id=w.home.county.pk,
        ),
    ),
    "reset_password": (
        lambda w: None,
        lambda w, _: reset_password(account=w.own.cadre, actor=w.home.admin),
    ),
    "hand_out_first_passwords": (
        lambda w: None,
        lambda w, _: hand_out_first_passwords(accounts=[w.own.cadre.pk], actor=w.home.admin),
    ),
    "set_account_active": (
        lambda w: None,
        lambda w, _: set_account_active(account=w.own.cadre, active=False, actor=w.home.admin),
    ),
    "change_own_password": (
        lambda w: None,
        lambda w, _: change_own_password(actor=w.own.cadre, password="ein-langes-wort-42"),
    ),
    "choose_reminders": (
        lambda w: None,
        lambda w, _: choose_reminders(actor=w.own.cadre, reminders="weekly"),
    ),
    "set_ranking": (
        lambda w: w.home.year,
        lambda w, year: set_ranking(year=year, ranking=True, actor=w.home.office),
    ),
    "open_year": (
        lambda w: None,
        lambda w, _: open_year(county=w.home.county, year=2027, actor=w.home.office),
    ),
    "start_filling": (
        lambda w: None,
        lambda w, _: start_filling(year=w.home.year, actor=w.home.office),
    ),
    "add_topic": (
        lambda w: None,
        lambda w, _: add_topic(
            year=w.home.year,
            actor=w.home.office,
            title="医保新政",
            first_month=date(2026, 1, 1),
            last_month=date(2026, 12, 1),
        ),
    ),
    "change_topic": (
        lambda w: None,
        lambda w, _: change_topic(
            topic=w.home.topic,
            actor=w.home.office,
            seen=audit.digest(topic_facts(w.home.topic)),
            units=[w.own.unit],
            title="医保新政",
        ),
    ),
    "withdraw_topic": (
        lambda w: None,
        lambda w, _: withdraw_topic(topic=w.home.topic, actor=w.home.office),
    ),
    "attach_file": (
        lambda w: None,
        lambda w, _: attach_file(topic=w.home.topic, actor=w.home.office, file=make.pdf()),
    ),
    "remove_attachment": (
        lambda w: make.attachment(w.home.topic),
        lambda w, row: remove_attachment(attachment=row, actor=w.home.office),
    ),
    "add_photo": (
        lambda w: None,
        lambda w, _: add_photo(visit=w.own.visit, content=jpeg(), actor=w.own.cadre),
    ),
    "receive_chunk": (
        lambda w: None,
        lambda w, _: receive_chunk(
            visit=w.own.visit,
            sha256=hashlib.sha256(jpeg()).hexdigest(),
            offset=0,
            length=len(jpeg()),
            chunk=jpeg(),
            actor=w.own.cadre,
        ),
    ),
    "remove_photo": (
        lambda w: make.photo(w.own.visit, w.own.cadre),
        lambda w, photo: remove_photo(photo=photo, actor=w.own.cadre),
    ),
    "set_rule": (
        lambda w: None,
        lambda w, _: set_rule(
            year=w.home.year,
            actor=w.home.office,
            effective_month=date(2026, 7, 1),
            visits_per_month=2,
            feedback_due_days=3,
            report_day=5,
            by_kind={"township": 1},
        ),
    ),
    "withdraw_rule": (
        lambda w: w.home.year.rules.create(effective_month=date(2026, 7, 1)),
        lambda w, rule: withdraw_rule(rule=rule, actor=w.home.office),
    ),
    "add_avoided_days": (
        lambda w: None,
        lambda w, _: add_avoided_days(
            year=w.home.year,
            actor=w.home.office,
            first_day=date(2026, 6, 5),
            last_day=date(2026, 6, 20),
            reason="麦收",
        ),
    ),
    "remove_avoided_days": (
        lambda w: make.avoided_days(w.home.year),
        lambda w, days: remove_avoided_days(days=days, actor=w.home.office),
    ),
    "start_plan_import": (
        lambda w: None,
        lambda w, _: _uploaded(w),
    ),
    "refuse_sheet": (
        _uploaded,
        lambda w, run: refuse_sheet(
            run=run, text="The file is empty.", params={}, actor=w.own.coordinator
        ),
    ),
    "keep_sheet": (
        _uploaded,
        lambda w, run: keep_sheet(run=run, rows=[], understood={}, actor=w.own.coordinator),
    ),
    "write_line": (
        lambda w: None,
        lambda w, _: write_line(
            line=w.own.line,
            actor=w.own.coordinator,
            version=1,
            planned_date=TODAY,
            group="capable",
            officer_id=w.own.officer.pk,
            topics=[w.home.topic],
        ),
    ),
    "move_line": (
        lambda w: Visit.objects.filter(plan_line=w.own.line).update(state="void", void_reason="x"),
        lambda w, _: move_line(
            line=w.own.line, actor=w.own.coordinator, version=1, planned_date=TODAY
        ),
    ),
    "make_feed": (lambda w: None, lambda w, _: make_feed(actor=w.own.cadre)),
    "revoke_feed": (
        lambda w: make_feed(actor=w.own.cadre),
        lambda w, _: revoke_feed(actor=w.own.cadre),
    ),
    "submit_plan": (
        lambda w: None,
        lambda w, _: submit_plan(plan=w.own.plan, actor=w.own.coordinator),
    ),
    "decide_plan": (
        _submitted,
        lambda w, plan: decide_plan(plan=plan, actor=w.home.office, reason="六月没有日期"),
    ),
    "decide_plans": (
        _submitted,
        lambda w, plan: decide_plans(
            plans=[plan], actor=w.home.office, seen={plan.pk: plan.submitted_at}
        ),
    ),
    "ask_exemption": (
        _june,
        lambda w, line: ask_exemption(
            line=line, actor=w.own.coordinator, kind="merged", reason="合村并居"
        ),
    ),
    "withdraw_exemption_request": (
        _asked,
        lambda w, row: withdraw_exemption_request(request=row, actor=w.own.coordinator),
    ),
    # A grant writes two rows, under one id: tests/visits/test_exemptions.py.
    "decide_exemption_request": (
        _asked,
        lambda w, row: decide_exemption_request(
            request=row, actor=w.home.office, grant=False, answer="路已抢通"
        ),
    ),
    "decide_exemption_requests": (
        _asked,
        lambda w, row: decide_exemption_requests(
            requests=[row], actor=w.home.office, grant=False, answer="路已抢通"
        ),
    ),
    "answer_open_requests": (
        _asked,
        lambda w, row: answer_open_requests(
            lines=[row.line], actor=w.home.office, reason="防汛", bulk_id=uuid4()
        ),
    ),
    "postpone_visits": (_june, lambda w, _: _postpone(w)),
    "take_back_postponement": (
        _postponed,
        lambda w, bulk_id: take_back_postponement(
            county=w.home.county, bulk_id=bulk_id, actor=w.home.office
        ),
    ),
    "exempt_line": (
        lambda w: None,
        lambda w, _: exempt_line(
            line=w.own.line, actor=w.home.office, exemption="postponed", reason="防汛"
        ),
    ),
    "make_cards": (
        lambda w: _open_round(w)[0],
        lambda w, row: make_cards(round=row, villages=[w.own.village], actor=w.home.office),
    ),
    "type_sheet": (
        _open_round,
        lambda w, made: type_sheet(
            round=made[0],
            village=w.own.village,
            code=made[1],
            answers=BLANK,
            actor=w.home.office,
        ),
    ),
    "type_second": (
        _first_typing,
        lambda w, sheet: type_second(sheet=sheet, answers=BLANK, actor=w.home.office),
    ),
    "settle_sheet": (
        _typed_twice,
        lambda w, sheet: settle_sheet(sheet=sheet, answers=BLANK, actor=w.home.office),
    ),
    "close_round": (
        lambda w: _open_round(w)[0],
        lambda w, row: close_round(round=row, actor=w.home.office),
    ),
    "record_visit": (
        lambda w: None,
        lambda w, _: record_visit(
            id=uuid4(),
            contact_point=w.own.contact_point,
            content=_content(w),
            actor=w.own.cadre,
        ),
    ),
    # With texts and problems each row it writes has its entry: tests/feedback/test_receiving.py.
    "receive_record": (
        lambda w: None,
        lambda w, _: receive_record(
            id=uuid4(),
            contact_point=w.own.contact_point,
            record=Record(_content(w), dict.fromkeys(Feedback.TEXTS, "")),
            sending=Sending(edition=uuid4()),
            actor=w.own.cadre,
        ),
    ),
    "correct_visit": (
        lambda w: None,
        lambda w, _: correct_visit(
            visit=w.own.visit, content=_content(w), actor=w.own.cadre, version=1
        ),
    ),
    "void_visit": (
        lambda w: None,
        lambda w, _: void_visit(visit=w.own.visit, actor=w.own.cadre, reason="重复录入"),
    ),
    "save_feedback": (
        lambda w: None,
        lambda w, _: save_feedback(
            visit=w.own.visit,
            actor=w.own.cadre,
            texts={"findings": "机井电费计量不准。"},
            version=0,
            send=True,
        ),
    ),
    "review_feedback": (
        _sent,
        lambda w, row: review_feedback(feedback=row, actor=w.home.office, reason="请写具体事例"),
    ),
    "accept_many": (
        _sent,
        lambda w, row: accept_many(feedback=[row], actor=w.home.office, seen={row.pk: row.version}),
    ),
    "save_view": (lambda w: None, lambda w, _: _saved(w)),
    "change_view": (
        lambda w: _saved(w),
        lambda w, view: change_view(view=view, actor=w.own.cadre, name="本月", is_default=True),
    ),
    "remove_view": (
        lambda w: _saved(w),
        lambda w, view: remove_view(view=view, actor=w.own.cadre),
    ),
    "add_phrase": (
        lambda w: None,
        lambda w, _: add_phrase(text="请写明户数。", actor=w.home.office),
    ),
    "remove_phrase": (
        lambda w: None,
        lambda w, _: remove_phrase(text=USUAL[0], actor=w.home.office),
    ),
}


def test_every_verb_has_a_case_here():
    assert set(verbs()) - WITHOUT_ENTRY - ENTRY_PER_LINE == set(CASES)


# A bulletin is the county's own text, which may quote a finding.
QUOTING = {"write_bulletin", "discard_bulletin"}


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_verb_leaves_exactly_one_entry(world, name):
    prepare, act = CASES[name]
    prepared = prepare(world)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    act(world, prepared)
    (entry,) = AuditEntry.objects.exclude(pk__in=before)
    assert entry.actor is not None
    assert entry.county == world.home.county
    assert entry.action
    assert entry.object_label
    if name not in QUOTING:
        told = f"{entry.object_label} {entry.before} {entry.after}"
        said = [*Matter.objects.values_list("text", flat=True)]
        said += Feedback.objects.values_list("findings", flat=True)
        assert not [text for text in said if text and text in told]


def test_a_verb_that_fails_leaves_no_entry(world):
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError):
        void_visit(visit=world.own.visit, actor=world.own.cadre, reason="")
    assert AuditEntry.objects.count() == before


def test_passwords_never_enter_the_trail(world):
    _account, first = create_account(
        actor=world.home.admin,
        username="newcomer",
        name="新人",
        role=Role.COUNTY,
        county_id=world.home.county.pk,
    )
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert "password" not in str(entry.after)
    assert first not in str(entry.after)


def test_the_trail_shows_an_administrator_the_own_county_only(world):
    audit.record("Test", actor=world.abroad.admin, obj=world.foreign.unit)
    seen = AuditEntry.objects.visible_to(world.home.admin)
    assert set(seen.values_list("county", flat=True)) == {world.home.county.pk}
    for role in (Role.CADRE, Role.COORDINATOR, Role.COUNTY):
        assert not AuditEntry.objects.visible_to(world.person(role)).exists()


@pytest.mark.parametrize("export", ["", "csv"])
def test_an_administrator_sees_that_a_text_changed_and_not_what_it_says(world, sign_in, export):
    row = make.feedback(world.own.visit, world.own.cadre, findings="老王家里的私事")
    review_feedback(feedback=row, actor=world.home.office, reason="请不要写家里的事")
    page = sign_in(world.home.admin).get(reverse("audit_list"), {"export": export})
    text = (b"".join(page) if page.streaming else page.content).decode()
    for words in ("老王", "家里的事"):
        assert words not in text
    for words in ("7 个字", "8 个字", "已提交"):
        assert words in text


def test_a_text_of_which_only_the_length_was_kept_reads_as_such(world):
    row = make.feedback(world.own.visit, world.own.cadre, send=False)
    entry = audit.record("Test", actor=None, obj=row, after={"findings": 85})
    for shown in (entry.changes, entry.concealed):
        assert [change[2] for change in shown] == ["85 个字的文本"]


def test_those_who_see_a_record_read_in_its_history_what_changed(world, sign_in):
    void_visit(visit=world.own.visit, actor=world.own.cadre, reason="重复录入")
    page = sign_in(world.own.cadre).get(reverse("visit_detail", args=[world.own.visit.pk]))
    (entry, *_older) = page.context["history"]
    assert "重复录入" in str(entry.changes)
    assert "重复录入" not in str(entry.concealed)


@pytest.mark.parametrize("name", ["visit_detail", "visit_print", "record_versions"])
def test_who_opened_a_record_stands_in_the_trail_and_not_in_its_history(world, sign_in, name):
    browser, visit = sign_in(world.own.cadre), world.own.visit
    assert browser.get(reverse(name, args=[visit.pk])).status_code == 200
    entry = AuditEntry.objects.get(action="Record opened")
    assert (entry.actor, entry.object_id) == (world.own.cadre, str(visit.pk))
    assert (entry.before, entry.after) == (None, None)
    assert "Record opened" not in audit.history(visit).values_list("action", flat=True)
    # What does not exist for the reader was not opened.
    sign_in(world.other.cadre).get(reverse(name, args=[visit.pk]))
    assert AuditEntry.objects.filter(action="Record opened").count() == 1


def test_the_entry_about_an_opened_matter_does_not_say_what_a_villager_said(world, sign_in):
    matter = make.matter(world.own)
    sign_in(world.own.cadre).get(matter.get_absolute_url())
    entry = AuditEntry.objects.get(action="Record opened")
    assert matter.text not in entry.object_label


def test_a_stored_visit_reads_back_as_it_was_written(world):
    visit, _new = record_visit(
        id=uuid4(),
        contact_point=world.own.contact_point,
        content=_content(world),
        actor=world.own.cadre,
    )
    assert content_of(type(visit).objects.get(pk=visit.pk)) == _content(world)
    assert visit.received_at - visit.written_at == timedelta(0)
