"""The monthly report as a Word document, from its snapshot alone."""

from typing import Any

from reports.documents.layout import render
from reports.documents.wording import compose


def docx(snapshot: dict[str, Any]) -> bytes:
    """The document in the layout of GB/T 9704-2012; the same snapshot gives the same bytes."""
    return render(compose(snapshot))
