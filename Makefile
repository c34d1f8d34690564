# Every step of the observatory, each enough on its own on a machine with Python 3.11 and make.
#
#   make run                                   the sample: no account, no network
#   make run HUB=https://huggingface.co        the real Hub, into data/hub.duckdb
#   make run HUB=folder SNAPSHOT_DATE=2026-05-20
#   make run HUB=… TARGET=bigquery             needs GOOGLE_CLOUD_PROJECT

# A setting that nobody reads would leave the default in its place: the sample for a real Hub.
given := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
small := $(shell echo '$(filter-out MAKE% -%,$(given))' | tr ' ' '\n' | grep '[a-z]')
$(if $(small),$(error error: unknown setting '$(small)': settings are in capitals, such as HUB=folder))

HUB ?= sample
# An empty one would be taken for a folder without a name.
$(if $(strip $(HUB)),,$(error error: HUB is empty: give 'sample', an address or a folder, such as HUB=sample))
TARGET ?= duckdb
SNAPSHOT_DATE ?=
# An archive of earlier listings, and more options of `python -m loaders history`, such as --every week.
HISTORY_FROM ?= hf://datasets/$(if $(filter sample,$(HUB)),observatory/hub-history,hfmlsoc/hub_weekly_snapshots)
HISTORY ?= $(if $(SNAPSHOT_DATE),--until $(SNAPSHOT_DATE))
# A folder or a bucket, and where readers will find it.
SITE ?= site
ADDRESS ?= $(HUB_SITE_ADDRESS)
PYTHON ?= python3

# The sample has a database of its own, so that made-up figures never meet real ones.
HUB_DUCKDB_PATH ?= data/$(if $(filter sample,$(HUB)),sample,hub).duckdb
export HUB_DUCKDB_PATH
# So has it datasets of its own on BigQuery, whatever else the project holds.
HUB_SCHEMA_PREFIX ?= $(if $(filter sample,$(HUB)),$(if $(filter bigquery,$(TARGET)),sample_))
export HUB_SCHEMA_PREFIX
# What the load did, for machines; dbt leaves its own in target/run_results.json.
HUB_SUMMARY ?= target/load_summary.json
# Where an environment forbids it, each command would compile dlt and dbt anew: 3 seconds.
export PYTHONDONTWRITEBYTECODE =

BIN := .venv/bin
CHECKS := .venv/checks/bin
DBT = $(BIN)/dbt
# Its log file keeps what is left out here: a line or two for each of 200 models and tests.
DBT_BRIEF = --log-level warn --log-level-file debug
LOADERS = $(BIN)/python -m loaders
LOADER_OPTIONS = --hub "$(HUB)" --target $(TARGET)
DATE_OPTION = $(if $(SNAPSHOT_DATE),--snapshot-date $(SNAPSHOT_DATE))
TEST_WORKERS = $(shell $(BIN)/python -c 'import os; print(min(4, os.cpu_count() + 1))')
RANDOM_ORDER = $(if $(ORDER),-p randomly $(if $(filter-out random,$(ORDER)),--randomly-seed $(ORDER)))
LOCK_OPTIONS = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header
# Of the lock alone: dbt-core 1.12 names a parser whose build downloads from outside the index. It runs
# without that parser, which a machine with an open network installs (docs/decisions/0008). Not in
# pyproject.toml, where uv would hold each install against it and refuse the hashes.
LOCK = echo 'dbt-core<1.12' | $(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --constraint /dev/stdin
LOCK_GROUP = $(BIN)/uv pip compile $(LOCK_OPTIONS) --group

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-checks run load history parameters details build vintages report site
.PHONY: test lint format bench sensitivity faults dry-run touched check audit secrets workflows container lock clean
# Each step reads what the one before it made.
.NOTPARALLEL:

help:  ## show what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14
	@echo
	@echo "HUB=$(HUB) TARGET=$(TARGET) SNAPSHOT_DATE=$(SNAPSHOT_DATE) HUB_DUCKDB_PATH=$(HUB_DUCKDB_PATH)"

# Of the sample, history and details take seconds; of the real Hub an hour each.
is_sample := $(filter sample,$(HUB))
run: $(if $(is_sample),history) load $(if $(is_sample),details) build report  ## install, load, build and report: the whole way

load: install  ## crawl the Hub and load its snapshot into hub_raw
	$(LOADERS) load $(LOADER_OPTIONS) $(DATE_OPTION) --summary "$(HUB_SUMMARY)"

history: install  ## load earlier listings from an archive: HISTORY_FROM=hf://datasets/OWNER/NAME or a folder
	$(LOADERS) history $(LOADER_OPTIONS) --from "$(HISTORY_FROM)" $(HISTORY) --summary "$(HUB_SUMMARY)"

parameters: install  ## count the parameters that the listing lacks: a request or more for each model
	$(LOADERS) parameters $(LOADER_OPTIONS)

details: install  ## ask for storage and Spaces of the models for text generation: a request for each
	$(LOADERS) details $(LOADER_OPTIONS)

build: install  ## build the seeds, models and marts with dbt, and test their data
	$(DBT) $(DBT_BRIEF) build --target $(TARGET) --exclude-resource-type unit_test

vintages: install  ## add the figures of earlier snapshots as they stood, where they are missing
	$(BIN)/python -m tools.vintages --target $(TARGET)

report: install  ## write the page, charts, extracts, Tableau workbook and data sources
	$(BIN)/python -m reports build --target $(TARGET)

# Earlier snapshots in it stay, so it is not for `clean` either.
site: install  ## add the report to a site for any static host: SITE=site, ADDRESS=https://…
	$(BIN)/python -m reports site --target $(TARGET) --output "$(SITE)" --address "$(ADDRESS)"

# One worker more than there are cores: each waits for other processes, locks and clocks now and then.
# A worker that crashes ends the run: one that took its place would hide which test did it.
test: install-dev  ## run every test; in another order each time by ORDER=random, or ORDER=its-number
	$(BIN)/python -m pytest --numprocesses $(TEST_WORKERS) --dist loadgroup \
		--no-loadscope-reorder --max-worker-restart 0 $(RANDOM_ORDER)

lint: install-dev  ## check style and types, what imports what, and the rules of the layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tools.style
	$(BIN)/sqlfluff lint models tests
	$(DBT) --quiet parse --profiles-dir tests/lint
	$(BIN)/python -m tools.layers

format: install-dev  ## mend the style of Python and SQL
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff format models tests

bench: install-dev  ## measure speed and memory, an hour; less by BENCH="--sizes 50000"
	$(BIN)/python -m tools.bench $(BENCH)

dry-run: install-dev  ## have BigQuery plan every statement on a project of yours; it costs nothing
	$(BIN)/python -m tools.dry_run

sensitivity: install  ## print how far each choice of the method moves the newest headlines
	$(BIN)/python -m tools.sensitivity

faults: install-dev  ## crawl through faults and kill runs at random; see docs/measurements.md
	$(BIN)/python -m tools.faults

BASE ?= main
touched: install  ## build on the sample what a change touches since BASE=main, and list its exposures
	.ci/touched "$(BASE)"

check: secrets workflows container audit  ## look for known weaknesses: the four below

audit: install-checks  ## look the locked dependencies up among known vulnerabilities (needs osv.dev)
	$(foreach lock,$(wildcard requirements*.lock),$(CHECKS)/pip-audit --vulnerability-service osv \
		--strict --disable-pip --require-hashes --requirement $(lock) &&) true

secrets: install-checks  ## look for keys and tokens in what git keeps
	git ls-files -z -- ':!*.lock' | xargs -0 $(CHECKS)/detect-secrets-hook --no-verify

workflows: install-checks  ## check the workflows of GitHub, and the shell scripts
	$(CHECKS)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(CHECKS)/zizmor --quiet --offline .github
	$(CHECKS)/shellcheck .ci/run .ci/touched deploy/*.sh

container: install-checks  ## check the Dockerfile
	$(CHECKS)/hadolint Dockerfile

lock: $(BIN)/uv  ## write the lock files anew from pyproject.toml
	$(LOCK) --extra dev --output-file requirements-dev.lock
	$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock
	$(LOCK) --extra tableau --constraint requirements-dev.lock --output-file requirements-tableau.lock
	$(LOCK_GROUP) checks --output-file requirements-checks.lock

clean:  ## remove what make made, but never a database or the landing zone
	rm -rf .venv target logs report

# An install is done once: each stamp depends on the locks alone.
install: $(BIN)/.installed profiles.yml
install-dev: $(BIN)/.installed-dev profiles.yml
install-checks: $(CHECKS)/.installed

$(BIN)/uv: requirements-uv.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(BIN)/.installed: requirements.lock $(BIN)/uv
	@echo "installing $< into .venv, once"
	@$(call install_lock,$<,$(BIN))
	@touch $@

$(BIN)/.installed-dev: requirements-dev.lock $(BIN)/uv
	@echo "installing $< into .venv, once"
	@$(call install_lock,$<,$(BIN))
	@touch $(BIN)/.installed $@

# In an environment of their own, so that no tool's needs bend what is run and tested.
$(CHECKS)/.installed: requirements-checks.lock $(BIN)/uv
	@echo "installing $< into .venv/checks, once"
	@$(PYTHON) -m venv .venv/checks
	@$(call install_lock,$<,$(CHECKS))
	@touch $@

# uv takes seconds; where it cannot work (a package index that it does not know), pip does.
define install_lock
$(BIN)/uv pip install --quiet --python $(2)/python --require-hashes --no-deps -r $(1) || \
$(2)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(1)
endef

# dbt looks for profiles.yml here. It is yours to change: only a missing one is made.
profiles.yml: | profiles.example.yml
	cp profiles.example.yml $@
