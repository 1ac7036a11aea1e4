"""Reports and bulletins, to whom they go, and the figures of months that are kept."""

from reports.models.bulletins import Bulletin
from reports.models.figures import HeardMonth, HeardWord, MonthFigures, StaleMonth
from reports.models.letterheads import Letterhead
from reports.models.mailing import Delivery, Recipient
from reports.models.reports import FindingChoice, Report, ReportEdit

__all__ = [
    "Bulletin",
    "Delivery",
    "FindingChoice",
    "HeardMonth",
    "HeardWord",
    "Letterhead",
    "MonthFigures",
    "Recipient",
    "Report",
    "ReportEdit",
    "StaleMonth",
]
