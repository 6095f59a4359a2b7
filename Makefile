# This file is part of the coop_cae project.  The COPYRIGHT file at the top
# level of this repository contains the full copyright notices and terms.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A class of tests has its database: all of it runs in one process
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 \
	--dist loadscope --no-loadscope-reorder
BENCHMARKS := $(filter-out %/common.py,$(wildcard benchmarks/*.py))
# More arguments for the command: make test ARGS='-k close -x'
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help venv demo serve test test-web test-desktop desktop-packages \
	pictures test-postgresql test-slow test-faults access fuzz \
	fuzz-postgresql doc lint translations wheel check-wheel bench clean

help: ## show this help
	@grep -E '^[a-z-]+:.*## ' Makefile | sort | \
		sed -E 's/^([a-z-]+):.*## (.*)/\1|\2/' | \
		while IFS='|' read -r name text; do \
			printf '  make %-16s %s\n' "$$name" "$$text"; done

venv: $(VENV)/installed ## make the environment in .venv

$(VENV)/installed: setup.cfg pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) tools/environment.py $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[test,lint,postgresql]'
	@touch $@

demo: venv ## a group of co-ops on SQLite, twelve months closed
	$(BIN)/python tools/demo.py

test: venv ## all tests on SQLite, but those of minutes
	$(PYTEST) $(ARGS)

test-slow: venv ## the tests of minutes, on SQLite
	$(PYTEST) -m slow $(ARGS)

$(VENV)/doc: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[doc]'
	@touch $@

doc: $(VENV)/doc ## the documentation in var/doc, as a site
	$(BIN)/python -m sphinx -W --keep-going -q -d var/doctrees doc var/doc
	@echo 'Open var/doc/index.html'

$(VENV)/web: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--editable '.[web]'
	@touch $@

test-web: $(VENV)/web ## the tests in a browser (chromium), with sao fetched
	$(BIN)/python -m pytest browser $(ARGS)

# The Python that has GTK is the one of the system
DESKTOP_PACKAGES := python3-venv python3-gi python3-gi-cairo gir1.2-gtk-3.0 \
	gir1.2-goocanvas-2.0 librsvg2-common adwaita-icon-theme fonts-dejavu-core \
	xvfb xauth
SYSTEM_PYTHON ?= /usr/bin/python3

desktop-packages: ## what the desktop client needs of Debian
	@echo $(DESKTOP_PACKAGES)

$(VENV)/desktop/installed:
	@$(SYSTEM_PYTHON) -c 'import cairo, gi; gi.require_version("Gtk", "3.0"); \
		gi.require_version("GooCanvas", "2.0"); from gi.repository import Gtk' \
		&& command -v xvfb-run >/dev/null \
		|| { echo "apt-get install $(DESKTOP_PACKAGES)"; exit 1; }
	$(SYSTEM_PYTHON) -m venv --system-site-packages $(VENV)/desktop
	$(VENV)/desktop/bin/python -m pip install --quiet \
		--disable-pip-version-check 'tryton ~= 8.0.0'
	@touch $@

test-desktop: $(VENV)/web $(VENV)/desktop/installed ## the screens in the desktop client (GTK, Xvfb)
	$(BIN)/python -m pytest desktop $(ARGS)

pictures: ## those of the documentation, from the tests in a browser
	COOP_CAE_PICTURES=modules/coop_cae/doc/pictures $(MAKE) test-web

serve: venv ## the demonstration in the web client, a user for each role
	$(BIN)/python tools/serve.py $(ARGS)

test-postgresql: venv ## all tests on a PostgreSQL that it starts itself
	$(BIN)/python tools/postgresql.py $(PYTEST) $(ARGS)

FAULTS := tests/test_faults.py tests/test_concurrency.py tests/test_backup.py \
	$(wildcard tests/test_server_*.py)

test-faults: venv ## kill and cross processes at many points, on both
	@set -e; for cluster in '' '$(BIN)/python tools/postgresql.py'; do \
		COOP_CAE_POINTS=30 $$cluster $(PYTEST) $(FAULTS) $(ARGS); \
	done

access: venv ## write who may do what, from the database
	$(BIN)/python tools/access_table.py

fuzz: venv ## broken files and calls: ARGS='--cases 500 --seed 2'
	$(BIN)/python tools/fuzz.py $(ARGS)

fuzz-postgresql: venv ## the same on a PostgreSQL that it starts itself
	$(BIN)/python tools/postgresql.py $(BIN)/python tools/fuzz.py $(ARGS)

lint: venv ## check the style
	$(BIN)/python -m flake8 .
	$(BIN)/python -m isort --check-only --diff .

translations: venv ## bring the French texts in line with the sources
	$(BIN)/python tools/translations.py

wheel: venv ## build the wheel in dist
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check \
		--no-deps --wheel-dir dist .

check-wheel: wheel ## activate the modules from the wheel
	$(PYTHON) tools/check_wheel.py dist/*.whl

bench: venv ## measure speed and memory, on SQLite and PostgreSQL
	@set -e; for script in $(BENCHMARKS); do \
		for cluster in '' '$(BIN)/python tools/postgresql.py'; do \
			echo "$$script$${cluster:+, on PostgreSQL}"; \
			$$cluster $(BIN)/python $$script $(ARGS); \
		done; \
	done

clean: ## remove what was made, the demonstration too
	rm -rf $(VENV) .pytest_cache .hypothesis build dist var *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
