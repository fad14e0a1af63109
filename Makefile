# Each target does all its own set-up; it needs Python 3.11 or newer, git and make.
# VENV=folder puts the virtual environment elsewhere, PYTHON=python3.12 takes another interpreter.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint types layers check-all bench clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

demo: $(VENV)/.run ## Half a minute: stand-ins up, check, plan, sync, a second sync that plans nothing, stand-ins down
	@$(BIN)/trackersync demo

# The tests start the program hundreds of times; compiled beforehand, each start takes half a second less, also where
# the environment forbids Python to write what it compiled.
test: $(VENV)/.dev ## All tests
	@$(BIN)/python -m compileall -q -j 2 src connectors
	$(BIN)/python -m pytest -n auto --dist loadgroup --no-loadscope-reorder

lint: $(VENV)/.dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy --strict on src and connectors
	$(BIN)/mypy

layers: $(VENV)/.dev ## import-linter: imports go one way
	$(BIN)/lint-imports

check-all: lint types layers test ## What CI runs before it builds

bench: $(VENV)/.dev ## Benchmarks: reading against raw clients and the vendors' libraries, the core, an incremental run, the receiver
	$(BIN)/python -m tests.benchmarks

clean: ## Remove what the targets made
	rm -rf $(VENV) .demo dist build

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("trackersync needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { echo 'No virtual environment could be made. On Debian: apt install python3-venv' >&2; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade 'pip>=25.1'

$(VENV)/.run: $(VENV)/bin/python pyproject.toml
	@echo "python    $(VENV) with $$($(BIN)/python --version), installing trackersync"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run pyproject.toml
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --group dev
	@touch $@
