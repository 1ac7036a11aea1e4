"""Reports, to whom they go, and the figures of months that are kept."""

from reports.models.figures import HeardMonth, HeardWord, MonthFigures, StaleMonth
from reports.models.mailing import Delivery, Recipient
from reports.models.reports import FindingChoice, Report, ReportEdit

__all__ = [
    "Delivery",
    "FindingChoice",
    "HeardMonth",
    "HeardWord",
    "MonthFigures",
    "Recipient",
    "Report",
    "ReportEdit",
    "StaleMonth",
]
