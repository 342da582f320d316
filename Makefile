# Each target does its own set-up: Python 3.11, make and the package registries are enough to begin with.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin

.PHONY: help setup up test check format lock bench screenshots clean

help: ## Show what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.ready: requirements-dev.lock pyproject.toml scripts/setup
	@scripts/setup

setup: .venv/.ready ## Install uv if it is missing, and the locked packages into .venv

up: .venv/.ready ## Start everything on this machine (UP_ARGS="--broker kafka" keeps the data)
	@$(BIN)/headrace up $(UP_ARGS)

test: .venv/.ready ## Run all tests, the quick ones first
	@scripts/test

check: .venv/.ready ## Lint, format, strict types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/.ready ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Compile the locks anew from pyproject.toml (LOCK_ARGS=--upgrade for newer versions)
	@scripts/lock $(LOCK_ARGS)

bench: .venv/.ready ## Run the stream benchmark (BENCH_ARGS are its options)
	@$(BIN)/python -m benchmarks.stream $(BENCH_ARGS)

screenshots: .venv/.ready ## Take the pictures in docs/screenshots anew, from the demo in headless Chromium
	@scripts/ensure_chromium
	@$(BIN)/python -m tests.browser.pictures

clean: ## Remove what make and the tools made; data of a running Headrace stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
