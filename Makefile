# Every target sets up what it needs in .venv; only Python 3.11+ and make have to be there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 3000
RUN_LOCK := requirements/run.txt
DEMO_LOCK := requirements/demo.txt
DEV_LOCK := requirements/dev.txt
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint lock clean help

help:            ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.run  ## a simulated cluster, a local Slack and the bot between them; Ctrl-C ends it (PORT=3000)
	$(BIN)/failures demo --port $(PORT)

test: $(VENV)/.dev  ## the whole test suite, on SQLite and on PostgreSQL (TESTS=tests/unit for a part)
	$(BIN)/python -m pytest -n auto $(TESTS)

lint: $(VENV)/.dev  ## style, types, layers, dependencies, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

lock:            ## resolve the newest versions anew into requirements/ (needs uv)
	requirements/lock.sh

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "failures-bot needs Python 3.11 or newer; '$(PYTHON)' is not. Name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run: $(VENV)/bin/python $(RUN_LOCK) $(DEMO_LOCK) pyproject.toml playground/pyproject.toml
	@echo "Installing the bot and the demo into $(VENV) (once; one to three minutes) ..."
	@$(INSTALL) --require-hashes -r $(RUN_LOCK) -r $(DEMO_LOCK)
	@$(INSTALL) --no-deps --no-build-isolation -e . -e ./playground
	@touch $@

$(VENV)/.dev: $(VENV)/.run $(DEV_LOCK)
	@echo "Installing the tools of the tests into $(VENV) (once; a minute) ..."
	@$(INSTALL) --require-hashes -r $(DEV_LOCK)
	@touch $@

clean:           ## remove .venv and caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
