"""What the beat asks for by the clock; each run works out by itself what is owed."""

from datetime import timedelta

from celery.schedules import crontab

BEAT = {
    "clear-sessions": {
        "task": "outreach.tasks.clear_expired_sessions",
        "schedule": timedelta(days=1),
    },
    "delete-import-originals": {
        "task": "contact_points.tasks.delete_old_originals",
        "schedule": timedelta(days=1),
    },
    "delete-photo-parts": {
        "task": "visits.tasks.delete_old_photo_parts",
        "schedule": timedelta(days=1),
    },
    "erase-call-backs": {
        "task": "feedback.tasks.erase_call_backs",
        "schedule": timedelta(days=1),
    },
    "erase-opinions": {
        "task": "feedback.tasks.erase_opinions",
        "schedule": timedelta(days=1),
    },
    "forget-receipt-tries": {
        "task": "feedback.tasks.forget_tries",
        "schedule": timedelta(hours=1),
    },
    # Answers wait apart from each other until there are five of a village.
    "count-waiting-answers": {
        "task": "feedback.tasks.count_waiting_answers",
        "schedule": crontab(minute=17),
        "options": {"expires": 3600},
    },
    # Hourly, so that a missed one is made up for.
    "close-due-rounds": {
        "task": "feedback.tasks.close_due_rounds",
        "schedule": crontab(minute=27),
        "options": {"expires": 3600},
    },
    # Dead rows of cards and answers still know their transaction.
    "forget-traces": {
        "task": "feedback.tasks.forget_traces",
        "schedule": crontab(hour=2, minute=40),
    },
    # A change marks its month in the database; between mark and run the month is read from its
    # records. A run that did not begin before the next one was sent is not needed any more.
    "roll-up": {
        "task": "reports.tasks.roll_up",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "check-rollups": {
        "task": "reports.tasks.check_rollups",
        "schedule": crontab(hour=3, minute=20),
        "options": {"queue": "bulk"},
    },
    # Makes up for a beat that was down; of two, or of a message that comes twice, one finds work.
    "make-due-reports": {
        "task": "reports.tasks.request_due_reports",
        "schedule": crontab(minute=7),
        "options": {"queue": "bulk", "expires": 3600},
    },
    "send-waiting-mail": {
        "task": "reports.tasks.send_waiting_mail",
        "schedule": crontab(minute=37),
        "options": {"queue": "bulk", "expires": 3600},
    },
    # Two small counts a month tell whether a text changed; the words are found in seconds.
    "listen": {
        "task": "reports.tasks.listen",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    # Each run works out all that holds now: a missed one is made up for, a second does nothing.
    "remind": {
        "task": "visits.tasks.remind",
        "schedule": timedelta(hours=1),
    },
}
