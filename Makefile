.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 5000
BIN := .venv/bin
LOCKS := requirements/core.lock requirements/local.lock requirements/dev.lock
WORKERS ?= 2
ARGS ?=

.PHONY: help
help: ## Say what can be done here
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: run
run: .venv/.installed ## Start everything on http://127.0.0.1:5000 (PORT= for another)
	@PORT=$(PORT) $(BIN)/gigcx up

.PHONY: reset
reset: .venv/.installed ## Forget the laptop's data
	@$(BIN)/gigcx reset

.PHONY: test
test: .venv/.installed browser ## Run all tests (ARGS="tests/desk -x" for some)
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(ARGS)

.PHONY: soak
soak: .venv/.installed ## Run what takes minutes: the race of 300 tickets x 32 experts
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest -q tests/soak $(ARGS)

.PHONY: fuzz
fuzz: .venv/.installed ## Send the API what its document allows and forbids, as each role (EXAMPLES=50)
	@EXAMPLES=$${EXAMPLES:-50} PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(BIN)/python -m pytest -q -n $(WORKERS) tests/api/test_document.py $(ARGS)

.PHONY: bench-masking
bench-masking: .venv/.installed ## Print how much of each kind of personal data is masked
	@$(BIN)/python -m tests.masking.recall

.PHONY: bench-import
bench-import: .venv/.installed ## Print how many tickets a second an import takes in (SIZES="20000 100000")
	@$(BIN)/python -m tests.bench.imports

.PHONY: audit
audit: .venv/.installed ## Hold the ledger against its invariants (DATABASE_URL says where)
	@$(BIN)/gigcx ledger audit

.PHONY: lint
lint: .venv/.installed ## Check the locks, style, types, import contracts and that docs/rules.md is new
	@$(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | sed -n '/^Contracts:/,$$p'
	@$(BIN)/gigcx rules --check

.PHONY: rules
rules: .venv/.installed ## Write docs/rules.md from the docstrings
	@$(BIN)/gigcx rules

.PHONY: migration
migration: .venv/.installed ## Start the next migration: make migration NAME="tickets may be merged"
	@test -n "$(NAME)" || { echo 'What becomes true? make migration NAME="tickets may be merged"'; exit 1; }
	@last=$$(ls migrations/versions | sed -nE 's/^([0-9]{4})_.*/\1/p' | sort | tail -n 1); \
	next=$$(printf '%04d' $$((10#$$last + 1))); \
	$(BIN)/alembic --quiet revision --rev-id "$$next" -m "$(NAME)" >/dev/null; \
	$(BIN)/ruff format --quiet migrations/versions/"$$next"_*.py; \
	echo migrations/versions/"$$next"_*.py

.PHONY: browser
browser:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing chromium for the browser tests ..."; \
	    { apt-get update && apt-get install -y chromium; } >/dev/null; \
	  else \
	    echo "The browser tests need chromium: sudo apt-get install chromium"; exit 1; \
	  fi; }

# The locks are complete, so nothing is resolved: what is installed is what is written there.
.venv/.installed: $(LOCKS) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; this is $$($(PYTHON) --version 2>&1). Say which one: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "Installing into .venv (a minute or two) ..."; $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(LOCKS:%=-r %)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
