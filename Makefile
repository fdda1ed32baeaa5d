# make site    build the whole site into site/ (strict)     make serve   the same, live
# make test    unit tests, lessons, the site in a browser   make lint    style, types, spelling
# make bench   the imports and the forward pass, beside others'
# make properdocs   the site once more, by the fork of MkDocs that is maintained: the same files
# make experiments   train everything again; SCALE=quick in minutes, DATA=folder adds CIFAR-10
# make models  fetch other people's trained ViTs for the lab and the lessons (half a gigabyte)
#
# Needs Python 3.11 or newer with venv, and make; the tests need Chromium and Firefox as well.
# Everything else goes into .venv and web/node_modules, by uv if it is there and by pip if not.
# PYTHON=python3.12 chooses an interpreter, ONLY=goat makes `make serve` show one lesson, JOBS=4
# runs the tests in so many processes.

PYTHON ?= python3
ONLY ?=
DATA ?=
SCALE ?= small
JOBS ?= 4
BIN := .venv/bin
STAMPS := .venv/stamps
WEB := web/node_modules/.installed
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix web ci --no-audit --no-fund --loglevel=error
UV := $(shell command -v uv)
VENV := $(if $(UV),$(UV) venv -q --python $(PYTHON),$(PYTHON) -m venv) .venv
PIP := $(if $(UV),$(UV) pip install --python $(BIN)/python,$(BIN)/python -m pip install) -q -c constraints.txt
QUIET := NO_MKDOCS_2_WARNING=1 VITEXPLAIN_ONLY=$(ONLY)

.PHONY: bundle models site serve test stress stillness browsers environments lint lock format bench experiments lighthouse clean
.DEFAULT_GOAL := site

site: $(STAMPS)/docs $(WEB)
	@$(QUIET) $(BIN)/python -m builder build

serve: $(STAMPS)/docs $(WEB)
	@echo "Open http://127.0.0.1:8000/vitexplain/ when the site is built. Ctrl-C stops."
	@$(QUIET) $(BIN)/mkdocs serve --no-strict

properdocs: site
	@$(QUIET) .ci/properdocs

# The site is built first, so that no two tests build the same lessons at the same time. More
# processes than cores: a browser's tests wait more than they work, and begin first for that.
test: browsers $(STAMPS)/test site
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

# All of it beside four busy loops, which end with this shell: no test may need a quiet machine.
stress: browsers $(STAMPS)/test site
	@for _ in 1 2 3 4; do while kill -0 $$$$ 2>/dev/null; do :; done & done; $(MAKE) test

# Every page on a slow line and a slow processor: what moves by itself. Some minutes.
stillness: browsers $(STAMPS)/test site
	$(BIN)/python -m pytest -s -m slow tests/browser/test_stillness.py

browsers: $(BIN)/python
	@$(BIN)/python tests/browser/chromium.py

# One environment for each extra, with nothing else in it: imports, notebooks, commands.
environments: $(STAMPS)/test site
	$(BIN)/python -m pytest -m slow -n 2 --dist loadgroup tests/test_environments.py

lint: $(STAMPS)/lint $(WEB)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/zizmor --quiet --no-progress --offline --persona=pedantic .github
	$(BIN)/pyright
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/node web/node_modules/typescript/bin/tsc -p web/tsconfig.json

# The explorer as the package brings it, from src/vitexplain/explorer/web.
bundle: $(WEB)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/node web/explorer.mjs src/vitexplain/explorer/bundle

# The versions of constraints.txt with the hashes of their files, for every extra. Needs uv.
lock:
	uv pip compile -q --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
	  -c constraints.txt --all-extras \
	  --group lint --group build --custom-compile-command "make lock" \
	  -o requirements.lock pyproject.toml

format: $(STAMPS)/lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs a quiet machine; ratios within one run are what to trust.
bench: $(STAMPS)/test
	$(BIN)/python -m tests.benchmarks.startup
	$(BIN)/python -m tests.benchmarks.looking

# Results and weights go where they ship from, those of SCALE=quick and finished runs into
# .cache/experiments.
experiments: $(STAMPS)/test
	OMP_NUM_THREADS=1 $(BIN)/python -m studies --scale $(SCALE) $(if $(DATA),--data $(DATA))

# Into .cache/models, where a build of the site finds them; without them it builds as well.
models: $(STAMPS)/test
	$(BIN)/python -m pretrained

# Scores of every page, as on a phone. Not part of `make test`: it takes a minute a page.
lighthouse: site $(STAMPS)/test
	@test -d web/lighthouse/node_modules || $(subst --prefix web,--prefix web/lighthouse,$(NPM))
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/browser/lighthouse.py

clean:
	rm -rf site .cache web/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vitexplain needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(if $(UV),:,$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null) || \
	  { echo "$(PYTHON) lacks venv: apt-get install python3-venv (Debian, Ubuntu), or install uv"; exit 1; }
	@$(VENV)

$(STAMPS)/docs: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what the site needs (the first time takes a few minutes) ..."
	$(PIP) -e '.[docs]'
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(STAMPS)/docs
	$(PIP) -e '.[test]'
	@touch $@

$(STAMPS)/lint: $(STAMPS)/test
	$(PIP) -e '.[lint]'
	@touch $@

$(WEB): $(STAMPS)/docs web/package.json web/package-lock.json
	$(NPM)
	@touch $@
