# Everything rests on one stamp in .venv, made anew only when the pins or the project's declaration change.
# After set-up nothing here needs root, a server or the network.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready


.PHONY: help demo test fix lint smoke check isolation torture damage concurrency docs-check pins pictures bench bench-peers release ci ci-rest wheel-demo

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(STAMP): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	@rm -f $(STAMP)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --reinstall-package lamina -e .
	@touch $(STAMP)

demo: $(STAMP) ## set everything up, and watch weeks of a life go in and the evidence come out
	@$(BIN)/lamina demo

test: $(STAMP) ## set everything up, and run the tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q $(ARGS)

fix: $(STAMP) ## format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: $(STAMP) ## format, ruff, types, import contracts, size budget, spelling
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --cache-dir .venv/.import-linter
	@$(BIN)/python tools/budget.py src tests tools benchmarks
	@$(BIN)/codespell -D - -D tools/british.txt src docs tools benchmarks README.md CONTRIBUTING.md CHANGELOG.md changes

smoke: $(STAMP) ## the package alone, in an environment without developer tools
	@bash tools/smoke.sh

check: lint test smoke ## everything that has to be green before a commit

isolation: $(STAMP) ## who sees what: a million calls, broken rules, a million foreign records, refusals timed
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export PYTHONPATH=src && \
	$(BIN)/python tests/exams/isolation.py 1000000 1 2 && \
	$(BIN)/python tests/exams/isolation_mutants.py 20000 1 && \
	$(BIN)/python tests/exams/isolation_traces.py times "$$folder" 10000 && \
	$(BIN)/python tests/exams/isolation_traces.py rankings "$$folder" 1000000

torture: $(STAMP) ## ten thousand kills at every failpoint, power cuts, full disks
	@folder=$$(mktemp -d -p $$(test -d /dev/shm && echo /dev/shm || echo /tmp)) && trap 'rm -rf "$$folder"' EXIT && \
	export PYTHONPATH=src && mkdir "$$folder"/{kills,cuts,off,full} && \
	$(BIN)/python tests/exams/torture.py "$$folder/kills" 10000 1 50 2 && \
	$(BIN)/python tests/exams/powercuts.py "$$folder/cuts" 2000 1 && \
	$(BIN)/python tests/exams/powercuts.py "$$folder/off" 200 1 off && \
	$(BIN)/python tests/exams/fulldisk.py "$$folder/full" 1 8192

damage: $(STAMP) ## files of which bytes were flipped, swapped, cut or overwritten; sound files of random lives
	@folder=$$(mktemp -d -p $$(test -d /dev/shm && echo /dev/shm || echo /tmp)) && trap 'rm -rf "$$folder"' EXIT && \
	export PYTHONPATH=src && \
	$(BIN)/python tests/exams/damage.py damage "$$folder" 3000 1 && \
	$(BIN)/python tests/exams/damage.py sound "$$folder" 1000 1

concurrency: $(STAMP) ## eleven processes on one file for five minutes: histories linearisable, throughput
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && PYTHONPATH=src $(BIN)/python tests/exams/concurrency.py "$$folder" 300

docs-check: $(STAMP) ## run every code block of README and docs, and compare its output
	@$(BIN)/python -m pytest -q tests/docs

pins: ## compile the pins anew
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet uv; }
	@echo 'uv' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make pins" -o requirements-uv.txt -
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group dev --custom-compile-command "make pins" -o requirements-dev.txt pyproject.toml

pictures: $(STAMP) ## draw the README's pictures anew, from the demo and from what is published
	@$(BIN)/python tools/pictures.py

bench: $(STAMP) ## publish one configuration from a clean checkout: make bench NAME=first-light
	@$(BIN)/lamina bench --config benchmarks/configs/$(NAME).toml --no-questions --publish benchmarks/results/$(NAME).json --plots benchmarks/results/$(NAME)

bench-peers: $(STAMP) ## lamina beside mem0, chromadb, txtai, LangGraph, LlamaIndex: make bench-peers PEERS=lamina,mem0 SIZES=1000
	@nice $(BIN)/python benchmarks/peers/run.py $(if $(PEERS),--peers $(PEERS)) $(if $(SIZES),--sizes $(SIZES)) $(ARGS)

release: $(STAMP) ## join the change fragments into the changelog and build the wheel
	@$(BIN)/python tools/release_notes.py
	@$(BIN)/python -m build --no-isolation --wheel

wheel-demo: $(STAMP) ## the demo from the built wheel, in an empty environment
	@bash tools/wheel_demo.sh

ci-rest: lint docs-check wheel-demo ## what CI runs after the tests

ci: test ci-rest ## what CI runs
