"""What the e-mail with an issued report or bulletin says."""

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from reports.documents import FILE_TYPES
from reports.documents.wording import compose
from reports.models import Bulletin, Delivery, Report


@dataclass(frozen=True)
class Words:
    """The subject, what is said before the attachment is named, who signs, the message's name."""

    subject: str
    opening: list[str]
    issuer: str
    key: str


def letter(delivery: Delivery) -> EmailMessage:
    """The e-mail with the PDF, or the Word file where there is none. OSError: it is not whole."""
    document = delivery.document
    kind, file, digest = sorted(document.files, key=lambda row: row[0] != "pdf")[0]
    with file.open() as stored:
        content = stored.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise OSError(file.name)
    name = document.file_name(kind)
    with translation.override(settings.LANGUAGE_CODE):
        is_bulletin = isinstance(document, Bulletin)
        words = _of_bulletin(document) if is_bulletin else _of_report(document)
        parts = [_("%(name)s:") % {"name": delivery.name}, *words.opening]
        parts.append(_("The document is attached: %(file)s") % {"file": name})
        parts.append(settings.SITE_URL + document.get_absolute_url())
    host = settings.SITE_URL.split("//")[-1].split(":")[0]
    message = EmailMessage(
        words.subject,
        "\n\n".join([*filter(None, parts), words.issuer]),
        None,
        [delivery.address],
        headers={
            # The same e-mail under the same name, should a server get it twice.
            "Message-ID": f"<{words.key}-{delivery.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach(name, content, FILE_TYPES[kind])
    return message


def _of_report(report: Report) -> Words:
    outline = compose(report.snapshot)
    opening = next(row.text for row in outline.paragraphs if row.key == "opening")
    said = [opening, _replaces(report)]
    return Words(outline.title, said, outline.issuer, f"report-{report.pk}")


def _replaces(report: Report) -> str:
    old = (report.snapshot or {})["replaces"]
    if not old:
        return ""
    numbers = {"new": report.revision, "old": old["revision"]}
    return _("This is revision %(new)s. It replaces revision %(old)s.") % numbers


def _of_bulletin(bulletin: Bulletin) -> Words:
    head = bulletin.letterhead or {}
    subject = f"{head['bulletin_name']}（{bulletin.number_text}）：{bulletin.title}"
    return Words(subject, [], head["issuer"], f"bulletin-{bulletin.pk}")
