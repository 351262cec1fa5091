# Every target makes .venv on first use. `make` alone lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# One environment in three steps: what a run needs, what JupyterLab needs on top, what the tests need on top of both.
RUN    := $(VENV)/ready-to-run
LAB    := $(VENV)/ready-for-lab
TEST   := $(VENV)/ready-to-test
# Only what is used is compiled, when it is first imported: a third less on disk, half the time.
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run lab test lint map docs bench coverage notebooks data wheel clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(RUN): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "cssp needs Python 3.11 or newer; say which: make PYTHON=python3.12 run"; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python cannot make a virtual environment; on Debian or Ubuntu: sudo apt install python3-venv"; exit 2; }
	$(PIP) -e '.[excel,word,spss,parquet,pdf]'
	@touch $(RUN)

$(LAB): $(RUN)
	$(PIP) -e '.[lab]'
	@touch $(LAB)

$(TEST): $(LAB)
	$(PIP) -e '.[teach,cluster,kubernetes,remote,dev]'
	@touch $(TEST)

run: $(RUN)  ## execute the study for every city; the report is runs/index.html
	$(BIN)/cssp run

lab: $(LAB)  ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

test: lint  ## check style, types, and every test, notebooks included
	$(BIN)/python -m pytest -n auto --dist loadgroup
	$(BIN)/python -m pytest --nbval --no-header -q notebooks

lint: $(TEST)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

map: $(RUN)  ## draw the map of the house, docs/map.md, from the code
	$(BIN)/python docs/house.py

docs: $(RUN)  ## write the JSON Schemas of a study's files to docs/schemas
	$(BIN)/cssp schema docs/schemas

bench: $(TEST)  ## measure against the peers, side by side
	$(BIN)/python benchmarks/desk.py
	$(BIN)/python benchmarks/survey.py
	$(BIN)/python benchmarks/interviews.py
	$(BIN)/python benchmarks/batch.py

coverage: $(TEST)  ## simulate how often the intervals cover the truth, into docs/coverage.md
	$(BIN)/python benchmarks/coverage.py docs/coverage.md
	$(BIN)/python benchmarks/sizes.py docs/coverage.md

notebooks: $(RUN)  ## execute the notebooks in place, to refresh their stored outputs
	$(BIN)/python -m cssp.runs.refresh notebooks

data: $(RUN)  ## write the simulated survey of the default study anew from its truth file
	$(BIN)/python -m cssp.simulate data

wheel: $(TEST)  ## build the wheel into dist/
	$(BIN)/python -m build --wheel

clean:  ## remove the environment and what was built
	rm -rf $(VENV) dist runs
