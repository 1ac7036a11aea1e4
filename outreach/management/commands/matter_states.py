"""Write the picture of a matter's life into docs/matters.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import override

from feedback.matter_states import RULES, State

PAGE = Path(settings.BASE_DIR) / "docs/matters.md"
BEGIN, END = "<!-- from feedback/matter_states.py -->\n", "<!-- end -->\n"


def picture() -> str:
    """The table as a Mermaid diagram and as lines, in the source language."""
    with override("en"):
        return "\n".join([*_diagram(), "", *_table(), ""])


def _diagram() -> list[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in RULES.values():
        for before in rule.before:
            for after in rule.after:
                arrows.setdefault((before, after), []).append(rule.action.value)
    return [
        "```mermaid",
        "stateDiagram-v2",
        f"  [*] --> {State.DRAFT}",
        *(
            f"  {before} --> {after}: {', '.join(names)}"
            for (before, after), names in arrows.items()
        ),
        f"  {State.CLOSED} --> [*]",
        "```",
    ]


def _table() -> list[str]:
    lines = [
        "| action | what the story says | from | to | who | text | told |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for rule in RULES.values():
        cells = [
            f"`{rule.action.value}`",
            str(rule.action.label),
            ", ".join(str(state.label) for state in rule.before),
            ", ".join(str(state.label) for state in rule.after) or "stays",
            ", ".join(str(who.label) for who in rule.who) or "by sending the record",
            "yes" if rule.needs_text else "",
            ", ".join(who.value for who in rule.tells),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


class Command(BaseCommand):
    help = "Writes the table and picture of a matter's states into docs/matters.md."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether it is current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = PAGE.read_text()
        head, rest = page.split(BEGIN)
        tail = rest.split(END)[1]
        fresh = f"{head}{BEGIN}{picture()}{END}{tail}"
        if options["check"]:
            if fresh != page:
                raise CommandError("docs/matters.md is old: run manage.py matter_states")
            return
        PAGE.write_text(fresh)
