# make run starts everything. It needs Python 3.11 to 3.13 and nothing else installed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

ARGS ?=
PROVINCE ?=
FANOUT ?=
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -qq --require-hashes

# Where a wrong type would be a wrong number or a wrong permission; sorting removes duplicates.
TYPED := $(sort $(wildcard outreach/*.py outreach/engines/*.py */services.py */services/*.py */permissions.py reports/indicators.py reports/rollups.py reports/rolling.py))

# Without byte code on disk each process start takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test bench lint format types messages clean help browser

help:
	echo 'make run        start everything; ARGS="--port 8001 --no-demo" passes options'
	echo 'make test       run the tests; ARGS="-k name" selects'
	echo 'make bench      measure importing, lists, documents, reports of many counties and reading beside their floors, and a burst of answers; PROVINCE="--counties 180" FANOUT="--counties 10"'
	echo 'make lint       check style; make format repairs it'
	echo 'make types      check types'
	echo 'make messages   collect and compile the translations'
	echo 'make clean      remove installed packages and caches, never the data'

run: .venv/.installed node_modules/.package-lock.json
	exec $(PY) manage.py up $(ARGS)

test: .venv/.installed-dev node_modules/.package-lock.json browser
	$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

bench: .venv/.installed-dev
	$(PY) -m tests.bench $(ARGS)
	$(PY) -m tests.bench.documents
	$(PY) -m tests.bench.fanout $(FANOUT)
	$(PY) -m tests.bench.reading $(PROVINCE)
	$(PY) -m tests.bench.burst

lint: .venv/.installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/djlint --lint --quiet templates

format: .venv/.installed-dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

types: .venv/.installed-dev
	.venv/bin/mypy $(TYPED)

messages: .venv/.installed
	$(PY) manage.py translations

clean:
	rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	echo 'The data is still in .data; remove that folder yourself to start afresh.'

# What the targets above need. Each stamp is renewed when its lock file changes.

.venv/.created:
	for candidate in "$${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
		if [ -n "$$candidate" ] && "$$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
			python="$$candidate"
			break
		fi
	done
	if [ -z "$${python:-}" ]; then
		echo 'Python 3.11, 3.12 or 3.13 is needed and was not found. Install one, or name it: PYTHON=/path/to/python3.12 make run' >&2
		exit 1
	fi
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then
		echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2
		exit 1
	fi
	echo "Python environment in .venv (about 5 s) ..."
	"$$python" -m venv --clear .venv
	touch $@

.venv/.installed: .venv/.created requirements.txt requirements-embedded.txt
	echo 'Python packages (about 30 s) ...'
	$(PIP) -r requirements.txt -r requirements-embedded.txt
	touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	echo 'Python packages for development (about 30 s) ...'
	$(PIP) -r requirements-dev.txt
	touch $@

node_modules/.package-lock.json: package-lock.json .npmrc requirements-node.txt | .venv/.created
	npm="$$(command -v npm || true)"
	if [ -z "$$npm" ]; then
		npm=.venv/bin/npm
		if [ ! -x "$$npm" ]; then
			echo 'Node for the front-end packages (about 15 s) ...'
			$(PIP) -r requirements-node.txt
		fi
	fi
	echo 'Front-end packages (about 5 s) ...'
	"$$npm" ci --ignore-scripts --no-audit --no-fund --loglevel error >/dev/null
	touch $@

# The browser tests need Chromium, best without a desktop, and a Chinese font; all come from Debian.
browser:
	missing=()
	if ! command -v chromium-headless-shell >/dev/null; then
		# Who may not install anything gets on with Chromium itself, only slower.
		[ "$$(id -u)" != 0 ] && command -v chromium >/dev/null || missing+=(chromium-headless-shell)
	fi
	[ -d /usr/share/fonts/opentype/noto ] || missing+=(fonts-noto-cjk)
	[ $${#missing[@]} -gt 0 ] || exit 0
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "Debian packages: $${missing[*]} (about 60 s) ..."
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -qq >/dev/null
		apt-get install -qq -y --no-install-recommends "$${missing[@]}" >/dev/null
	else
		echo "The browser tests need $${missing[*]}. On Debian: sudo apt install $${missing[*]}" >&2
		[ -z "$${CI:-}" ]
	fi
