"""Collect, check and compile the translations with Babel: no GNU gettext is needed anywhere."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

PO = Path(settings.BASE_DIR) / "outreach/locale/zh_Hans/LC_MESSAGES/django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
LEFT_OUT = {"tests", "node_modules", ".venv", ".data", "migrations"}


def sources() -> Iterator[tuple[str, bytes]]:
    """(name, Python source) of every module, and of every template turned into one."""
    root = Path(settings.BASE_DIR)
    for path in sorted([*root.glob("*/**/*.py"), *root.glob("templates/**/*.html")]):
        name = path.relative_to(root)
        if LEFT_OUT & set(name.parts):
            continue
        text = path.read_text()
        if path.suffix == ".html":
            # One line: what templatize leaves of the layout is no Python indentation.
            text = " ".join(templatize(text).splitlines())
        yield str(name), text.encode()


def collect() -> Catalog:
    """Every source string of the program, with the files that hold it."""
    found = Catalog()
    for name, source in sources():
        for _line, function, message, _comments in extract_python(
            BytesIO(source), list(KEYWORDS), [], {"encoding": "utf-8"}
        ):
            context = None
            if function.startswith("pgettext"):
                context, message = message[0], message[1]
            elif isinstance(message, tuple):
                message = message[:2] if function.startswith("ngettext") else message[0]
            if message:
                found.add(message, locations=[(name, None)], context=context)
    return found


def _key(message):
    text = message.id if isinstance(message.id, str) else message.id[0]
    return (text, message.context)


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Bring the Chinese catalogue in step with the source and compile it."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail on a gap")

    def handle(self, *, check, **options):
        found = collect()
        with PO.open("rb") as file:
            known = read_po(file, locale="zh_Hans")
        have = {_key(m): m for m in known if m.id}
        want = {_key(m): m for m in found if m.id}
        missing = [key for key in want if key not in have or not _translated(have[key])]
        if check:
            stale = [key for key in have if key not in want]
            self._report(missing, stale)
            return
        fresh = Catalog(locale="zh_Hans", project="outreach", fuzzy=False, charset="utf-8")
        for key in sorted(want, key=str):
            old = have.get(key)
            message = want[key]
            fresh.add(
                message.id,
                old.string if old else None,
                locations=sorted(message.locations)[:1],
                context=message.context,
            )
        fresh.mime_headers  # noqa: B018 (fills the header from the locale)
        with PO.open("wb") as file:
            write_po(file, fresh, width=98, omit_header=False, sort_output=True)
        with PO.with_suffix(".mo").open("wb") as file:
            write_mo(file, fresh)
        self.stdout.write(f"{len(want)} strings, {len(missing)} without translation")

    def _report(self, missing, stale):
        if missing or stale:
            lines = [f"untranslated: {text}" for text, _ in missing]
            lines += [f"no longer in the source: {text}" for text, _ in stale]
            raise CommandError("\n".join([*lines, "Run `make messages` and translate."]))
        compiled = BytesIO()
        with PO.open("rb") as file:
            write_mo(compiled, read_po(file, locale="zh_Hans"))
        if compiled.getvalue() != PO.with_suffix(".mo").read_bytes():
            raise CommandError("The compiled catalogue is old. Run `make messages`.")


def _translated(message):
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(strings)
