"""What was refused, in words: the names of pages as the trail's reader knows them."""

from django.utils.translation import gettext, gettext_noop

# Every page that the table of who may do what (tests/test_access_matrix.py) refuses to somebody.
REFUSABLE = {
    "account_reset_password": gettext_noop("new first password of an account"),
    "account_set_active": gettext_noop("disable or enable an account"),
    "attachment_create": gettext_noop("keep a file with a topic"),
    "attachment_remove": gettext_noop("remove a topic's file"),
    "avoided_days_create": gettext_noop("days to avoid"),
    "avoided_days_remove": gettext_noop("remove days to avoid"),
    "call_back_show": gettext_noop("number for calling back"),
    "clarification": gettext_noop("explain a clarification"),
    "evaluation_check": gettext_noop("compute a draw again"),
    "evaluation_draw": gettext_noop("draw the households of a round"),
    "evaluation_frame": gettext_noop("frame of a draw"),
    "exemption_request_create": gettext_noop("ask for an exemption"),
    "exemption_request_decide": gettext_noop("decide on a request for an exemption"),
    "exemption_request_withdraw": gettext_noop("withdraw a request for an exemption"),
    "feedback_review": gettext_noop("review of feedback"),
    "matter_act": gettext_noop("step of a matter"),
    "officer_handover": gettext_noop("handover of contact points"),
    "paper_sheet": gettext_noop("second typing of a sheet"),
    "plan_copy": gettext_noop("copy lines of a plan"),
    "plan_decide": gettext_noop("approve or return a plan"),
    "plan_fill": gettext_noop("fill in a plan"),
    "plan_fill_undo": gettext_noop("take the filling in of a plan back"),
    "plan_import": gettext_noop("load a plan's sheet"),
    "plan_import_apply": gettext_noop("write a plan's sheet into the plan"),
    "plan_import_detail": gettext_noop("preview of a plan's sheet"),
    "plan_import_rejects": gettext_noop("rejected cells of a plan's sheet"),
    "plan_import_undo": gettext_noop("take a plan's sheet back"),
    "plan_line": gettext_noop("write a line of a plan"),
    "plan_line_exempt": gettext_noop("exempt a planned visit"),
    "plan_line_move": gettext_noop("move a planned visit"),
    "plan_submit": gettext_noop("submit a plan"),
    "plans_fill": gettext_noop("fill in the plans of all units"),
    "ranking_set": gettext_noop("turn rankings on or off"),
    "record": gettext_noop("write the record of a visit"),
    "record_draft": gettext_noop("keep the draft of a record"),
    "record_new": gettext_noop("begin the record of a visit"),
    "rule_change": gettext_noop("change a rule of the year"),
    "rule_create": gettext_noop("set a rule of the year"),
    "rule_withdraw": gettext_noop("withdraw a rule of the year"),
    "topic_change": gettext_noop("change a topic"),
    "topic_create": gettext_noop("add a topic"),
    "topic_withdraw": gettext_noop("withdraw a topic"),
    "visit_photo": gettext_noop("send a photo of a visit"),
    "visit_photo_add": gettext_noop("add photos to a visit"),
    "visit_photo_remove": gettext_noop("remove a photo of a visit"),
}
_ADMIN = gettext_noop("correct the registry")


def page_in_words(name: str) -> str:
    """What a page is for, by its URL's name; a page that is no more is called by that name."""
    return gettext(_ADMIN if name.startswith("admin:") else REFUSABLE.get(name, name))
