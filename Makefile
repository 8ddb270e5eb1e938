# The commands of the house. `make demo` and `make test` set up all they need by themselves.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY  := .venv/bin/python
BIN := .venv/bin
PIP := $(PY) -m pip install -q --disable-pip-version-check
NPM := $(shell command -v npm 2>/dev/null || echo $(CURDIR)/$(BIN)/npm)
PORT ?= 8000
DATA ?= .cache/demo

.PHONY: help setup setup-dev demo keycloak test check prove bench sbom screenshots translations clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .cache/assets ## everything the product needs to run: .venv and assets
demo: setup ## run the product with the demo story on http://127.0.0.1:8000/
	@exec $(BIN)/atbalsts demo --port $(PORT) --data $(DATA)

keycloak: .venv/installed ## the identity provider for `atbalsts demo --keycloak` and the tests (Java, Maven)
	@PYTHONPATH= $(PY) -m auth.keycloak.distribution

setup-dev: .venv/checks ## and what its checks need
	@PYTHONPATH= $(PY) -m auth.keycloak.distribution --optional
test: setup-dev check ## every check and test, at most 15 minutes on two cores
	@PYTHONPATH= $(BIN)/pytest -q -m "not prove" -n 2 --dist loadfile

check: setup-dev ## formatting, types, import contract, templates, translations
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/atbalsts check

prove: setup-dev ## the long proofs, at most 80 minutes; an interrupted run goes on where it stood
	@$(BIN)/pytest -q -m prove -n 2 --dist loadfile

bench: setup-dev ## measured against a floor in the same run, at most 30 minutes
	@$(BIN)/atbalsts bench

sbom: setup-dev ## the bill of materials (CycloneDX) in .cache/sbom.json
	@$(PY) -W ignore tools/sbom > .cache/sbom.json && echo .cache/sbom.json

screenshots: setup-dev ## the pictures of the README's walk, from a fresh demo
	@$(PY) -m tests.browser.walk

translations: setup-dev ## collect texts from code and templates into locale/
	@$(BIN)/python -m portal.translations

clean: ## forget everything that can be made again (the demo's data too)
	rm -rf .venv .cache node_modules

.cache/debian-demo .cache/debian-test: debian-packages.txt
	@mkdir -p .cache
	@tools/debian-packages $(@:.cache/debian-%=%)
	@touch $@

# Stamps lie in what they speak of: whoever removes .venv gets a new one.
.venv/installed: requirements.lock requirements-build.lock pyproject.toml .cache/debian-demo
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Atbalsts needs Python 3.11 or newer" >&2; exit 1; }
	@test -x $(PY) || python3 -m venv .venv
	@echo "Installing Python packages" && $(PIP) --require-hashes -r requirements.lock
	@$(PIP) --require-hashes --no-deps -r requirements-build.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.cache/assets: package-lock.json .npmrc .venv/installed $(wildcard $(addprefix portal/assets/,*.py *.js *.svg styles/*.css theme/*.css))
	@command -v $(NPM) >/dev/null 2>&1 || $(PIP) --require-hashes -r requirements-node.lock
	@echo "Fetching browser assets" && $(NPM) ci --silent
	@$(PY) -m portal.assets
	@touch $@

.venv/checks: requirements-dev.lock .venv/installed .cache/assets .cache/debian-test
	@echo "Installing the checks" && $(PIP) --require-hashes -r requirements-dev.lock
	@touch $@
