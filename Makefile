# Muster. `make` alone lists the targets; a line of help stands behind each `##`.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	echo $$p && break; done)
# Tests wait for real processes much of the time, so one more than there are cores.
TESTERS = $(shell $(BIN)/python -c 'import os; print(min(4, 1 + os.cpu_count()))')
PYTEST = $(BIN)/pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Muster and its tests start many processes; without bytecode each would compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run test check browser bench soak messages lock format clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the environment in .venv (the other targets do it by themselves)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Muster needs Python 3.11 or newer: install it, or name it with make PYTHON=..." >&2; exit 1; }
	@echo "Making the environment in $(VENV) (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "Python cannot make environments here: install its venv package (python3-venv on Debian)." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

run: $(STAMP) ## Open Muster in the browser, with the sample company and a practice Mailchimp
	@exec $(BIN)/streamlit run app.py

test: $(STAMP) browser check ## Check types, style and arrows, and run every test
	@$(PYTEST)

check: $(STAMP)
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/mypy && $(BIN)/lint-imports

browser: $(STAMP)
	@$(BIN)/python tests/browser/install.py

bench: $(STAMP) ## Measure against the alternatives (minutes)
	@$(BIN)/python -m tests.bench

soak: $(STAMP) browser ## Long proofs: thousands of examples, killed workers (up to an hour)
	@$(PYTEST) -m slow

messages: $(STAMP) ## Bring the catalogues of other languages up to the texts of the pages
	@$(BIN)/python -m tests.language.messages

format: $(STAMP) ## Format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

lock: ## Pin the newest allowed dependencies into requirements.lock (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --group dev --upgrade \
		pyproject.toml -o requirements.lock

clean: ## Remove the environment; data stay
	@rm -rf $(VENV)
