# One word per wish. `make run` needs Python 3.11 or newer with venv, and nothing else.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
PAGES := $(PY) frontend/build_hook.py
PEERS := tests/integration/media/node
BENCH_PEERS := benchmarks/fanout/peers
# Matrices here are small: threads for them would only wait for each other on busy cores.
export OPENBLAS_NUM_THREADS := 1
# Servers and tests start by the hundred here: what one has compiled, the next one finds.
unexport PYTHONDONTWRITEBYTECODE
# Twice CI's cores: much of a test's time is waiting for what it watches.
TEST_PROCESSES := 4
# Python compiles what it imports; most of what is installed never is.
INSTALL := $(PIP) install --no-compile --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help run test check check-python check-pages format wire screenshots bench-ear bench-fanout bench-impairment bench-durability bench-video bench-sync bench-hls bench-recording matrix hostile autobahn lock soak clean

help:
	@echo 'make run          install what is needed and start the demo on http://127.0.0.1:8000'
	@echo 'make test         every check and every test'
	@echo 'make check        linters, types, the direction of imports, generated files, pages'
	@echo 'make format       let the formatter write'
	@echo 'make wire         generate the socket'"'"'s schemas and TypeScript types again'
	@echo 'make screenshots  take the pictures of the documentation from a running demo'
	@echo 'make bench-ear    measure how well the ear hears, into docs/ear.md; ARGS="--json FILE…" for other lines'
	@echo 'make bench-fanout measure the fan-out beside its peers, into docs/performance.md (ten minutes)'
	@echo 'make autobahn     fuzz the socket; WSTEST=… names the command of autobahntestsuite (Python 2.7)'
	@echo 'make soak         300 people talk while nodes, database and bus are killed: what is lost'
	@echo 'make bench-impairment a viewer on a bad network, worst of five runs (root; half an hour)'
	@echo 'make bench-durability measure acknowledged posts, into docs/performance.md (four minutes)'
	@echo 'make bench-video  measure the forwarder beside Janus, into docs/performance.md (ten minutes)'
	@echo 'make bench-sync   measure lip sync, glass to glass and bit rate, into docs/performance.md (six minutes)'
	@echo 'make bench-hls    how late HLS is, and what its viewers cost, into docs/performance.md (ten minutes)'
	@echo 'make bench-recording measure what recording costs, into docs/recording.md (seven minutes)'
	@echo 'make matrix       every publisher (Chromium, Firefox, FFmpeg) with every viewer; needs firefox-esr (a minute)'
	@echo 'make hostile      a million mutated packets and descriptions while a stream runs (ten minutes)'
	@echo 'make lock         renew the pins; UPGRADE=1 takes newer versions'
	@echo 'make clean        remove what was built and installed'

run: $(VENV)/.project
	@$(PAGES) build
	@exec $(BIN)/causerie demo $(ARGS)

test: check $(PEERS)/node_modules/.installed
	@sh .ci/system-packages
	$(PY) -m tests.support.twice --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

# Most checks run on one core: two go on beside each other, and each tells its story whole.
check: $(VENV)/.dev $(VENV)/.project
	@$(MAKE) --no-print-directory --keep-going --jobs=2 --output-sync=target check-python check-pages

check-python check-pages: $(VENV)/.dev $(VENV)/.project

check-python:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) -m live.wire.generate --check

check-pages:
	$(PAGES) npm run check
	$(PAGES) npm run lint
	$(PAGES) build
	$(PAGES) npm run budget
	$(PAGES) npm run test

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wire: $(VENV)/.dev
	$(PY) -m live.wire.generate

screenshots: $(VENV)/.dev $(VENV)/.project
	@sh .ci/system-packages
	@$(PAGES) build
	$(PY) docs/screenshots.py

# Janus comes from Debian; where it is not installed, that is said and ours is measured alone.
bench-video: $(VENV)/.dev $(VENV)/.project
	@sh .ci/system-packages
	$(PY) -m benchmarks.video $(ARGS)

bench-sync: $(VENV)/.dev $(VENV)/.project
	@sh .ci/system-packages
	$(PY) -m benchmarks.sync $(ARGS)

bench-hls: $(VENV)/.dev $(VENV)/.project
	@sh .ci/system-packages
	$(PY) -m benchmarks.hls $(ARGS)

bench-recording: $(VENV)/.dev $(VENV)/.project
	$(PY) -m benchmarks.recording $(ARGS)

matrix: $(VENV)/.dev $(VENV)/.project $(PEERS)/node_modules/.installed
	@sh .ci/system-packages
	$(PY) -m tests.integration.media.matrix

hostile: $(VENV)/.dev $(VENV)/.project
	$(PY) -m benchmarks.hostile $(ARGS)

bench-ear: $(VENV)/.dev $(VENV)/.project
	@$(PY) -m benchmarks.ear $(ARGS)

# Before the tests, so that no test's deadline pays for a download.
$(PEERS)/node_modules/.installed: $(PEERS)/package-lock.json | $(VENV)/.project
	$(PAGES) npm ci --prefix ../$(PEERS) --include=optional --ignore-scripts
	@cp $< $@

autobahn: $(VENV)/.dev $(VENV)/.project
	$(PY) -m benchmarks.autobahn $(WSTEST)

bench-fanout: $(BENCH_PEERS)/node_modules/.installed
	$(PY) -m benchmarks.fanout $(ARGS)

bench-impairment: $(VENV)/.dev $(VENV)/.project
	$(PY) -m benchmarks.impairment $(ARGS)

bench-durability: $(VENV)/.dev $(VENV)/.project
	$(PY) -m benchmarks.durability $(ARGS)

# A peer that npm cannot bring is named in the results, and the others are measured.
$(BENCH_PEERS)/node_modules/.installed: $(BENCH_PEERS)/package-lock.json | $(VENV)/.dev $(VENV)/.project
	-$(PAGES) npm ci --prefix ../$(BENCH_PEERS) --include=optional --ignore-scripts
	@mkdir -p $(@D) && cp $< $@

soak: $(VENV)/.dev $(VENV)/.project
	$(PY) -m tests.integration.chaos $(ARGS)

lock: $(VENV)/.dev
	$(PY) .ci/lock.py $(if $(UPGRADE),--upgrade)

clean:
	rm -rf $(VENV) frontend/node_modules frontend/src/paraglide app/web/dist dist build
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- the environment: each stamp is renewed when what it was made from changes --------------------

# Any Python of 3.11 or newer that can make environments; PYTHON=... names another one.
$(PY):
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if command -v $$python >/dev/null && \
	        $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then exec $$python -m venv $(VENV); fi; \
	done; \
	echo 'Causerie needs Python 3.11 or newer with its venv module, and none is on the PATH.' >&2; \
	echo 'On Debian or Ubuntu: apt-get install python3 python3-venv' >&2; \
	exit 1

$(VENV)/.runtime: requirements.txt requirements-build.txt | $(PY)
	@echo 'Installing what Causerie runs on (once) ...' >&2
	@$(INSTALL) -r requirements.txt -r requirements-build.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.runtime
	@echo 'Installing what the checks and tests run on (once) ...' >&2
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

# pip builds the pages itself, see frontend/build_hook.py.
$(VENV)/.project: pyproject.toml $(wildcard live/*/accelerator.c) $(VENV)/.runtime
	@echo 'Installing Causerie and building its pages (once, a minute or two) ...' >&2
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
