# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
# Compiled on all cores, and whatever PYTHONDONTWRITEBYTECODE says: else every start would compile what it imports.
COMPILE := { $(BIN)/python -m compileall -qq -j0 $(VENV) bot; $(BIN)/python -c "from bot.language.tables import fill; fill()"; } || true

.PHONY: demo test coverage test-cluster test-deploy check fix shots bench bench-scale docs release clean

demo: $(VENV)/.demo  ## The bot in a simulated workspace, in your browser; no account needed
	$(BIN)/spend demo $(ARGS)

test: $(VENV)/.dev  ## Format, lint, types, import contracts, every test
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache
	$(BIN)/pytest

test-cluster: $(VENV)/.dev  ## A Spark cluster of two workers, one of them killed; needs Java 17
	@$(PIP) -e '.[spark]'
	TEST_CLUSTER=1 $(BIN)/pytest -n 0 tests/cluster

test-deploy: $(VENV)/.dev  ## deploy/ by the checkers of those who read it: hadolint, checkov, cfn-lint, promtool …
	@$(PIP) -e '.[deploy]'
	sh scripts/checkers.sh
	TEST_DEPLOY=1 $(BIN)/pytest -n 0 -rs tests/deploy

coverage: $(VENV)/.dev  ## Branch coverage of the rooms that compute, at least 90 % each, by their own tests
	$(BIN)/pytest --cov --cov-report= tests/domain tests/analytics tests/ledger tests/answering tests/focus/test_deliveries.py
	for room in domain analytics ledger answering; do $(BIN)/coverage report --include "bot/$$room/*" --fail-under 90 || exit 1; done

check: test  ## The same as test

fix: $(VENV)/.dev  ## Format, and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python -m scripts.docs
	$(BIN)/python -m scripts.licenses

shots: $(VENV)/.dev  ## Screenshots for the README, from the demo
	sh scripts/browser.sh
	$(BIN)/python -m scripts.screenshots

bench: $(VENV)/.dev  ## Benchmarks, each beside its bare limit; docs/measurements.md says what they gave
	$(BIN)/python -m benchmarks all

bench-scale: $(VENV)/.dev  ## A million and ten million charges of a thousand and ten thousand series, on both backends
	for charges in 1000000 10000000; do for series in 1000 10000; do \
		$(BIN)/python -m benchmarks scale $$charges $$series || exit 1; done; done

docs: $(VENV)/.dev  ## The documentation as a site, in site/
	@$(PIP) -e '.[docs]'
	$(BIN)/zensical build --strict

release: $(VENV)/.dev  ## Both wheels, built twice to the same bytes and used in an empty environment; checksums and an SBOM in dist/
	@$(PIP) -e '.[release]'
	$(BIN)/python -m scripts.wheel

clean:
	rm -rf $(VENV) .demo .benchmarks build dist site *.egg-info simulators/build simulators/*.egg-info

# The pip that comes with Python reads the registry's pages at half the speed of a new one.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "spend needs Python 3.11 or newer; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	@$(PIP) pip

$(VENV)/.demo: $(BIN)/python pyproject.toml simulators/pyproject.toml constraints.txt
	@echo "Installing what the demo needs into $(VENV): once, about half a minute …"
	@$(PIP) -e '.[demo]' -e ./simulators
	@$(COMPILE)
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml simulators/pyproject.toml constraints.txt
	@echo "Installing what the tests need into $(VENV): once, about a minute …"
	@$(PIP) -e '.[dev]' -e ./simulators
	@$(COMPILE)
	@touch $@ $(VENV)/.demo
