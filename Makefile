# The commands of Pelita. `make help` lists them. Everything sets itself up; the second time is quick.
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
DATA ?= data/demo
BIN := .venv/bin
BROWSER ?= 1
TEST_PACKAGES := chromium libatomic1 fonts-noto-core git libreoffice-calc-nogui
export PYTHONUTF8 := 1

.PHONY: help run setup test check bench prove lock chromium format

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: setup ## set up everything and serve the demo agency on http://127.0.0.1:$(PORT)
	@$(BIN)/lms demo --data $(DATA) --port $(PORT)
	@$(BIN)/lms serve --data $(DATA) --port $(PORT)

setup: .venv/.run ## only prepare .venv with the `lms` command

test: .venv/.dev chromium ## set up everything and run all tests, browser and PostgreSQL ones included
	@if [ "$(BROWSER)" = 0 ]; then echo "BROWSER=0: the browser tests are left out."; fi
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(if $(filter 0,$(BROWSER)),-m "not browser",) $(ARGS)

check: .venv/.dev ## formatting, lint and types
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/mypy && echo "check: clean"

format: .venv/.dev ## rewrite formatting
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

bench: .venv/.dev chromium ## print the figures of the budgets (ARGS=--json for machines)
	@$(BIN)/python -m tests.bench $(ARGS)

prove: .venv/.dev chromium ## the long forms of the proofs: 1,000 rounds, 10,000 mutations
	@PELITA_PROVE=1 $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lock: ## make the lock files anew from pyproject.toml (needs uv)
	@uv lock -q && uv export -q --no-emit-project --no-dev -o requirements.lock && uv export -q --no-emit-project -o requirements-dev.lock && rm -f uv.lock

.venv/.made:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (on Debian: apt-get install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or newer; $$($(PYTHON) --version) was found. Name another one with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing: on Debian, apt-get install python3-venv."; exit 1; }
	@echo "Preparing .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_paths()["purelib"], "pelita.pth").write_text(str(pathlib.Path.cwd()) + "\n")'
	@printf '#!%s/.venv/bin/python\nimport sys\n\nfrom lms.cli.main import main\n\nsys.exit(main())\n' "$(CURDIR)" > $(BIN)/lms && chmod +x $(BIN)/lms
	@touch $@

.venv/.run: requirements.lock | .venv/.made
	@echo "Installing the locked libraries (about half a minute the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | .venv/.made
	@echo "Installing the locked libraries and test tools (about a minute the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@ .venv/.run

chromium:
	@if [ "$(BROWSER)" = 0 ]; then \
	  if [ -n "$$CI" ]; then echo "BROWSER=0 is refused under CI: the browser tests are part of the promise."; exit 1; fi; \
	elif command -v git >/dev/null && command -v soffice >/dev/null && { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium, git and LibreOffice for the tests ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES) >/dev/null; \
	elif sudo -n true 2>/dev/null; then \
	  echo "Installing Chromium, git and LibreOffice for the tests ..."; \
	  sudo -n apt-get update -qq && sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(TEST_PACKAGES) >/dev/null; \
	else \
	  echo "Chromium, git or LibreOffice is missing. Run: sudo apt-get install -y --no-install-recommends $(TEST_PACKAGES)   (or leave the browser tests out with BROWSER=0)"; exit 1; \
	fi
