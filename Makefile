# Homeward: `make help` lists what can be done here. Needs Python 3.11 or newer and make, nothing else.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/homeward.stamp
KERNELS := $(VENV)/kernels.stamp
FRONTEND := $(shell find marketplace/web/frontend -type f -not -path '*/node_modules/*' -not -path '*/__pycache__/*')
PACKAGES := marketplace vendors dispatch billing
PROCESSES ?= 2
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1

.PHONY: help
help:  ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*##  *\(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

.PHONY: setup
setup: $(STAMP) $(KERNELS)  ## Install everything into .venv (hash-checked), build the front end, warm up the optimizer

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Homeward needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one with: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# pip refuses an editable install in its hash mode, hence two steps.
$(VENV)/constraints.stamp: constraints.txt | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	@touch $@

# Installing also builds the front end; its sources are named here so that a change builds it again. Our packages are
# compiled once: where PYTHONDONTWRITEBYTECODE is set, each process would compile them all anew.
$(STAMP): pyproject.toml hatch_build.py $(FRONTEND) $(VENV)/constraints.stamp
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 2 $(PACKAGES)
	@touch $@

# Compiling the optimizer keeps one core busy for a minute or two: what needs no kernels does not wait for it.
$(KERNELS): $(STAMP)
	$(BIN)/python -m dispatch.optimizer.warmup
	@touch $@

.PHONY: demo
demo: setup  ## Start a demo hospital, vendors and payer with everything they need, and print the address
	$(BIN)/homeward demo $(ARGS)

.PHONY: check
check: lint types imports  ## Lint, types and import directions, without tests

.PHONY: lint
lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint $(PACKAGES)

.PHONY: types
types: $(STAMP)
	$(BIN)/mypy

.PHONY: imports
imports: $(STAMP)
	$(BIN)/lint-imports

.PHONY: test
test:  ## Everything that must pass before a change is done (ARGS="-k ..." narrows the tests)
	@$(MAKE) --no-print-directory -j 2 check $(KERNELS)
	$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal $(ARGS)

.PHONY: frontend
frontend: setup  ## Build the browser code again after a change of its sources
	$(BIN)/python marketplace/web/frontend/build.py

.PHONY: bench
bench: setup  ## The optimizer on public instances and generated days (ARGS="city --seconds 20")
	$(BIN)/homeward bench $(ARGS)

.PHONY: bench-web
bench-web: setup  ## Bookings a second and page times against 100,000 bookings
	$(BIN)/python -m tests.simulation.bench_web $(ARGS)

.PHONY: fault
fault: setup  ## Kill processes and engines under load, then verify every promise
	$(BIN)/python -m tests.simulation.fault $(ARGS)

.PHONY: day
day: setup  ## A metro's whole day played by actors, measured and verified (ARGS="--size S --speed 240")
	$(BIN)/homeward day $(ARGS)

.PHONY: load
load: setup  ## Many vendors accept the same offers at once, over HTTP
	$(BIN)/python -m tests.simulation.load $(ARGS)

.PHONY: looks
looks: setup  ## Every page of every role under axe in all four looks: desk and phone, light and dark
	HOMEWARD_ALL_LOOKS=1 $(BIN)/python -m pytest tests/browser/story/test_first_loop_every_page.py -q $(ARGS)

.PHONY: screenshots
screenshots: setup  ## Take the pictures of the docs anew, of a fresh demo's day (ARGS="departures")
	$(BIN)/python -m tests.simulation.pictures $(ARGS)

.PHONY: migration
migration: setup  ## Write the next migration from the models (MESSAGE="what it does"); read it before committing
	$(BIN)/python -m tests.support.new_migration "$(MESSAGE)"
	$(BIN)/ruff format --quiet migrations/versions

.PHONY: constraints
constraints: setup  ## Resolve the dependencies anew and write constraints.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --upgrade --extra dev --extra browser pyproject.toml -o constraints.txt

.PHONY: clean
clean:  ## Remove the virtual environment and everything built
	rm -rf $(VENV) dist marketplace/web/static/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
