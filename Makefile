# Two commands: `make briefings` and `make test`. `make` alone lists what there is.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
UV := 0.13.9

.DEFAULT_GOAL := help

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --compile-bytecode --editable '.[dev]'
	@touch $(READY)

setup: $(READY) ## create the environment in .venv

briefings: $(READY) ## make the made-up returns and write the briefings of three boroughs to reports/
	@$(BIN)/briefings made-up data/raw/made_up
	@$(BIN)/briefings run --made-up

lab: $(READY) ## open the notebooks in JupyterLab, with the made-up boroughs ready
	@$(BIN)/briefings made-up data/raw/made_up
	@$(BIN)/briefings run --made-up
	@$(BIN)/jupyter lab --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly --notebook-dir=. notebooks/10_clean_returns.ipynb

test: $(READY) ## run every check and test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/nbstripout --verify notebooks/*.ipynb
	@$(BIN)/python -m pytest --numprocesses auto --dist loadgroup

bench: $(READY) ## time the work, or one part of it (PART=returns); figures depend on the machine
	@$(BIN)/python -m benchmarks $(PART)

calibrate: $(READY) ## measure how often the statistics are wrong (about ten minutes), or one study (STUDY=trends)
	@$(BIN)/python -m calibration $(STUDY)

docs: $(READY) ## write the pages of docs that are made from data
	@$(BIN)/python -c "from pathlib import Path; from helpers.catalogue_page import write_catalogue_page as w; w(Path('docs/indicators.md'))"

clean: ## remove what was made: processed tables, reports, made-up returns
	@rm -rf data/raw/made_up
	@find data/processed reports -mindepth 1 -not -name README.md -not -path 'data/processed/*released*' -delete

.PHONY: help setup briefings lab test bench calibrate docs clean
