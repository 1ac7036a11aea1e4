"""Who may open and send what: the table below is the policy, printed, and the program obeys it.

Cells: `200` the page; `302` done, and on to the next page; `login` sent to the sign-in; `403` seen
but not allowed; `404` does not exist for this person; `405` no such method. Three codes in a cell
are three objects: of the own unit, of another unit of the same county, of another county. Where
nothing is sent with a POST, `200` is the form with its errors, which only those see who may send.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import product
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from contact_points.models import ContactPoint, ImportRun
from feedback.models import EvaluationRound, Feedback, MatterRoute, PaperSheet
from feedback.permissions import can_add_evidence
from feedback.services.cards import make_cards
from feedback.services.co_handling import name_co_handler
from feedback.services.receipts import issue_receipt
from outreach import clock, jobs, middleware
from outreach.models import Notification, SavedView, User
from outreach.reminders import off_token
from outreach.roles import Role
from reports.bulletins import issue_bulletin
from reports.issuing import issue_report
from reports.mailing import add_recipient
from tests import evaluation, headers
from tests import factories as make
from tests.conftest import MONTH
from visits.models import PlanLine, Topic, Visit
from visits.services.calendar import make_feed

MATRIX = """
# name                 how  object        nobody  cadre        coordinator  county       admin

home                   GET  -             login   302          302          302          302
healthz                GET  -             200     200          200          200          200
readyz                 GET  -             200     200          200          200          200
login                  GET  -             200     302          302          302          302
login                  POST -             200     302          302          302          302
logout                 POST -             login   302          302          302          302
set_language           POST -             302     302          302          302          302
set_theme              POST -             302     302          302          302          302
password_change        GET  -             login   200          200          200          200
password_change        POST -             login   200          200          200          200
admin_login            GET  -             login   404          404          404          404
admin_login            POST -             login   404          404          404          404
admin_logout           POST -             login   302          302          302          302
admin_password_change  GET  -             login   302          302          302          302
notification_list      GET  -             login   200          200          200          200
notifications_read     POST -             login   302          302          302          302
notification_open      POST notification  login   302 404 404  302 404 404  302 404 404  302 404 404
view_create            GET  -             login   200          200          200          200
view_create            POST -             login   200          200          200          200
view_change            GET  saved_view    login   200 404 404  200 404 404  200 404 404  200 404 404
view_change            POST saved_view    login   200 404 404  200 404 404  200 404 404  200 404 404
view_remove            POST saved_view    login   302 404 404  302 404 404  302 404 404  302 404 404
job_detail             GET  job           login   200 404 404  200 404 404  200 404 404  200 404 404
phone                  GET  -             login   200          200          404          404
phone_worker           GET  -             200     200          200          200          200
phone_manifest         GET  -             200     200          200          200          200
favicon                GET  -             302     302          302          302          302
phone_offline          GET  -             200     200          200          200          200
my_account             GET  -             login   200          200          200          200
my_account             POST -             login   200          200          200          200
reminders_off          GET  off_address   200     200          200          200          200
reminders_off          POST off_address   200     200          200          200          200

policy                 GET  -             login   404          404          404          200
audit_list             GET  -             login   404          404          404          200
account_list           GET  -             login   404          404          404          200
account_create         GET  -             login   404          404          404          200
account_create         POST -             login   404          404          404          200
account_detail         GET  account       login   404          404          404          200 200 404
account_reset_password POST account       login   404          404          404          200 200 404
account_set_active     POST account       login   404          404          404          302 302 404

administration         GET  -             login   404          404          404          200
village_options        GET  -             login   200          200          200          200
unit_options           GET  -             login   200          200          200          200
village_list           GET  -             login   200          200          200          200
village_detail         GET  village       login   200 404 404  200 404 404  200 200 404  200 200 404
unit_list              GET  -             login   200          200          200          200
unit_detail            GET  unit          login   200 404 404  200 404 404  200 200 404  200 200 404
officer_list           GET  -             login   200          200          200          200
officer_detail         GET  officer       login   200 404 404  200 404 404  200 200 404  200 200 404
contact_point_list     GET  -             login   200          200          200          200
contact_point_detail   GET  contact_point login   200 404 404  200 404 404  200 200 404  200 200 404
import_list            GET  -             login   404          404          404          200
import_create          GET  -             login   404          404          404          200
import_create          POST -             login   404          404          404          200
import_template        GET  -             login   404          404          404          200
import_detail          GET  import_run    login   404          404          404          200 200 404
import_confirm         POST import_run    login   404          404          404          302 302 404
import_answer          POST import_run    login   404          404          404          302 302 404
import_correct         POST import_run    login   404          404          404          302 302 404
import_columns         POST import_run    login   404          404          404          302 302 404
import_undo            POST import_run    login   404          404          404          302 302 404
import_slips           POST import_run    login   404          404          404          302 302 404
import_rejects         GET  import_run    login   404          404          404          200 200 404

my_month               GET  -             login   200          200          404          404
programme_year         GET  -             login   404          404          200          404
programme_year         POST -             login   404          404          200          404
topic_create           GET  year          login   403 403 404  403 403 404  200 200 404  404
topic_create           POST year          login   403 403 404  403 403 404  200 200 404  404
programme_year_detail  GET  year          login   200 200 404  200 200 404  200 200 404  404
rule_create            GET  year          login   403 403 404  403 403 404  200 200 404  404
rule_create            POST year          login   403 403 404  403 403 404  200 200 404  404
rule_change            GET  rule          login   403 403 404  403 403 404  200 200 404  404
rule_change            POST rule          login   403 403 404  403 403 404  200 200 404  404
rule_withdraw          POST rule          login   403 403 404  403 403 404  302 302 404  404
ranking_set            POST year          login   403 403 404  403 403 404  302 302 404  404
avoided_days_create    GET  year          login   403 403 404  403 403 404  200 200 404  404
avoided_days_create    POST year          login   403 403 404  403 403 404  200 200 404  404
avoided_days_remove    POST avoided_days  login   403 403 404  403 403 404  302 302 404  404
topic_detail           GET  topic         login   200 404 404  200 404 404  200 200 404  404
topic_change           GET  topic         login   403 404 404  403 404 404  200 200 404  404
topic_change           POST topic         login   403 404 404  403 404 404  200 200 404  404
topic_withdraw         GET  topic         login   403 404 404  403 404 404  200 200 404  404
topic_withdraw         POST topic         login   403 404 404  403 404 404  302 302 404  404
attachment_create      POST topic         login   403 404 404  403 404 404  200 200 404  404
attachment_download    GET  attachment    login   200 404 404  200 404 404  200 200 404  404
attachment_remove      POST attachment    login   403 404 404  403 404 404  302 302 404  404
plan_list              GET  -             login   200          200          200          404
plan_detail            GET  plan          login   200 404 404  200 404 404  200 200 404  404
plan_submit            POST plan          login   403 404 404  302 404 404  403 403 404  404
plan_decide            POST plan          login   403 404 404  403 404 404  302 302 404  404
plan_copy              POST plan          login   403 404 404  302 404 404  403 403 404  404
plan_export            GET  plan          login   200 404 404  200 404 404  200 200 404  404
plan_line              GET  line          login   403 404 404  200 404 404  403 403 404  404
plan_line              POST line          login   403 404 404  200 404 404  403 403 404  404
plan_line_exempt       GET  line          login   403 404 404  403 404 404  200 200 404  404
plan_line_exempt       POST line          login   403 404 404  403 404 404  200 200 404  404
plan_fill              GET  plan          login   403 404 404  200 404 404  403 403 404  404
plan_fill              POST plan          login   403 404 404  200 404 404  403 403 404  404
plan_fill_undo         POST plan          login   403 404 404  302 404 404  403 403 404  404
plan_import            GET  plan          login   403 404 404  200 404 404  403 403 404  404
plan_import            POST plan          login   403 404 404  200 404 404  403 403 404  404
plan_import_detail     GET  plan_sheet    login   403 404 404  200 404 404  403 403 404  404
plan_import_apply      POST plan_sheet    login   403 404 404  302 404 404  403 403 404  404
plan_import_undo       POST plan_sheet    login   403 404 404  302 404 404  403 403 404  404
plan_import_rejects    GET  plan_sheet    login   403 404 404  200 404 404  403 403 404  404
plans_fill             GET  year          login   403 403 404  403 403 404  200 200 404  404
plans_fill             POST year          login   403 403 404  403 403 404  302 302 404  404
plan_decide_many       POST -             login   404          404          302          404
exemption_request_create GET  line        login   200 404 404  200 404 404  403 403 404  404
exemption_request_create POST line        login   200 404 404  200 404 404  403 403 404  404
exemption_request_list GET  -             login   200          200          200          404
exemption_request_detail GET  request     login   200 404 404  200 404 404  200 200 404  404
exemption_request_decide POST request     login   403 404 404  403 404 404  302 302 404  404
exemption_request_withdraw POST request   login   302 404 404  302 404 404  403 403 404  404
exemption_request_decide_many POST -      login   404          404          302          404
exemption_list         GET  -             login   200          200          200          404
exemption_postpone     GET  -             login   404          404          200          404
exemption_postpone     POST -             login   404          404          200          404
exemption_postpone_undo POST -            login   404          404          302          404
officer_handover       GET  officer       login   403 404 404  200 404 404  200 200 404  200 200 404
officer_handover       POST officer       login   403 404 404  200 404 404  200 200 404  200 200 404
visit_list             GET  -             login   200          200          200          404
contact_point_visits   GET  contact_point login   200 404 404  200 404 404  200 200 404  200 200 404
visit_detail           GET  visit         login   200 404 404  200 404 404  200 200 404  404
visit_void             GET  visit         login   200 404 404  200 404 404  200 200 404  404
visit_void             POST visit         login   200 404 404  200 404 404  200 200 404  404
visit_photos           GET  visit         login   200 404 404  200 404 404  200 200 404  404
visit_photo_add        POST visit         login   302 404 404  302 404 404  403 403 404  404
visit_photo            GET  photo         login   200 404 404  200 404 404  200 200 404  404
visit_photo            POST photo         login   422 404 404  422 404 404  403 403 404  404
visit_photo_remove     POST photo         login   302 404 404  302 404 404  403 403 404  404
visit_photo_file       GET  photo_file    login   200 404 404  200 404 404  200 200 404  404
plan_calendar          GET  -             login   200          200          200          404
plan_line_move         GET  line          login   403 404 404  200 404 404  403 403 404  404
plan_line_move         POST line          login   403 404 404  200 404 404  403 403 404  404
my_calendar            GET  -             login   200          200          404          404
my_calendar_make       POST -             login   200          200          404          404
my_calendar_revoke     POST -             login   302          302          404          404
calendar_feed          GET  feed          200     200          200          200          200

record_new             GET  contact_point login   200 404 404  200 404 404  403 403 404  403 403 404
record                 GET  visit         login   200 404 404  200 404 404  403 403 404  404
record                 POST visit         login   200 404 404  200 404 404  403 403 404  404
record_versions        GET  visit         login   200 404 404  200 404 404  200 200 404  404
record_draft           POST visit         login   200 404 404  200 404 404  403 403 404  404
visit_print            GET  visit         login   200 404 404  200 404 404  200 200 404  404
review_queue           GET  -             login   404          404          200          404
review_accept_many     POST -             login   404          404          302          404
review_phrases         GET  -             login   404          404          200          404
review_phrases         POST -             login   404          404          200          404
review_phrase_remove   POST -             login   404          404          302          404
matter_list            GET  -             login   200          200          200          404
matter_assign_preview  POST -             login   404          404          302          404
matter_assign_many     POST -             login   404          404          302          404
matter_board           GET  -             login   200          200          200          404
matter_create          GET  -             login   200          200          200          404
matter_create          POST -             login   200          200          200          404
matter_detail          GET  matter        login   200 404 404  200 404 404  200 200 404  404
matter_act             POST accepting     login   302 404 404  302 404 404  403 403 404  404
matter_act             POST passing_up    login   403 404 404  200 404 404  403 403 404  404
matter_act             POST assigning     login   403 404 404  403 404 404  200 200 404  404
matter_file_add        POST matter        login   302 404 404  302 404 404  302 302 404  404
matter_file            GET  matter_file   login   200 404 404  200 404 404  200 200 404  404
matter_file_withdraw   GET  matter_sheet  login   200 404 404  200 404 404  200 200 404  404
matter_file_withdraw   POST matter_sheet  login   200 404 404  200 404 404  200 200 404  404
receipt_issue          POST matter        login   200 404 404  200 404 404  200 200 404  404
call_back_show         POST calling       login   200 404 404  200 404 404  403 403 404  404
receipt                GET  -             200     200          200          200          200
receipt                POST -             200     200          200          200          200
receipt_link           GET  receipt       200     200          200          200          200
receipt_link           POST receipt       200     200          200          200          200
matter_act             POST joining       login   200 404 404  200 404 404  200 200 404  404
matter_act             POST naming        login   403 404 404  200 404 404  200 200 404  404
matter_detail          GET  helping       login   200 200 404  200 200 404  200 200 404  404
matter_act             POST progress      login   403 200 404  403 200 404  403 403 404  404
matter_settings        GET  -             login   404          404          200          404
matter_agenda          GET  -             login   404          404          200          404
matter_topic           GET  category      login   404          404          200 200 404  404
matter_topic           POST category      login   404          404          200 200 404  404
category_create        GET  -             login   404          404          200          404
category_create        POST -             login   404          404          200          404
category_change        GET  category      login   404          404          200 200 404  404
category_change        POST category      login   404          404          200 200 404  404
route_create           GET  -             login   404          404          200          404
route_create           POST -             login   404          404          200          404
route_remove           POST route         login   404          404          302 302 404  404
suggestion_list        GET  -             login   404          404          200          404
suggestion_detail      GET  suggestion    login   404          404          200 200 404  404
suggestion_detail      POST suggestion    login   404          404          200 200 404  404
evaluation_newest      GET  -             login   200          200          200          404
evaluation_results     GET  closed_round  login   200 200 404  200 200 404  200 200 404  404
evaluation_texts       GET  closed_round  login   404          404          200 200 404  404
evaluation_crosscheck  GET  closed_round  login   404          404          200 200 404  404
evaluation_patterns    GET  -             login   404          404          200          404
clarification_list     GET  -             login   200          200          200          404
clarification          GET  clarification login   200 404 404  200 404 404  200 200 404  404
clarification          POST clarification login   403 404 404  200 404 404  403 403 404  404
clarification          GET  explained     login   200 404 404  200 404 404  200 200 404  404
clarification          POST explained     login   403 404 404  403 404 404  200 200 404  404
feedback_review        GET  feedback      login   403 404 404  403 404 404  200 200 404  404
feedback_review        POST feedback      login   403 404 404  403 404 404  200 200 404  404

evaluation_list        GET  -             login   200          200          200          404
evaluation_create      GET  -             login   404          404          200          404
evaluation_create      POST -             login   404          404          200          404
evaluation_round       GET  draft_round   login   404          404          200 200 404  404
evaluation_round       GET  open_round    login   404          404          200 200 404  404
evaluation_round       GET  closed_round  login   200 200 404  200 200 404  200 200 404  404
evaluation_change      GET  draft_round   login   404          404          200 200 404  404
evaluation_change      POST draft_round   login   404          404          200 200 404  404
evaluation_draw        POST draft_round   login   404          404          302 302 404  404
evaluation_draw        POST closed_round  login   403 403 404  403 403 404  302 302 404  404
evaluation_check       POST draft_round   login   404          404          302 302 404  404
evaluation_check       POST closed_round  login   403 403 404  403 403 404  302 302 404  404
evaluation_open        POST draft_round   login   404          404          302 302 404  404
evaluation_cancel      GET  open_round    login   404          404          200 200 404  404
evaluation_cancel      POST open_round    login   404          404          200 200 404  404
draw_sheet             GET  open_round    login   404          404          200 200 404  404
draw_sheet             GET  closed_round  login   200 200 404  200 200 404  200 200 404  404
evaluation_frame       GET  open_round    login   404          404          200 200 404  404
evaluation_frame       GET  closed_round  login   403 403 404  403 403 404  200 200 404  404
evaluation_village     GET  open_place    login   404          404          200 200 404  404
evaluation_village     GET  closed_place  login   200 404 404  200 404 404  200 200 404  404
evaluation_outcome     POST open_card     login   404          404          302 302 404  404
draw_check             GET  -             200     200          200          200          200
draw_check             POST -             200     200          200          200          200
village_page           GET  village_code  200     200          200          200          200
village_page           POST village_code  200     200          200          200          200
village_opinions       GET  village       login   200 404 404  200 404 404  200 200 404  404
village_sheets         GET  -             login   404          404          200          404
village_sheet          GET  village       login   404          404          200 200 404  404
opinion_list           GET  -             login   404          404          200          404
opinion_next           GET  -             login   404          404          302          404
opinion                GET  opinion       login   404          404          200 200 404  404
opinion                POST opinion       login   404          404          200 200 404  404
opinion_matter         GET  opinion       login   404          404          200 200 404  404
opinion_matter         POST opinion       login   404          404          200 200 404  404
opinion_call_list      GET  -             login   404          404          200          404
opinion_call_create    GET  -             login   404          404          200          404
opinion_call_create    POST -             login   404          404          200          404
opinion_call           GET  opinion_call  login   404          404          200 200 404  404
opinion_call           POST opinion_call  login   404          404          200 200 404  404
opinion_call_close     POST opinion_call  login   404          404          302 302 404  404
answer_code            GET  -             200     200          200          200          200
answer_code            POST -             200     200          200          200          200
answer_done            GET  -             200     200          200          200          200
answer                 GET  card          200     200          200          200          200
answer                 POST card          200     200          200          200          200
evaluation_cards       GET  open_round    login   404          404          200 200 404  404
evaluation_cards       POST open_round    login   404          404          200 200 404  404
evaluation_paper       GET  open_round    login   404          404          200 200 404  404
evaluation_paper       POST open_round    login   404          404          200 200 404  404
paper_sheet            GET  typed_sheet   login   404          404          200 200 404  404
paper_sheet            POST typed_sheet   login   404          404          200 200 404  404
evaluation_close       GET  open_round    login   404          404          200 200 404  404
evaluation_close       POST open_round    login   404          404          200 200 404  404

county_month           GET  -             login   404          404          200          404
month_ledger           GET  -             login   200          200          200          404
matter_rates           GET  -             login   404          404          200          404
matter_rate_list       GET  -             login   404          404          200          404
undated_list           GET  -             login   200          200          200          404
township_month         GET  -             login   404          404          404          404
unit_month             GET  -             login   404          200          404          404
officer_month          GET  -             login   200          404          404          404
bulletin_list          GET  -             login   404          404          200          404
bulletin_create        GET  -             login   404          404          200          404
bulletin_create        POST -             login   404          404          200          404
bulletin_detail        GET  bulletin      login   404          404          200 200 404  404
bulletin_file          GET  bulletin      login   404          404          200 200 404  404
bulletin_write         GET  bulletin      login   404          404          200 200 404  404
bulletin_write         POST bulletin      login   404          404          200 200 404  404
bulletin_issue         GET  bulletin      login   404          404          200 200 404  404
bulletin_issue         POST bulletin      login   404          404          200 200 404  404
bulletin_discard       POST bulletin      login   404          404          302 302 404  404
bulletin_send          POST sent_bulletin login   404          404          302 302 404  404
year_summary           GET  -             login   404          404          200          404
letterhead             GET  -             login   404          404          200          404
letterhead             POST -             login   404          404          200          404
sheet_list             GET  -             login   404          200          200          404
unit_sheet             GET  unit          login   404          200 404 404  200 200 404  404
township_sheet         GET  township      login   404          404          200 200 404  404
report_list            GET  -             login   404          404          200          404
report_create          POST -             login   404          404          302          404
recipient_list         GET  -             login   404          404          200          404
recipient_list         POST -             login   404          404          200          404
recipient_remove       POST recipient     login   404          404          302 302 404  404
report_send            POST issued_report login   404          404          302 302 404  404
report_detail          GET  report        login   404          404          200 200 404  404
report_progress        GET  report        login   404          404          302 302 404  404
report_cancel          POST report        login   404          404          302 302 404  404
report_download        GET  report        login   404          404          200 200 404  404
report_issue           GET  report        login   404          404          200 200 404  404
report_issue           POST report        login   404          404          200 200 404  404
report_findings        GET  report        login   404          404          200 200 404  404
report_findings        POST report        login   404          404          200 200 404  404
report_paragraph       GET  paragraph     login   404          404          200 200 404  404
report_paragraph       POST paragraph     login   404          404          200 200 404  404
report_records         GET  frozen_list   login   404          404          200 200 404  404
"""

JUNE = date(2026, 6, 1)
PLACES = ("own unit", "other unit", "other county")
ROLES = (Role.CADRE, Role.COORDINATOR, Role.COUNTY, Role.ADMIN)


@dataclass(frozen=True)
class Row:
    """One line of the table: what happens to each person at each of the three objects."""

    name: str
    method: str
    kind: str
    nobody: str
    cells: dict[str, tuple[str, ...]]


def rows():
    """The table, read."""
    lines = [line for line in MATRIX.splitlines() if line and not line.startswith("#")]
    starts = [MATRIX.splitlines()[1].index(f" {role} ") for role in ("cadre", "coordinator")]
    starts += [MATRIX.splitlines()[1].index(" county "), MATRIX.splitlines()[1].index(" admin")]
    for line in lines:
        name, method, kind, nobody = line[: starts[0]].split()
        ends = [*starts[1:], None]
        texts = [line[a:b].split() for a, b in zip(starts, ends, strict=True)]
        cells = [text * 3 if len(text) == 1 else text for text in texts]
        assert all(len(cell) == 3 for cell in cells), line
        yield Row(name, method, kind, nobody, dict(zip(ROLES, map(tuple, cells), strict=True)))


ROWS = list(rows())
NAMES = {row.name for row in ROWS}
SECTIONS = [
    sorted({line.split()[0] for line in section.splitlines()})
    for section in MATRIX.strip().split("\n\n")[1:]
]
# Views that may be opened without an account.
OPEN = {row.name for row in ROWS if row.nobody != "login"}


def patterns():
    """(namespace, pattern) of every URL of the program."""

    def walk(resolver, namespace=""):
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                yield namespace, entry
            else:
                yield from walk(entry, entry.namespace or namespace)

    return list(walk(get_resolver()))


@pytest.fixture
def world(world, kept_reports):
    world.kept_reports = kept_reports
    return world


# Kinds that are made for each person anew: their own, and those that become another on the way.
OF_ONE = {"job", "matter_file", "matter_sheet", "notification", "saved_view"}
OF_ONE |= {"frozen_list", "issued_report", "paragraph", "report", "clarification", "explained"}


class Objects:
    """For each kind of object one of the own unit, of another unit, and of another county."""

    def __init__(self, world, user, known=()):
        self.world, self.user = world, user
        self.known, self.reports = dict(known), []
        self.places = (world.own, world.other, world.foreign)
        self.homes = (world.home, world.home, world.abroad)

    def ids(self, kind):
        if kind == "-":
            return (None,)
        if kind not in self.known:
            self.known[kind] = tuple(row.pk for row in getattr(self, kind)())
        return self.known[kind]

    def _of_places(self, name):
        return [getattr(place, name) for place in self.places]

    def village(self):
        return self._of_places("village")

    def township(self):
        return [home.township for home in self.homes]

    def unit(self):
        return self._of_places("unit")

    def officer(self):
        return self._of_places("officer")

    def contact_point(self):
        return self._of_places("contact_point")

    def plan(self):
        return self._of_places("plan")

    def line(self):
        return self._of_places("line")

    def request(self):
        return [self._asked(place) for place in self.places]

    def _asked(self, place):
        june = place.contact_point.plan_lines.filter(month=JUNE).first()
        line = june or make.plan_line(place.contact_point, JUNE)
        known = line.exemption_requests.first()
        return known or make.exemption_request(line, place.coordinator)

    def visit(self):
        return self._of_places("visit")

    def photo(self):
        rows = [make.photo(place.visit, place.cadre, ready=True) for place in self.places]
        return [SimpleNamespace(pk=[row.visit_id, row.sha256]) for row in rows]

    def photo_file(self):
        return [SimpleNamespace(pk=[*row.pk, "thumb"]) for row in self.photo()]

    def account(self):
        return self._of_places("cadre")

    def year(self):
        return [home.year for home in self.homes]

    def rule(self):
        july = clock.add_months(MONTH, 2)
        return [home.year.rules.get_or_create(effective_month=july)[0] for home in self.homes]

    def avoided_days(self):
        return [make.avoided_days(home.year) for home in self.homes]

    def topic(self):
        rows = [make.topic(home.year) for home in self.homes]
        for row, place in zip(rows, self.places, strict=True):
            row.units.add(place.unit)
        return rows

    def attachment(self):
        return [make.attachment(row) for row in self.topic()]

    def feedback(self):
        return [
            make.feedback(make.visit(place.contact_point, place.cadre), place.cadre)
            for place in self.places
        ]

    def suggestion(self):
        rows = self.feedback()
        Feedback.objects.filter(pk__in=[row.pk for row in rows]).update(suggestions="修路")
        return rows

    def matter(self):
        return [make.matter(place) for place in self.places]

    def matter_sheet(self):
        """A file of each matter, added by the person if they have a part in it."""
        found = []
        for place, row in zip(self.places, self.matter(), strict=True):
            mine = self.user if can_add_evidence(self.user, row) else place.coordinator
            found.append(SimpleNamespace(pk=[row.pk, make.matter_picture(row, mine).pk]))
        return found

    def matter_file(self):
        return [SimpleNamespace(pk=[*row.pk, "thumb"]) for row in self.matter_sheet()]

    def _deed(self, name):
        return [SimpleNamespace(pk=[row.pk, name]) for row in self.matter()]

    def calling(self):
        return [make.matter(place, call_back="0319-4332211") for place in self.places]

    def receipt(self):
        return [
            SimpleNamespace(pk=issue_receipt(matter=row, actor=place.coordinator))
            for row, place in zip(self.matter(), self.places, strict=True)
        ]

    def accepting(self):
        return self._deed("accept")

    def passing_up(self):
        return self._deed("pass_up")

    def joining(self):
        return self._deed("join")

    def naming(self):
        return self._deed("name_co_handler")

    def helping(self):
        """The user's own unit helps with the other's matter; the own one it leads itself."""
        rows = self.matter()
        name_co_handler(
            matter=rows[1],
            actor=self.world.home.office,
            unit=self.world.own.unit,
            text="请协助。",
        )
        return rows

    def progress(self):
        return [SimpleNamespace(pk=[row.pk, "note_progress"]) for row in self.helping()]

    def assigning(self):
        return self._deed("assign")

    def category(self):
        return [make.matter_category(home.county) for home in self.homes]

    def route(self):
        return [
            MatterRoute.objects.create(county=row.county, category=row) for row in self.category()
        ]

    def _rounds(self, state):
        """A round of each county in this state, each state about a month of its own."""
        month = clock.add_months(MONTH, -1 - ["draft", "open", "closed"].index(state))
        return [
            EvaluationRound.objects.filter(county=home.county, first_month=month).first()
            or evaluation.evaluation_round(home.county, state=state, month=month, actor=home.office)
            for home in self.homes
        ]

    def draft_round(self):
        return self._rounds("draft")

    def open_round(self):
        return [row.round_village.round for row in self._sampled("open")]

    def closed_round(self):
        return [row.round_village.round for row in self._sampled("closed")]

    def _sampled(self, state):
        """A household of each place's village, drawn."""
        found = []
        for place, round in zip(self.places, self._rounds(state), strict=True):
            row = round.villages.filter(village=place.village).first()
            row = row or evaluation.round_village(round, place.village)
            number = row.households[0]
            with evaluation.by_hand():
                found.append(row.sample.get_or_create(number=number, defaults={"position": 1})[0])
        return found

    def _places(self, state):
        rows = [row.round_village for row in self._sampled(state)]
        return [SimpleNamespace(pk=[row.round_id, row.village_id]) for row in rows]

    def open_place(self):
        return self._places("open")

    def closed_place(self):
        return self._places("closed")

    def open_card(self):
        rows = self._sampled("open")
        return [SimpleNamespace(pk=[row.round_village.round_id, row.pk]) for row in rows]

    def village_code(self):
        return [SimpleNamespace(pk=[place.village.code]) for place in self.places]

    def opinion(self):
        return [evaluation.opinion(place.village) for place in self.places]

    def opinion_call(self):
        return [evaluation.opinion_call(home.county) for home in self.homes]

    def card(self):
        found = []
        for place, row in zip(self.places, self.open_round(), strict=True):
            made = make_cards(round=row, villages=[place.village], actor=row.created_by)
            found.append(SimpleNamespace(pk=made[place.village][0]))
        return found

    def typed_sheet(self):
        """Sheets that somebody else has typed and somebody is to type again."""
        found = []
        for place, row in zip(self.places, self.open_round(), strict=True):
            colleague = make.user(Role.COUNTY, county=row.county)
            sheet = PaperSheet.objects.create(
                **{"round": row, "village": place.village, "typed_by": colleague},
                number=PaperSheet.objects.count() + 1,
                needs_second=True,
                visits=5,
            )
            found.append(SimpleNamespace(pk=[row.pk, sheet.pk]))
        return found

    def clarification(self, **fields):
        return [
            evaluation.clarification(round, place, **fields)
            for round, place in zip(self.closed_round(), self.places, strict=True)
        ]

    def explained(self):
        return self.clarification(state="explained", explanation="去了北头自然村。")

    def notification(self):
        people = (self.user, self.world.other.cadre, self.world.foreign.cadre)
        return [Notification.objects.create(user=person, text="x") for person in people]

    def saved_view(self):
        people = (self.user, self.world.other.cadre, self.world.foreign.cadre)
        return [
            SavedView.objects.create(owner=person, list_name="visit_list", name=uuid4().hex)
            for person in people
        ]

    def job(self):
        people = (self.user, self.world.other.cadre, self.world.foreign.cadre)
        return [
            jobs.enqueue(
                "none",
                title="x",
                county_id=person.county_id,
                actor=person,
                args={},
                key=jobs.new_key(),
            )
            for person in people
        ]

    def off_address(self):
        return [SimpleNamespace(pk=off_token(place.cadre)) for place in self.places]

    def feed(self):
        return [SimpleNamespace(pk=make_feed(actor=place.cadre)) for place in self.places]

    def import_run(self):
        runs = [
            ImportRun.objects.create(
                county=home.county,
                created_by=home.admin,
                file_name="名单.xlsx",
                sha256=uuid4().hex,
                first_day=MONTH,
                state=ImportRun.State.READY,
            )
            for home in (self.world.home, self.world.abroad)
        ]
        return [runs[0], runs[0], runs[1]]

    def plan_sheet(self):
        return [make.plan_import(place.plan, place.coordinator) for place in self.places]

    def report(self):
        if not self.reports:
            self.reports = self.world.kept_reports.copied()
        return [self.reports[0], *self.reports]

    def issued_report(self):
        rows = self.report()
        for row in (rows[0], rows[2]):
            issue_report(report=row, actor=row.requested_by, sha256=row.sha256)
        return rows

    def recipient(self):
        rows = [
            add_recipient(county=home.county, actor=home.office, name="县委办", email="a@b.cn")
            for home in (self.world.home, self.world.abroad)
        ]
        return [rows[0], rows[0], rows[1]]

    def bulletin(self):
        rows = [make.bulletin(home) for home in (self.world.home, self.world.abroad)]
        return [rows[0], rows[0], rows[1]]

    def sent_bulletin(self):
        rows = self.bulletin()
        for row in (rows[0], rows[2]):
            issue_bulletin(bulletin=row, version=1, actor=row.written_by)
        return rows

    def paragraph(self):
        return [SimpleNamespace(pk=[row.pk, "opening"]) for row in self.report()]

    def frozen_list(self):
        return [SimpleNamespace(pk=[row.pk, "visits"]) for row in self.report()]


@contextmanager
def taken_back():
    """Undo what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def asked(client, method, url):
    """The answer; the client itself stays as it is, whatever the view does."""
    once = Client()
    once.cookies.update(client.cookies)
    with taken_back():
        response = once.generic(method, url)
        if response.streaming:
            b"".join(response)
        return response


def outcome(response):
    """What the table calls the answer."""
    if response.status_code == 302 and response["Location"].startswith(reverse("login")):
        is_sign_out = response.wsgi_request.resolver_match.url_name in ("logout", "admin_logout")
        return "302" if is_sign_out and "?next=" not in response["Location"] else "login"
    return str(response.status_code)


def address(name, pk):
    return reverse(name, args=pk if isinstance(pk, list) else [] if pk is None else [pk])


def wanted(row, who, n, name):
    """The table's cell; a method that the table does not name does not exist."""
    if who in ROLES:
        return row.cells[who][n] if row else "405"
    if row:
        return row.nobody
    return "405" if name in OPEN else "login"


def wrong_cells(name, who, browser, objects):
    """Each cell of this person and URL that is not as the table has it, as a sentence.

    Whatever the answer, it carries the headers.
    """
    named = [row for row in ROWS if row.name == name]
    methods = {row.method for row in named}
    for kind in dict.fromkeys(row.kind for row in named):
        of_kind = {row.method: row for row in named if row.kind == kind}
        tried = [m for m in ("GET", "POST") if m in of_kind or m not in methods]
        for method, (n, pk) in product(tried, enumerate(objects.ids(kind))):
            want = wanted(of_kind.get(method), who, n, name)
            if n and want in ("405", "login"):
                continue  # said before anybody looks for the object
            response = asked(browser, method, address(name, pk))
            cell = f"{method} {name} ({kind}) as {who}, {PLACES[n]}"
            if (got := outcome(response)) != want:
                yield f"{cell}: {got}, not {want}"
            if lacking := headers.lacking(response, name, is_person=who in ROLES):
                yield f"{cell}: no {', '.join(lacking)}"


@pytest.fixture
def plain_refusals(monkeypatch):
    """Without their pages, which `test_sign_in_page_and_errors_are_accessible` reads."""
    for status in (403, 404):
        answer = partial(_refused, status)
        monkeypatch.setattr(f"outreach.urls.handler{status}", answer)


def _refused(status, request, exception):
    return HttpResponse(status=status)


@pytest.mark.usefixtures("plain_refusals")
@pytest.mark.parametrize("names", SECTIONS, ids=lambda names: names[0])
def test_every_cell_of_the_table_is_so(names, world, sign_in, client):
    disabled = make.user(Role.COORDINATOR, unit=world.own.unit)
    people = {role: world.person(role) for role in ROLES} | {"disabled": disabled}
    browsers = {who: sign_in(person) for who, person in people.items()} | {"nobody": client}
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    common, wrong = Objects(world, world.home.office), []
    for kind in dict.fromkeys(row.kind for row in ROWS if row.name in names):
        if kind not in OF_ONE:
            common.ids(kind)
    for who, browser in browsers.items():
        objects = Objects(world, people.get(who, disabled), common.known)
        with taken_back():
            for name in names:
                wrong += wrong_cells(name, who, browser, objects)
    assert not wrong, "\n".join(wrong)


def test_every_url_stands_in_the_table():
    named = {pattern.name for namespace, pattern in patterns() if not namespace}
    assert named == NAMES


def test_the_admin_site_opens_for_administrators_only(world, sign_in, client):
    pages = [
        reverse(f"admin:{pattern.name}")
        for namespace, pattern in patterns()
        if namespace == "admin"
        and pattern.name
        and not pattern.pattern.converters
        and pattern.name not in ("app_list", "login", "logout", "autocomplete")
    ]
    assert reverse("admin:index") in pages
    for role in (Role.CADRE, Role.COORDINATOR, Role.COUNTY):
        browser = sign_in(world.person(role))
        assert [page for page in pages if browser.get(page).status_code == 200] == []
    assert [page for page in pages if client.get(page).status_code == 200] == []
    assert sign_in(world.home.admin).get(reverse("admin:index")).status_code == 200


def test_the_admin_site_shows_the_own_county_only(world, rf):
    request = rf.get("/admin/")
    request.user = world.home.admin
    for model, site in admin.site._registry.items():
        if hasattr(model, "county"):
            counties = set(site.get_queryset(request).values_list("county", flat=True))
            assert counties <= {world.home.county.pk}, model


def test_a_form_without_its_token_is_refused_everywhere(world, sign_in):
    browser = sign_in(world.home.admin, enforce_csrf_checks=True)
    objects = Objects(world, world.home.admin)
    for name, kind in dict.fromkeys((row.name, row.kind) for row in ROWS):
        if name in WITHOUT_TOKEN:
            continue
        pk, *_others = objects.ids(kind)
        assert browser.post(address(name, pk)).status_code == 403, name


# A mail program ends reminders with one click (RFC 8058); the signed address is the permission.
# A receipt's number and a card's code stand in each form that is sent about it, and no cookie gives
# it any weight. A village's page is written on by whoever stands there; a draw is computed for
# anybody.
WITHOUT_TOKEN = ["answer", "answer_code", "draw_check", "receipt", "receipt_link"]
WITHOUT_TOKEN += ["reminders_off", "village_page"]


def test_no_other_view_is_exempt_from_the_token_check():
    exempt = sorted(
        pattern.name
        for namespace, pattern in patterns()
        if getattr(pattern.callback, "csrf_exempt", False)
    )
    assert exempt == WITHOUT_TOKEN


def test_a_view_that_writes_during_get_raises(world):
    def view(request):
        User.objects.update(name="changed")

    guarded = middleware.read_only_get(view)
    for reading in (RequestFactory().get("/"), RequestFactory().head("/")):
        with taken_back(), pytest.raises(middleware.WriteDuringGet):
            guarded(reading)
    assert not User.objects.filter(name="changed").exists()
    guarded(RequestFactory().post("/"))
    assert User.objects.filter(name="changed").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO t VALUES (1)",
        " update t set x = 1",
        "DELETE FROM t",
        "TRUNCATE t",
        "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone",
    ],
)
def test_writing_sql_is_recognised(sql):
    assert middleware._WRITING.match(sql)


@pytest.mark.parametrize("sql", ["SELECT 1", "SELECT updated FROM t", "SAVEPOINT a"])
def test_reading_sql_is_let_through(sql):
    assert not middleware._WRITING.match(sql)


def test_a_handed_out_password_opens_nothing_but_its_change(world, sign_in):
    free = {"password_change", "logout", "set_language", "set_theme", "healthz", "readyz"}
    newcomer = make.user(Role.ADMIN, county=world.home.county, must_change_password=True)
    browser = sign_in(newcomer)
    there = reverse("password_change")
    objects = Objects(world, newcomer)
    for row in ROWS:
        if row.name in free:
            continue
        pk, *_others = objects.ids(row.kind)
        response = browser.generic(row.method, address(row.name, pk))
        assert (response.status_code, response.get("Location")) == (302, there), row.name
    assert browser.get(reverse("admin:index"))["Location"] == there
    assert browser.get(there).status_code == 200


# A form takes the fields it shows and nothing else ------------------------------------------------


def forged(world, **fields):
    """What somebody adds to a form by hand."""
    return {
        "county": world.abroad.county.pk,
        "county_id": world.abroad.county.pk,
        "unit_id": world.foreign.unit.pk,
        "contact_point": world.foreign.contact_point.pk,
        "plan": world.foreign.plan.pk,
        "programme_year": world.abroad.year.pk,
        "recorded_by": world.home.office.pk,
        "written_by": world.home.office.pk,
        "received_at": "2020-01-01",
        "written_at": "2020-01-01",
        "is_active": "0",
        "must_change_password": "",
        **fields,
    }


def test_a_visit_takes_no_other_unit_county_or_state(world, sign_in):
    pk, data = uuid4(), make.record_form(world.own)
    url = reverse("record", args=[pk])
    extra = forged(world, state="void", unit=world.foreign.unit.pk, feedback_due_on="2030-01-01")
    browser = sign_in(world.own.cadre)
    assert browser.post(url, data | extra).status_code == 404
    data |= extra | {"contact_point": world.own.contact_point.pk}
    assert browser.post(url, data).status_code == 302
    visit = Visit.objects.get(pk=pk)
    assert (visit.unit, visit.county) == (world.own.unit, world.home.county)
    assert (visit.contact_point, visit.recorded_by) == (world.own.contact_point, world.own.cadre)
    assert visit.state == "recorded"
    assert visit.feedback_due_on == date(2026, 5, 24)
    assert visit.written_at.year == 2026


def test_feedback_takes_no_other_state_or_date(world, sign_in):
    url = reverse("record", args=[world.own.visit.pk])
    extra = forged(world, state="accepted", visit=world.foreign.visit.pk, sent_minutes="1")
    data = make.record_form(world.own, base="1.0", findings="机井电费计量不准。")
    assert sign_in(world.own.cadre).post(url, data | extra).status_code == 302
    row = Feedback.objects.get()
    assert (row.visit, row.county) == (world.own.visit, world.home.county)
    assert (row.state, row.written_by, row.received_at) == ("draft", world.own.cadre, None)


def test_a_plan_line_takes_no_other_month_plan_or_exemption(world, sign_in):
    url = reverse("plan_line", args=[world.own.line.pk])
    data = {"version": "1", "planned_date": "2026-05-12", "officer": world.own.officer.pk}
    extra = forged(
        world, month="2026-06-01", exemption="merged", exemption_reason="x", required_visits="0"
    )
    assert sign_in(world.own.coordinator).post(url, data | extra).status_code == 302
    line = PlanLine.objects.get(pk=world.own.line.pk)
    assert line.planned_date == date(2026, 5, 12)
    assert (line.month, line.plan, line.exemption) == (MONTH, world.own.plan, "")
    assert line.required_visits == 1


def test_an_account_is_made_in_the_own_county_whatever_is_sent(world, sign_in):
    browser = sign_in(world.home.admin)
    data = {"username": "newcomer", "name": "新人", "role": "county", "unit": "", "email": ""}
    page = browser.post(reverse("account_create"), data | forged(world, password="x"))
    assert page.status_code == 200
    account = User.objects.get(username="newcomer")
    assert (account.county, account.is_active) == (world.home.county, True)
    assert account.must_change_password
    assert not account.check_password("x")


def test_a_topic_stays_in_the_year_of_its_address(world, sign_in):
    url = reverse("topic_create", args=[world.home.year.pk])
    data = {
        "title": "医保新政",
        "level": "county",
        "first_month": "2026-01-01",
        "last_month": "2026-12-01",
    }
    assert sign_in(world.home.office).post(url, data | forged(world)).status_code == 302
    assert Topic.objects.get(title="医保新政").programme_year == world.home.year


# A form offers nothing of others ----------------------------------------------------------------


def test_a_visit_by_somebody_elses_officer_is_not_recorded(world, sign_in):
    browser = sign_in(world.own.coordinator)
    url, data = reverse("record", args=[uuid4()]), make.record_form(world.own)
    before = Visit.objects.count()
    for place in (world.other, world.foreign):
        assert browser.post(url, data | {"officer": place.officer.pk}).status_code == 200
    data |= {"officer": world.own.officer.pk}
    assert browser.post(url, data | {"topics": [world.abroad.topic.pk]}).status_code == 200
    strange = {f"household_{world.foreign.household.pk}": "met"}
    browser.post(url, data | strange)
    assert not Visit.objects.filter(household_calls__household=world.foreign.household).exists()
    assert Visit.objects.count() <= before + 1


def test_an_account_of_a_unit_of_another_county_is_not_made(world, sign_in):
    data = {"username": "newcomer", "name": "新人", "role": "cadre", "email": ""}
    data |= {"unit": world.foreign.unit.pk}
    assert sign_in(world.home.admin).post(reverse("account_create"), data).status_code == 200
    assert not User.objects.filter(username="newcomer").exists()


@pytest.mark.parametrize("export", ["", "csv"])
def test_filters_and_exports_show_nothing_of_others(export, world, sign_in):
    asked = {"export": export} if export else {}
    for role in (Role.CADRE, Role.COUNTY):
        browser = sign_in(world.person(role))
        for foreign in (
            {"unit": world.foreign.unit.pk},
            {"contact_point": world.foreign.contact_point.pk},
            {"q": world.foreign.village.name},
        ):
            response = browser.get(reverse("visit_list"), foreign | asked)
            page = b"".join(response) if response.streaming else response.content
            assert world.foreign.officer.name not in page.decode()
            # The search box repeats what was typed, so the village stands there but nowhere else.
            assert str(world.foreign.visit.pk) not in page.decode()


def test_a_unit_sees_no_other_unit_in_any_list(world, sign_in):
    browser = sign_in(world.own.coordinator)
    for name in ("visit_list", "plan_list", "my_month", "contact_point_list", "officer_list"):
        page = browser.get(reverse(name)).content.decode()
        assert world.own.unit.name in page or world.own.officer.name in page, name
        for place in (world.other, world.foreign):
            assert place.unit.name not in page, name
            assert place.village.name not in page, name
    assert ContactPoint.objects.visible_to(world.own.coordinator).count() == 1
