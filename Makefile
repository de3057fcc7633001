# Two commands matter to most people: make course, make test.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
# alembic, jupyter and nbgrader are called by name by the tools that need them.
export PATH := $(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help course test lab check bench docs build lock browser clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{ printf "  make %-8s %s\n", $$1, $$2 }'

course: .venv/ready ## Set up, derive, run every notebook, release, grade a demo class of 12, report
	@ecomtrain build
	@ecomtrain check
	@ecomtrain demo-class

test: .venv/ready browser ## Set up, then every check: style, types, import rules, doctests, tests, browser
	ruff check
	ruff format --check
	mypy
	lint-imports
	pytest -n auto

lab: .venv/ready ## Open the course in JupyterLab, nbgrader's panels enabled
	@ecomtrain lab

check: .venv/ready ## Run every notebook with papermill, in parallel
	@ecomtrain check

bench: .venv/ready build/peers/ready ## Measure again: beside other packages, growth, loading, making, calibration (an hour)
	@python benchmarks/peers.py
	@python benchmarks/growth.py
	@python benchmarks/loading.py
	@python benchmarks/making.py
	@python benchmarks/calibration.py

docs: .venv/ready ## Write the API pages to build/api
	@python docs/api.py && echo "Open build/api/index.html"

build: .venv/ready ## Write every derived file again
	@ecomtrain build

lock: ## Pin every dependency again (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 \
		--group dev --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## Remove what can be made again: build/ and .venv/ (never a class, its gradebook or its work)
	rm -rf build .venv

# The environment: exactly what the lock names, checked by hash, then this package in place.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "python3 -m venv failed. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing the pinned packages into .venv (a few minutes the first time) ..."
	@python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.lock \
		| awk -v all="$$(grep -c == requirements.lock)" -v live="$$(test -t 1 && echo 1 || echo 0)" \
		'/^(Collecting|Processing|Requirement already)/ { i++; if (live) { printf "\r  %d of up to %d packages", i, all; fflush() } } \
		/^Installing collected/ { if (live) printf "\n"; print "  unpacking " i " packages ..."; fflush() }'
	@python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Other packages, to measure beside and to check against. They pin an older pandas: an environment of their own.
build/peers/ready: pyproject.toml
	@test -x build/peers/bin/python || $(PYTHON) -m venv build/peers
	@echo "Installing the other packages into build/peers (a few minutes the first time) ..."
	@build/peers/bin/python -m pip install --quiet --disable-pip-version-check "pip>=25.1"
	@build/peers/bin/python -m pip install --quiet --group peers
	@touch $@

# The browser test drives Debian's Chromium; where it cannot be installed here, that test skips and says so.
browser:
	@if command -v chromium >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser test ..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null \
			|| echo "Chromium could not be installed; the browser test will be skipped."; \
	else echo "Chromium is not here and cannot be installed without root and apt; the browser test will be skipped."; fi
