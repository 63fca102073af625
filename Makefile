# `make run` opens Paddock, `make test` checks it. Both first set up whatever is missing; see CONTRIBUTING.md.

PYTHON := $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV_PYTHON := .venv/bin/python
QUESTION := In one sentence: what is a paddock?
UPGRADE :=
LOCK := uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
BENCHMARKS = $(sort $(wildcard tests/benchmarks/[a-z]*.py))

export PYRIGHT_PYTHON_GLOBAL_NODE := 0

.PHONY: run test check pytest campaign bench lock setup setup-test python
.NOTPARALLEL: # the machine's time is measured by some tests, and the last line is to be pytest's

run: setup
	@if [ "$$(uname)" = Linux ] && [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		echo "There is no display here, so the window stays closed. The starter model answers in the terminal instead:"; \
		echo "> $(QUESTION)"; \
		exec $(VENV_PYTHON) main.py ask --model starter --no-save "$(QUESTION)"; \
	else \
		exec $(VENV_PYTHON) main.py; \
	fi

test: check pytest

check: setup-test
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m pyright
	.venv/bin/lint-imports --no-logo

pytest: setup-test
	$(VENV_PYTHON) -m pytest --numprocesses 2 --dist worksteal

campaign: setup-test
	$(VENV_PYTHON) -m pytest -m campaign --full -rP

bench: setup-test
	@for benchmark in $(BENCHMARKS); do \
		echo "== $$benchmark"; PYTHONPATH=. $(VENV_PYTHON) "$$benchmark" || exit 1; \
	done

# Writes packaging/locks from pyproject.toml; needs uv. `make lock UPGRADE=--upgrade` moves to the newest versions.
lock:
	$(LOCK) pyproject.toml --no-emit-package llama-cpp-python --output-file packaging/locks/run.txt >/dev/null
	$(LOCK) --group test --constraint packaging/locks/run.txt --output-file packaging/locks/test.txt >/dev/null
	$(LOCK) --group build --output-file packaging/locks/build.txt >/dev/null
	$(LOCK) --group starter --no-deps --output-file packaging/locks/starter.txt >/dev/null
	grep -o 'llama-cpp-python==[0-9.]*' pyproject.toml | $(LOCK) - --no-deps --output-file packaging/locks/llama.txt >/dev/null

setup: python
	@$(PYTHON) packaging/bootstrap.py run

setup-test: python
	@$(PYTHON) packaging/bootstrap.py test

python:
	@test -n "$(PYTHON)" || { echo "Paddock needs Python 3.11 or newer. On Debian: sudo apt-get install python3 python3-venv" >&2; exit 1; }
