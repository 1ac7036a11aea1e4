"""Pages as they leave: whole in both languages, without inline code, with their safety headers."""

import ast
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Template, engines
from django.test import Client
from django.urls import reverse
from django.utils import translation

from feedback.services import review_feedback
from outreach import jobs, navigation
from outreach.models import Notification
from outreach.roles import Role
from tests import factories as make
from tests.conftest import UndefinedVariable
from tests.headers import unsafe
from tests.test_access_matrix import ROWS, Objects, address

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Templates that a package asks for by its own convention.
BY_CONVENTION = ("registration/login.html", "admin/")
LANGUAGES = {"zh-hans": "zh-CN", "en": "en"}


def name_of(template):
    return str(template.relative_to(ROOT / "templates"))


# What is written --------------------------------------------------------------------------------


def test_every_template_is_used():
    named = set()
    for template in TEMPLATES:
        named |= set(re.findall(r"[\"']([\w/.]+\.html)[\"']", template.read_text()))
    for app in ("outreach", "contact_points", "visits", "feedback", "reports"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    named.add(node.value)
    unused = [
        name
        for name in map(name_of, TEMPLATES)
        if name not in named and not name.startswith(BY_CONVENTION)
    ]
    assert unused == []


def test_no_template_switches_escaping_off():
    wrong = [
        name_of(template)
        for template in TEMPLATES
        if re.search(r"\|\s*safe\b|autoescape\s+off|safeseq", template.read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", ["html", "js", "css"])
def test_no_file_loads_anything_from_elsewhere(kind):
    folders = [ROOT / "templates", ROOT / "static"]
    wrong = [
        f"{path.relative_to(ROOT)}: {address}"
        for folder in folders
        for path in folder.rglob(f"*.{kind}")
        for address in re.findall(
            r"(?:src|href|url|import)\s*[=(]?\s*[\"']?(https?:[^\"')\s]+)", path.read_text()
        )
    ]
    assert wrong == []


def test_an_undefined_variable_fails_the_test():
    ours = engines["django"].get_template("components/state.html")
    with pytest.raises(UndefinedVariable, match="label"):
        ours.render({"state": "done"})
    assert Template("{{ nothing }}|{{ nothing|default:'x' }}").render(Context()) == "|x"


def test_every_text_is_translated():
    call_command("translations", check=True)


# What leaves ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page holds that it should not, and its forms."""

    VOID_TEXT = {"script", "style"}

    def __init__(self, html):
        super().__init__()
        self.wrong: list[str] = []
        self.ids: Counter[str] = Counter()
        self.language = ""
        self.inside: list[str] = []
        self.texts: list[str] = []
        self.headings = 0
        self.feed(html)
        self.wrong += [f"id {name} twice" for name, count in self.ids.items() if count > 1]

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "html":
            self.language = found.get("lang", "")
        if tag == "h1":
            self.headings += 1
        if tag == "style" or (tag == "script" and not found.get("src")):
            self.wrong.append(f"inline {tag}")
        if tag == "form" and not (found.get("method") and "action" in found):
            self.wrong.append("a form without method or action")
        if tag == "img" and "alt" not in found:
            self.wrong.append("a picture without words")
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name == "style":
                self.wrong.append(f"<{tag} {name}>")
            if name in ("href", "action", "src") and (value or "").startswith("javascript:"):
                self.wrong.append(f"<{tag} {name}={value}>")
        if "id" in found:
            self.ids[found["id"]] += 1
        self.inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if data.strip() and not self.VOID_TEXT & set(self.inside):
            self.texts.append(data.strip())


PAYLOADS = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg/onload=alert(1)>{{7*7}}"
MARKED = "<b onclick=x>"


@pytest.fixture
def busy_world(world, kept_reports):
    """The world with every state on its pages, and with code wherever somebody may write."""
    world.kept_reports = kept_reports
    texts = dict.fromkeys(("findings", "problems_solved", "suggestions"), PAYLOADS)
    for place in (world.own, world.other):
        row = make.feedback(make.visit(place.contact_point, place.cadre), place.cadre, **texts)
        if place is world.own:
            review_feedback(feedback=row, actor=world.home.office, reason=PAYLOADS[:100])
    make.visit(world.own.contact_point, world.own.cadre, topics=[world.home.topic], ate=True)
    world.own.line.topics.add(world.home.topic)
    for row in (world.own.unit, world.own.village, world.own.officer, world.home.topic):
        field = "title" if hasattr(row, "title") else "name"
        setattr(row, field, MARKED + getattr(row, field))
        row.save(update_fields=[field])
    jobs.enqueue(
        "none",
        title=MARKED,
        county_id=world.home.county.pk,
        actor=world.own.cadre,
        args={},
        key="x",
    )
    Notification.objects.create(user=world.own.cadre, text=MARKED)
    return world


def pages_of(world, role, browser, seen=()):
    """(row of the table, response) of every page this role may open, for an own object."""
    objects = Objects(world, world.person(role))
    for row in ROWS:
        if row not in seen and row.method == "GET" and row.cells[role][0] == "200":
            pk = objects.ids(row.kind)[0]
            response = browser.get(address(row.name, pk))
            if "html" in response["Content-Type"]:
                yield row, response
            elif response.streaming:
                b"".join(response)


FRAGMENTS = {
    "contact_point_visits",
    "visit_photos",
    "village_options",
    "unit_options",
    "village_opinions",
}
ENGLISH = re.compile(r"\b[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}")


def whole(name, response, language):
    """The page, after it was found to be whole and to run nothing that somebody wrote."""
    html = response.content.decode()
    page = Page(html)
    assert page.wrong == [], name
    assert "alert(1)</script>" not in html, name
    if name not in FRAGMENTS:
        assert page.language == LANGUAGES[language], name
        assert page.headings == 1, name
    return page


@pytest.mark.parametrize("role", Role)
def test_every_page_is_whole_and_chinese(busy_world, sign_in, role):
    seen = []
    for row, response in pages_of(busy_world, role, sign_in(busy_world.person(role))):
        page = whole(row.name, response, "zh-hans")
        left = [text for text in page.texts if ENGLISH.search(text)]
        assert left == [], row.name
        seen.append(row)
    assert len(seen) > 10


def test_every_page_is_whole_in_english(busy_world, sign_in):
    seen = []
    for role in Role:
        browser = sign_in(busy_world.person(role))
        browser.post(reverse("set_language"), {"language": "en"})
        for row, response in pages_of(busy_world, role, browser, seen):
            whole(row.name, response, "en")
            seen.append(row)
    assert len(seen) > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sign_in_page_is_whole_in_both_languages(client, db, language):
    client.post(reverse("set_language"), {"language": language})
    page = Page(client.get(reverse("login")).content.decode())
    assert (page.wrong, page.language, page.headings) == ([], LANGUAGES[language], 1)


def test_a_browser_nobody_set_up_reads_chinese(client, db):
    page = client.get(reverse("login"), headers={"accept-language": "en-US,en;q=0.9"})
    assert 'lang="zh-CN"' in page.content.decode()


# Headers ----------------------------------------------------------------------------------------


def test_static_files_carry_the_headers(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    response = Client().get("/static/a.svg")
    b"".join(response)
    assert response.status_code == 200
    assert [name for name in unsafe(response) if name != "no frames"] == []


# Errors -----------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_shows_its_number(world, sign_in):
    for browser in (Client(), sign_in(world.own.cadre)):
        response = browser.get("/nothing/here/")
        assert response.status_code == 404
        assert unsafe(response) == []
        assert response["X-Request-ID"] in response.content.decode()
        assert Page(response.content.decode()).wrong == []


def test_a_refused_page_shows_its_number_and_what_to_do(world, sign_in):
    response = sign_in(world.own.cadre).get(reverse("plan_line", args=[world.own.line.pk]))
    assert response.status_code == 403
    assert unsafe(response) == []
    assert response["X-Request-ID"] in response.content.decode()


def test_a_form_that_is_too_old_shows_its_number(world, sign_in):
    browser = sign_in(world.own.cadre, enforce_csrf_checks=True)
    response = browser.post(reverse("plan_submit", args=[world.own.plan.pk]))
    assert response.status_code == 403
    assert response["X-Request-ID"] in response.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_own_mistake_shows_a_number_that_is_in_the_log(
    world, sign_in, monkeypatch, caplog, language
):
    monkeypatch.setattr(navigation, "HOME", {})
    browser = sign_in(world.own.cadre, raise_request_exception=False)
    browser.post(reverse("set_language"), {"language": language})
    response = browser.get(reverse("home"))
    number = response["X-Request-ID"]
    assert response.status_code == 500
    assert unsafe(response) == []
    assert number in response.content.decode()
    assert Page(response.content.decode()).wrong == []
    assert "KeyError" not in response.content.decode()
    logged = [line for line in caplog.records if line.levelname == "ERROR"]
    assert [line.request_id for line in logged] == [number]


def test_every_request_has_its_own_number(client, db):
    numbers = {client.get(reverse("healthz"))["X-Request-ID"] for _ in range(50)}
    assert len(numbers) == 50


def test_a_number_from_outside_is_not_taken_over(client, db):
    page = client.get(reverse("healthz"), headers={"x-request-id": "<script>"})
    assert page["X-Request-ID"] != "<script>"


def test_the_language_of_a_page_is_that_of_its_texts(world, sign_in):
    browser = sign_in(world.own.cadre)
    browser.post(reverse("set_language"), {"language": "en"})
    page = browser.get(reverse("my_month")).content.decode()
    with translation.override("en"):
        assert "Sign out" in page
    assert 'lang="en"' in page
