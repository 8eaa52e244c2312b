# `make demo` and `make test` need nothing but Python 3.11 or newer: each sets up .venv itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := -m pip install --quiet --disable-pip-version-check
PIP_INSTALL := $(BIN)/python $(PIP) -c constraints.txt
OLDEST := $(VENV)-oldest
# Emptied at each use: what a person gets who installs the wheel.
EMPTY := $(VENV)-dist
# One thread a process: the tests already run one process a core. Each begins with a half of the
# files, so that what the tests of a file share is made once, and takes from the other at the end.
# Compiled modules are kept whatever the shell says, for the processes that tests start.
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=
WORKERS ?= auto
# Every import, every doctest, and the tests of the rooms that stand closest to other libraries.
SMOKE := sklearn_landslide tests/test_imports.py tests/tables tests/persistence tests/over_sampling \
	tests/plotting tests/metrics tests/mapping/rasters

.PHONY: help demo test test-oldest smoke-oldest lint format pytest docs figures dist clean

help:
	@echo "make demo          compare the models on a synthetic region, results in results/"
	@echo "make test          lint and the whole test suite"
	@echo "make test-oldest   the test suite with the oldest supported versions"
	@echo "make smoke-oldest  every import, every doctest and some tests with these versions"
	@echo "make docs          the documentation, in docs/_build/html"
	@echo "make figures       bring the figures in the pages up to date with benchmarks/results"
	@echo "make dist          sdist and wheel, in dist/, tried in an empty environment"
	@echo "make clean         remove everything that make made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: setup.cfg pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) -e ".[plot,tables]"
	@touch $@

$(VENV)/.test: setup.cfg pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) -e ".[test]"
	@touch $@

$(VENV)/.docs: setup.cfg pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) -e ".[docs]"
	@touch $@

$(VENV)/.dist: constraints.txt | $(BIN)/python
	$(PIP_INSTALL) build twine
	@touch $@

$(OLDEST)/.test: setup.cfg pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/python $(PIP) -c constraints-oldest.txt -e ".[test]"
	@touch $@

demo: $(VENV)/.core
	$(BIN)/python -m sklearn_landslide demo --out results --overwrite

test: lint pytest

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pytest: $(VENV)/.test
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-oldest: $(OLDEST)/.test
	$(ONE_THREAD) $(OLDEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal

smoke-oldest: $(OLDEST)/.test
	$(ONE_THREAD) $(OLDEST)/bin/python -m pytest -n $(WORKERS) --dist worksteal $(SMOKE)

docs: $(VENV)/.docs
	$(ONE_THREAD) $(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

figures: $(VENV)/.core
	$(BIN)/python benchmarks/figures.py --write

dist: $(VENV)/.dist
	rm -rf dist build
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python -m twine check --strict dist/*
	$(PYTHON) -m venv --clear $(EMPTY)
	$(EMPTY)/bin/python $(PIP) -c constraints.txt "$$(ls dist/*.whl)[terrain,report,tables]"
	$(ONE_THREAD) $(EMPTY)/bin/python -P tests/check_dist.py dist

clean:
	rm -rf $(VENV) $(OLDEST) $(EMPTY) results build dist docs/_build docs/auto_examples docs/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
