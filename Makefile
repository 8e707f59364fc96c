.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
CATALOGUES := $(wildcard locales/*/LC_MESSAGES/*.po)

.PHONY: help setup demo run test test-slow lint format types bench translations screens

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(STAMP) ## make .venv with everything pinned

$(STAMP): requirements.lock pyproject.toml $(CATALOGUES)
	@PYTHON="$(PYTHON)" sh scripts/setup.sh
	@touch $(STAMP)

demo: $(STAMP) ## run Chimera against the sandbox, no account needed
	@$(BIN)/chimera demo

run: $(STAMP) ## run the real thing (CHIMERA_BOT_TOKEN in .env)
	@$(BIN)/chimera run

# What one worker has compiled serves the others, and the next run.
test: export PYTHONDONTWRITEBYTECODE =
test: $(STAMP) ## all tests but the slow ones
	@$(BIN)/pytest -n 3 --dist worksteal -m "not slow"

test-slow: $(STAMP) ## soak and chaos tests
	@$(BIN)/pytest -m slow

lint: $(STAMP) ## style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP) ## put the code into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP) ## measure the ratios of docs/performance.md
	@$(BIN)/python -m benchmarks

translations: $(STAMP) ## extract texts and update the catalogues
	@$(BIN)/python scripts/translations.py

screens: $(STAMP) ## draw every screen in every language, into build/screens
	@$(BIN)/python scripts/screens.py
