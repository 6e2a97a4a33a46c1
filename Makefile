# For a newcomer: `make demo` and `make test`. The rest is for those who change Lantian.
#
# Each target makes the virtual environment it needs (.venv) from the hashed locks. A stamp in it, named by the
# locks, the interpreter and the place of the clone, says that it is there. What a target makes goes to stdout,
# everything else to stderr.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.PHONY: demo test check long bench browser picture vendor replies glossary locks clean
.DEFAULT_GOAL := demo

PYTHON ?= python3
DEMO ?=
PYTEST ?=
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check
KEY := $(shell { cat requirements/*.lock pyproject.toml; pwd; $(PYTHON) -V; } | sha256sum | cut -c1-12)
RUN := .venv/run-$(KEY)
DEV := .venv/dev-$(KEY)
BENCH := .venv/bench-$(KEY)
BENCHMARKS ?= $(wildcard benchmarks/*.py)
MESSAGES := $(patsubst %.po,%.mo,$(wildcard src/*/locale/*/LC_MESSAGES/*.po))

demo: $(RUN) $(MESSAGES)  ## play the rehearsal city, then serve it; DEMO="..." is passed on to `lantian demo`
	@exec $(BIN)/lantian demo $(DEMO)

test: $(DEV) $(MESSAGES)  ## every test but those of full size and in a browser; what is skipped is listed at the end
	@exec $(BIN)/pytest -n auto --dist loadfile $(PYTEST)

check: $(DEV) $(MESSAGES)  ## what must hold before a commit
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@exec $(BIN)/pytest -n auto --dist loadfile -m "not slow and not long and not browser" $(PYTEST)

long: $(DEV) $(MESSAGES)  ## load, soak, kills, fuzz, full size: by hand, the dated result goes to docs/benchmarks
	@exec $(BIN)/pytest -m long --scale 1 -s $(PYTEST)

bench: $(BENCH) $(MESSAGES)  ## what is fast, against what: by hand, one after the other; BENCHMARKS="..." names some
	@for each in $(BENCHMARKS); do $(BIN)/python $$each || exit 1; done

browser: $(DEV) $(MESSAGES)  ## tests in Debian's Chromium
	@exec $(BIN)/pytest -m browser $(PYTEST)

picture: $(DEV) $(MESSAGES)  ## docs/console.png from a small rehearsal city
	@exec $(BIN)/python -m tools.picture docs/console.png

vendor:  ## src/lantian_web/static/vendor from the pinned npm packages
	@exec tools/vendor.sh

replies: $(BENCH)  ## what the signs of replies weigh, learnt from tools/reply_examples.csv
	@exec $(BIN)/python -m tools.replies

glossary: $(DEV)  ## docs/glossary.md from docs/glossary.csv
	@exec $(BIN)/python -m tools.glossary

locks: $(DEV)  ## requirements/*.lock from pyproject.toml
	@exec tools/locks.sh

clean:  ## everything that can be made again; var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis $(MESSAGES)

$(RUN):
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv >&2
	@echo "installing requirements/run.lock into .venv" >&2
	@$(PIP) install --require-hashes -r requirements/run.lock >&2
	@$(PIP) install --no-deps --no-build-isolation -e . >&2
	@rm -f .venv/run-* && touch $@

$(DEV): $(RUN)
	@echo "installing requirements/dev.lock into .venv" >&2
	@$(PIP) install --require-hashes -r requirements/dev.lock >&2
	@rm -f .venv/dev-* && touch $@

$(BENCH): $(DEV)
	@echo "installing requirements/bench.lock into .venv" >&2
	@$(PIP) install --require-hashes -r requirements/bench.lock >&2
	@rm -f .venv/bench-* && touch $@

%.mo: %.po | $(RUN)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ >&2
