"""Who may do what: one table, printed as the policy page and read by every permission."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """The four roles with an account (domain: the people)."""

    CADRE = "cadre", _("Cadre")
    COORDINATOR = "coordinator", _("Unit coordinator")
    COUNTY = "county", _("County office")
    ADMIN = "admin", _("Administrator")


class Capability(models.TextChoices):
    """What a role can be allowed; whose rows it applies to is `visible_to`'s question."""

    SEE_RECORDS = "see_records", _("See visits, plans and feedback")
    RECORD_VISITS = "record_visits", _("Record own visits and write their feedback")
    RECORD_FOR_UNIT = "record_for_unit", _("Record on behalf of officers of the own unit")
    WRITE_PLANS = "write_plans", _("Write and submit the own unit's plan")
    RUN_YEAR = "run_year", _("Open the programme year, set rules and topics")
    APPROVE_PLANS = "approve_plans", _("Approve or return plans")
    ASK_EXEMPTIONS = "ask_exemptions", _("Ask the county for an exemption or a substitute")
    DECIDE_EXEMPTIONS = "decide_exemptions", _("Decide exemptions and postpone visits")
    HAND_OVER = "hand_over", _("Hand contact points over to another officer of the unit")
    REVIEW_FEEDBACK = "review_feedback", _("Accept or return feedback")
    SEE_MATTERS = "see_matters", _("See matters and raise them at a desk")
    ANSWER_MATTERS = "answer_matters", _("Answer matters that the own unit leads")
    PASS_MATTERS = "pass_matters", _("Pass matters of the own unit on, and take others over")
    DIRECT_MATTERS = "direct_matters", _("Decide who leads a matter, set categories and limits")
    RUN_EVALUATION = "run_evaluation", _("Ask villagers, read their opinions")
    SEE_EVALUATION = "see_evaluation", _("See what villagers answered, from five answers on")
    EXPLAIN_GAPS = "explain_gaps", _("Explain where answers and visits do not fit")
    SEE_COUNTY_MONTH = "see_county_month", _("See the month of the whole county")
    MAKE_REPORTS = "make_reports", _("Make the monthly county report")
    IMPORT_LISTS = "import_lists", _("Import lists from Excel")
    MANAGE_REGISTRY = "manage_registry", _("Correct the registry")
    MANAGE_ACCOUNTS = "manage_accounts", _("Manage accounts")
    READ_AUDIT = "read_audit", _("Read the audit trail")


C = Capability
POLICY: dict[str, frozenset[str]] = {
    Role.CADRE: frozenset(
        {
            C.SEE_RECORDS,
            C.RECORD_VISITS,
            C.ASK_EXEMPTIONS,
            C.SEE_MATTERS,
            C.ANSWER_MATTERS,
            C.SEE_EVALUATION,
        }
    ),
    Role.COORDINATOR: frozenset(
        {
            C.SEE_RECORDS,
            C.RECORD_VISITS,
            C.RECORD_FOR_UNIT,
            C.WRITE_PLANS,
            C.ASK_EXEMPTIONS,
            C.HAND_OVER,
            C.SEE_MATTERS,
            C.ANSWER_MATTERS,
            C.PASS_MATTERS,
            C.SEE_EVALUATION,
            C.EXPLAIN_GAPS,
        }
    ),
    Role.COUNTY: frozenset(
        {
            C.SEE_RECORDS,
            C.RUN_YEAR,
            C.APPROVE_PLANS,
            C.DECIDE_EXEMPTIONS,
            C.HAND_OVER,
            C.REVIEW_FEEDBACK,
            C.SEE_MATTERS,
            C.DIRECT_MATTERS,
            C.RUN_EVALUATION,
            C.SEE_EVALUATION,
            C.SEE_COUNTY_MONTH,
            C.MAKE_REPORTS,
        }
    ),
    Role.ADMIN: frozenset(
        {C.IMPORT_LISTS, C.MANAGE_REGISTRY, C.MANAGE_ACCOUNTS, C.READ_AUDIT, C.HAND_OVER}
    ),
}


def policy_rows() -> list[tuple[Capability, list[bool]]]:
    """The policy as a table: one row per capability, one column per role in `Role` order."""
    return [(cap, [cap in POLICY[role] for role in Role]) for cap in Capability]
