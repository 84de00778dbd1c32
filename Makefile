# Everything sets itself up: a fresh machine needs Python 3.11+, make and pip's index, no more.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCENARIO ?= failed-update
CORPUS ?= tests/corpus/own.jsonl
JUDGES := build/judges
CARDS := build/cards
# All tests on all cores; one path alone, where starting the others would take longer, on one.
CORES := --numprocesses auto --dist worksteal
ACTIONLINT := github.com/rhysd/actionlint/cmd/actionlint@v1.7.12

.DEFAULT_GOAL := help
.PHONY: help setup try test test-image test-judges test-act judges judge-cli mine slice check static fix golden eval tables lock gallery cards bench soak clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## make .venv and install everything into it, once

# pip alone, from hashes; a Python without ensurepip (Debian's) gets virtualenv from the index.
$(READY): requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV) build/bootstrap && \
	  $(PYTHON) -m pip install --quiet --target build/bootstrap virtualenv && \
	  PYTHONPATH=build/bootstrap $(PYTHON) -m virtualenv --quiet $(VENV); }
	@test -x $(BIN)/pip || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --no-index --editable .
	@touch $(READY)

try: $(READY)  ## run the action against the loopback sandbox and show the comment (SCENARIO=…)
	@PYTHONPATH=src $(BIN)/python -m upshot_sandbox try $(SCENARIO)

test: $(READY)  ## run all tests, or those of one path (T=tests/unit/report)
	$(BIN)/python -m pytest $(or $(T),$(CORES))

test-image: $(READY)  ## build the Dockerfile and run the container as GitHub's runner does (Linux, root)
	$(BIN)/python -m tools.image

test-judges: $(JUDGES)/.ready  ## hold everything against parts that others wrote (needs npm's index, too)
	$(BIN)/python -m pytest $(CORES) -m judges
	$(BIN)/python -m tools.judges.act --if-possible
	$(BIN)/python -m tools.judges.cli --into build/judge-cli/runs --if-possible

test-act: $(JUDGES)/.ready  ## run an example with act and podman (Linux, root, Go)
	$(BIN)/python -m tools.judges.act

judge-cli: $(READY)  ## build the real Pulumi CLI, record what it says of our programs, explain them from the sandbox (Go)
	$(BIN)/python -m tools.judges.cli

mine: $(READY)  ## read the engine's error texts of all versions again, and measure on them (needs Go)
	$(BIN)/python -m tools.engine_texts --mine --misses --write-docs

judges: $(JUDGES)/.ready  ## install those parts into build/, once

# Node comes with the Python packages; nothing of npm's runs at installation.
$(JUDGES)/.ready: $(READY) requirements/judges.txt tests/judges/package.json tests/judges/package-lock.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps -r requirements/judges.txt
	@mkdir -p $(JUDGES) && cp tests/judges/package.json tests/judges/package-lock.json $(JUDGES)
	$(BIN)/npm --prefix $(JUDGES) ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@GOBIN=$(CURDIR)/$(JUDGES)/bin go install $(ACTIONLINT) || \
	  echo "NOT JUDGED: workflows by actionlint, which needs Go and its module proxy" >&2
	@touch $@

slice: judges  ## cut GitHub's description of its interface again (downloads 385 MB)
	$(BIN)/npm --prefix $(JUDGES) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/python tools/judges/openapi.py

static: $(READY)  ## formatting, lint and types, without changing anything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	for system in win32 darwin; do $(BIN)/mypy --platform $$system --cache-dir .mypy_cache/$$system \
	  --no-warn-unreachable src/upshot composite entrypoint.py post.py || exit 1; done
	$(BIN)/python tools/readme_tables.py --check
	$(BIN)/python tools/composite.py --check
	$(BIN)/python tools/threats.py --check

check: static test  ## everything that a change must pass

fix: $(READY)  ## format, mend what the linter can mend, write generated tables again
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python tools/readme_tables.py
	$(BIN)/python tools/composite.py
	$(BIN)/python tools/threats.py
	$(BIN)/python -m tools.catalogue
	$(BIN)/python -m tools.evaluate --write-docs

golden: $(READY)  ## write the golden files again; look at the difference before you commit it
	UPSHOT_GOLDEN=write $(BIN)/python -m pytest -q -k golden

eval: $(READY)  ## measure the offline diagnosis on a labelled corpus (CORPUS=file.jsonl)
	$(BIN)/python -m tools.evaluate $(CORPUS)

gallery: $(READY)  ## render reports as GitHub would show them (BASE=commit: before and after; needs chromium, npm)
	PYTHONPATH=src $(BIN)/python tools/gallery.py $(if $(BASE),--base $(BASE))
	@test ! -d $(JUDGES)/node_modules || $(MAKE) cards

cards: $(JUDGES)/.ready $(CARDS)/.ready  ## draw messages to Teams and Slack as they show them (needs chromium, npm)
	$(BIN)/python -m tools.cards

$(CARDS)/.ready: $(READY) tools/cards/package.json tools/cards/package-lock.json
	@mkdir -p $(CARDS) && cp tools/cards/package.json tools/cards/package-lock.json $(CARDS)
	$(BIN)/npm --prefix $(CARDS) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

bench: $(READY)  ## speed and memory as ratios and counts, with limits
	$(BIN)/python -m bench.run

soak: $(READY)  ## 2,000 runs in which things go wrong; goes on where it was stopped (20 minutes)
	$(BIN)/python -m bench.soak

lock: $(READY)  ## resolve the dependencies again
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python tools/lock.py

clean:  ## remove what was built
	rm -rf build dist $(VENV)
