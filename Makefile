# `make` alone lists the targets. Nothing is needed but Python 3.11 or newer (PYTHON=... chooses one).

VENV_PYTHON := .venv/bin/python
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run test test-run lint format lock

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

install: ## make .venv and install the pinned requirements, when they have changed
	@sh devstack/install.sh $(if $(PYTHON),"$(PYTHON)")

run: install ## start the whole shop on this machine, until Ctrl-C
	@exec $(VENV_PYTHON) -m devstack run

test: install ## run the tests on throw-away servers; ARGS="-k cart" goes to pytest
	@$(VENV_PYTHON) -m pytest -n 2 --dist loadgroup -m "not slow_run" $(ARGS)

test-run: install ## test `make run` itself: starting, stopping, failing (some minutes)
	@$(VENV_PYTHON) -m pytest -m slow_run tests/devstack $(ARGS)

lint: install ## ruff (rules and format), mypy, import-linter
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) .venv/bin/lint-imports

format: install ## let ruff mend and format the code
	@$(VENV_PYTHON) -m ruff check --fix
	@$(VENV_PYTHON) -m ruff format

lock: install ## pin requirements*.in into requirements*.txt; ARGS=--upgrade takes newer versions
	@for name in requirements requirements-dev; do \
		$(VENV_PYTHON) -m piptools compile --quiet --strip-extras --no-header \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(ARGS) \
			--output-file $$name.txt $$name.in || exit; \
	done
