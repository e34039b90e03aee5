# Bot4: every task of the project is one of these targets; the work is done by small programs in scripts/.
# `make setup` keeps stamps by content (see scripts/bootstrap.py): nothing is rebuilt when nothing changed.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup dev demo test quick docs bench lint fmt wheel lock hooks clean

help: ## show this list
	@echo "Bot4, an autonomous crypto trading platform. Start with: make demo"
	@grep -hE '^[a-z]+:.*## ' Makefile | awk -F ':.*## ' '{ printf "  make %-7s %s\n", $$1, $$2 }'

.PHONY: python
python:
	@[ -n "$(PYTHON)" ] || { echo "Bot4 needs Python 3.11 or later: install one, or call make PYTHON=/path/to/python3." >&2; exit 1; }

setup: python ## build Bot4 and install it into .venv
	@$(PYTHON) -m scripts.bootstrap

dev: python
	@$(PYTHON) -m scripts.bootstrap --dev

demo: setup ## synthetic market, backtest, report: see the whole way in one call
	@$(RUN) -m bot4.cli.main demo

test: dev ## install what the tests need, run every check and every test
	@$(RUN) -m scripts.check all

quick: dev ## the fast checks, as the git hook runs them
	@$(RUN) -m scripts.check quick

lint: dev ## ruff, mypy, rustfmt, clippy, imports, stand-ins
	@$(RUN) -m scripts.check lint

fmt: dev ## format Python and Rust
	@.venv/bin/ruff check --quiet --fix-only . ; .venv/bin/ruff format --quiet . ; cargo fmt

docs: dev ## build the documentation site into site/ (it works without a network)
	@$(RUN) -m scripts.site.build

bench: setup ## measure against peers (installs them in their own environment)
	@$(RUN) benchmarks/run.py

wheel: dev ## build the wheel into dist/ and try it out
	@$(RUN) -m scripts.wheel

lock: dev ## resolve pyproject.toml's ranges into requirements/*.txt
	@$(RUN) -m scripts.lock

hooks: ## run `make quick` before each commit
	@git config core.hooksPath .githooks
	@echo "git runs .githooks/pre-commit before each commit now; undo with: git config --unset core.hooksPath"

clean: ## remove everything built: .venv, target, caches, the demo
	@rm -rf .venv target dist demo site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage bot4/_engine*.so bot4/_engine*.pyd
	@find bot4 scripts tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
