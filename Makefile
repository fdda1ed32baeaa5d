# make site    build the whole site into site/ (strict)     make serve   the same, live
# make test    unit tests, lessons, the site in a browser   make lint    style, types, spelling
# make bench   the imports and the forward pass, beside others'
# make experiments   train everything again; SCALE=quick in minutes, DATA=folder adds CIFAR-10
#
# Needs Python 3.11 or newer and make; everything else goes into .venv and web/node_modules.
# PYTHON=python3.12 chooses an interpreter, ONLY=goat makes `make serve` show one lesson, JOBS=4
# runs the tests in so many processes.

PYTHON ?= python3
ONLY ?=
DATA ?=
SCALE ?= small
JOBS ?= 2
BIN := .venv/bin
STAMPS := .cache/stamps
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix web ci --no-audit --no-fund --loglevel=error
QUIET := NO_MKDOCS_2_WARNING=1 VITEXPLAIN_ONLY=$(ONLY)

.PHONY: site serve test lint lock format bench experiments lighthouse clean
.DEFAULT_GOAL := site

site: $(STAMPS)/docs $(STAMPS)/web
	@$(QUIET) $(BIN)/python -m vitexplain.site build

serve: $(STAMPS)/docs $(STAMPS)/web
	@echo "Open http://127.0.0.1:8000/vitexplain/ when the site is built. Ctrl-C stops."
	@$(QUIET) $(BIN)/mkdocs serve --no-strict

# The site is built first, so that no two tests build the same lessons at the same time.
test: $(STAMPS)/test site
	@$(BIN)/python tests/browser/chromium.py
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

lint: $(STAMPS)/lint $(STAMPS)/web
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/zizmor --quiet --no-progress --offline --persona=pedantic .github
	$(BIN)/pyright
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/node web/node_modules/typescript/bin/tsc -p web/tsconfig.json

# The versions of constraints.txt with the hashes of their files, for every extra. Needs uv.
lock:
	uv pip compile -q --no-config --universal --python-version 3.11 -c constraints.txt --all-extras \
	  --group lint --group build --custom-compile-command "make lock" -o pylock.toml pyproject.toml

format: $(STAMPS)/lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs a quiet machine; ratios within one run are what to trust.
bench: $(STAMPS)/test
	$(BIN)/python -m tests.benchmarks.startup
	$(BIN)/python -m tests.benchmarks.looking

# Results and weights go into the package, those of SCALE=quick and finished runs into
# .cache/experiments.
experiments: $(STAMPS)/test
	OMP_NUM_THREADS=1 $(BIN)/python -m vitexplain.experiments --scale $(SCALE) $(if $(DATA),--data $(DATA))

# Scores of every page, as on a phone. Not part of `make test`: it takes a minute a page.
lighthouse: site $(STAMPS)/test
	@test -d web/lighthouse/node_modules || $(subst --prefix web,--prefix web/lighthouse,$(NPM))
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tests/browser/lighthouse.py

clean:
	rm -rf site .cache web/node_modules

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vitexplain needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "Python lacks venv (Debian: apt-get install python3-venv)"; exit 1; }

$(STAMPS)/docs: $(BIN)/python pyproject.toml constraints.txt
	@echo "Installing what the site needs (the first time takes a few minutes) ..."
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[docs]'
	@mkdir -p $(STAMPS) && touch $@

# The peers come without their dependencies: we compare numbers with them, no more.
$(STAMPS)/test: $(STAMPS)/docs
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[test]'
	$(BIN)/python -m pip install -q -c constraints.txt --no-deps \
	  timm torchvision open_clip_torch vit-pytorch captum
	@touch $@

$(STAMPS)/lint: $(STAMPS)/test
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[lint]'
	@touch $@

$(STAMPS)/web: $(STAMPS)/docs web/package.json web/package-lock.json
	$(NPM)
	@touch $@
