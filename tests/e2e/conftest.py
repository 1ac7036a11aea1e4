"""A real Chromium before a real server: one small county, one page per person and screen."""

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from contact_points.models import Household
from outreach import clock, jobs
from outreach.roles import Role
from tests import factories as make

# Playwright's driver lives in an event loop; Django must still be allowed its synchronous queries.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Loading each style sheet once more would serve only rules that are not among these; a hundred
# rules with what they looked at stay in the browser.
RUN_AXE = """async rules => {
    const options = { resultTypes: ["violations"], runOnly: rules, preload: false };
    const { violations } = await axe.run(document, options);
    return violations
        .filter(rule => ["serious", "critical"].includes(rule.impact))
        .flatMap(({ id, nodes }) =>
            nodes.slice(0, 3).map(node => `${id}: ${node.html.slice(0, 160)}`));
}"""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium():
    """How a Chromium is started here."""
    # The same engine without the windows of a desktop: a page costs a third.
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if path is None:
        if "CI" in os.environ:
            pytest.fail("Chromium is missing; `make test` installs it.")
        pytest.skip("Chromium is missing; `make test` says how to install it.")
    with sync_playwright() as driver:
        yield partial(launch, driver.chromium, {"executable_path": path, "args": FLAGS})


def launch(chromium, how, profile=None, **options):
    """A browser, or with a profile's folder one context that finds again what it kept there."""
    if profile is None:
        return chromium.launch(**how)
    return chromium.launch_persistent_context(profile, **how, **options)


@pytest.fixture(scope="session")
def browser(chromium):
    started = chromium()
    yield started
    started.close()


class Town:
    """A county with one unit, its two people, two villages and a plan for this year."""

    def __init__(self):
        self.county = make.county(name="巨鹿县")
        self.township = make.township(self.county, name="官亭镇")
        self.unit = make.unit(self.county, name="县水务局")
        self.coordinator = make.user(Role.COORDINATOR, unit=self.unit, name="周立")
        self.cadre = make.cadre(self.unit)
        self.office = make.user(Role.COUNTY, county=self.county, name="王霞")
        self.admin = make.user(Role.ADMIN, county=self.county, name="王浩")
        self.year = make.programme_year(self.county)
        self.topic = make.topic(self.year, title="秋冬季防火")
        self.village = make.village(self.township, name="后辛庄村")
        self.other_village = make.village(self.township, name="姚庄村")
        Household.objects.bulk_create(
            Household(village=self.village, number=f"3组-{n:03d}") for n in range(1, 16)
        )
        officer = self.cadre.officer
        self.points = [
            make.contact_point(self.unit, village, officer)
            for village in (self.village, self.other_village)
        ]
        month = clock.this_month()
        self.lines = [make.plan_line(point, month) for point in self.points]
        self.lines[0].topics.add(self.topic)
        self.plan = self.lines[0].plan


@pytest.fixture
def town(transactional_db):
    return Town()


def serious(page):
    """What axe finds serious or critical on the page."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text())
    return page.evaluate(RUN_AXE, WCAG)


class Visitor:
    """A person with a page; every console error or failed request is remembered."""

    def __init__(self, browser, address, account, size, **options):
        self.context = browser.new_context(viewport=size, **options)
        self.page = self.context.new_page()
        self.address = address
        self.faults: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        if account is not None:
            # The form itself is used by test_lists and test_phone; here it would only take time.
            client = Client()
            client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}
            self.context.add_cookies([cookie])
            self.go("")

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def go(self, path):
        """Open a path; its status."""
        response = self.page.goto(f"{self.address}/{path.strip('/')}/".replace("//?", "/?"))
        return response.status

    def findings(self):
        """What is wrong with the page: serious axe findings, overflow, console faults."""
        wrong = serious(self.page)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if (pixels := self.page.evaluate(wider)) > 0:
            wrong.append(f"{pixels} pixels wider than the screen")
        wrong += self.faults
        self.faults.clear()
        return wrong

    def check(self):
        """Nothing is wrong with the page."""
        assert self.findings() == [], self.page.url


@pytest.fixture
def visitor(browser, live_server):
    """visitor(account, size=DESK, **context options) -> Visitor, closed after the test."""
    opened = []

    def come(account, size=DESK, **options):
        opened.append(Visitor(browser, live_server.url, account, size, **options))
        return opened[-1]

    yield come
    for person in opened:
        person.context.close()


@pytest.fixture
def run_jobs():
    """Do the waiting jobs as a worker would."""

    current_app.loader.import_default_modules()  # as a worker does when it starts

    def run():
        owed = []
        jobs.send_waiting(lambda task, job_id, queue: owed.append((task, job_id)))
        for task, job_id in owed:
            current_app.tasks[task].apply(args=[job_id], throw=True)

    return run
