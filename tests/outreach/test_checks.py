"""A misconfigured installation says so before it serves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project

from outreach import checks


def ids(messages):
    return [message.id for message in messages]


@pytest.mark.parametrize(("embedded", "said"), [(True, ["outreach.W001"]), (False, [])])
def test_a_deployment_on_the_embedded_engines_is_told(settings, embedded, said):
    settings.EMBEDDED = embedded
    assert ids(checks.real_servers(None)) == said


@pytest.mark.parametrize(
    ("hosts", "said"),
    [([], ["outreach.E001"]), (["*"], ["outreach.E001"]), (["outreach.example.org"], [])],
)
def test_hosts_are_named(settings, hosts, said):
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.hosts_named(None)) == said


def test_missing_front_end_files_are_named(settings, tmp_path):
    settings.BASE_DIR = settings.STATIC_ROOT = tmp_path
    (warning,) = checks.front_end_installed(None)
    assert "bootstrap" in warning.msg
    for path in checks.PACKAGES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert checks.front_end_installed(None) == []


def manage(*arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=Path(project.BASE_DIR),
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


DEPLOYMENT = {
    "DATABASE_URL": "postgres://app@database/outreach",
    "REDIS_URL": "redis://broker:6379/0",
    "SECRET_KEY": "k" * 30 + "0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "outreach.example.org",
}


def test_a_deployment_passes_djangos_own_checks():
    answer = manage("check", "--deploy", "--fail-level", "WARNING", **DEPLOYMENT)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL"])
def test_a_deployment_that_lacks_something_does_not_start(name):
    without = {each: value for each, value in DEPLOYMENT.items() if each != name}
    for environment in (without, without | {name: ""}):
        answer = manage("check", **environment)
        assert answer.returncode != 0
        assert f"ImproperlyConfigured: Set {name}:" in answer.stderr


def test_links_lead_to_the_port_that_up_listens_on():
    said = "from django.conf import settings; print(settings.SITE_URL)"
    answer = manage("shell", "--verbosity", "0", "-c", said, OUTREACH_PORT="8123")
    assert answer.stdout.strip() == "http://localhost:8123", answer.stderr
