# Everything below sets itself up: Python 3.11 or later, git and make are all that must be there.
BIN := .venv/bin
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types floors tests bench picture clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.user: pyproject.toml scripts/environment
	@scripts/environment
	@touch $@

.venv/.developer: pyproject.toml scripts/environment
	@scripts/environment dev
	@touch .venv/.user $@

demo: .venv/.user ## perform the pipeline of examples/digits on this machine; twice to see its cache work
	@scripts/demo $(ARGS)

test: lint types floors tests ## run every check: style, types, floors, tests

lint: .venv/.developer ## check style and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.developer ## check types, tests included
	$(BIN)/mypy

floors: .venv/.developer ## check that each module imports only from the floors below it
	$(BIN)/lint-imports

tests: .venv/.developer ## run the tests, WORKERS at once
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

bench: .venv/.developer ## measure start-up, steps, scheduling and memory
	$(BIN)/python bench/run.py $(ARGS)

picture: demo .venv/.developer ## record the terminal picture of the README anew
	$(BIN)/python docs/record.py

clean: ## remove what make made, the demo and its store included
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
