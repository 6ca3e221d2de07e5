# `make` lists what can be done.  `make run` and `make test` need Python 3.11 or newer and nothing else.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export FLASK_APP := wsgi

.PHONY: help run test check bench story format lock clean

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.venv/run: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: .venv/run  ## try it: database, demonstration, web, worker and simulated WeChat; Ctrl-C stops all
	@$(BIN)/flask trial

test: .venv/dev  ## all tests, on SQLite and PostgreSQL (ARGS="-k word" narrows them)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv/dev  ## format, lint, types, import contracts and the limits of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: .venv/dev  ## speed against a bare floor; writes bench/RESULTS.md (ARGS=--quick for a short run)
	$(BIN)/python -m bench $(ARGS)

story: .venv/run  ## play the story of the manhole cover through real processes
	$(BIN)/flask story repair

format: .venv/dev  ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/dev  ## pin requirements.txt and requirements-dev.txt anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --upgrade requirements.in --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --no-header --upgrade requirements-dev.in --output-file requirements-dev.txt

clean:  ## remove the environment and caches; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
