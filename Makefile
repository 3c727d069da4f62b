# Causeway. Plain `make` explains the targets.

PYTHON := .venv/bin/python
# Test workers: one for each core of a small machine; more need more memory than cores.
WORKERS ?= 2
# More words for pytest: make test-unit ARGS="-k mapping -x"
ARGS ?=
PYTEST := $(PYTHON) -m pytest
WITH_SERVERS = $(PYTHON) -m deploy.local run --name $(1) --
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
HUBSPOT_PORT ?= 8101
SALESFORCE_PORT ?= 8102
# Records that `make sandbox` begins with.
PEOPLE ?= 300
COMPANIES ?= 60
DEALS ?= 80
TASKS ?= 120
# Events in flight while things break. One test may take many minutes at this size.
CHAOS_EVENTS ?= 10000
CHAOS_TIMEOUT ?= 3600

.DEFAULT_GOAL := help
.PHONY: help venv demo sandbox up down test test-unit test-property test-contracts \
	test-integration test-e2e test-architecture chaos bench-plumbing bench-simulators \
	check lint type arch docs format lock clean

help: ## This text
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

##@ Run it
demo: venv ## Everything on this machine with two simulated CRMs (ONCE=1: show the result, then stop)
	@$(call WITH_SERVERS,demo) $(PYTHON) -m deploy.demo

sandbox: venv ## Only the CRM simulators, with PEOPLE=300 and more in them, until Ctrl-C (ARGS="--help")
	@$(PYTHON) -m tests.simulators.sandbox --hubspot-port $(HUBSPOT_PORT) \
		--salesforce-port $(SALESFORCE_PORT) --people $(PEOPLE) --companies $(COMPANIES) \
		--deals $(DEALS) --tasks $(TASKS) $(ARGS)

up: ## The production-like deployment, with Docker Compose
	$(COMPOSE) up --build --detach

down: ## Stop that deployment; its data stays in its volumes
	$(COMPOSE) down

##@ Test it
test: venv ## The whole suite; finds, starts or installs Postgres and RabbitMQ
	@$(call WITH_SERVERS,test) $(PYTEST) -n $(WORKERS) --dist loadgroup tests $(ARGS)

test-unit: venv ## Pure logic, without servers
	@$(PYTEST) tests/unit $(ARGS)

test-property: venv ## Invariants under generated inputs, without servers
	@$(PYTEST) -n $(WORKERS) tests/property $(ARGS)

test-contracts: venv ## Fakes against real stores; event and API snapshots
	@$(call WITH_SERVERS,test) $(PYTEST) -n $(WORKERS) --dist loadgroup tests/contracts $(ARGS)

test-integration: venv ## One service at a time, with Postgres and RabbitMQ
	@$(call WITH_SERVERS,test) $(PYTEST) -n $(WORKERS) --dist loadgroup tests/integration $(ARGS)

test-e2e: venv ## All services against the CRM simulators
	@$(call WITH_SERVERS,test) $(PYTEST) tests/e2e $(ARGS)

chaos: venv ## Brokers, databases and workers killed amid 10,000 events (slow; `test` has it small)
	@CAUSEWAY_CHAOS_EVENTS=$(CHAOS_EVENTS) $(call WITH_SERVERS,chaos) $(PYTEST) \
		--timeout $(CHAOS_TIMEOUT) tests/chaos $(ARGS)

test-architecture: venv ## Sizes and boundaries of the code
	@$(PYTEST) tests/architecture $(ARGS)

##@ Measure it
bench-plumbing: venv ## The plumbing against bare libraries: rates, ratios, targets (ARGS="--json FILE")
	@$(call WITH_SERVERS,bench) $(PYTHON) -m tests.bench.plumbing $(ARGS)

bench-simulators: venv ## Batches of the two CRM simulators: 5,000 records/s or 1 (ARGS="--json FILE")
	@$(PYTHON) -m tests.bench.simulators $(ARGS)

##@ Change it
check: lint type arch ## Everything that needs no server and no test run

lint: venv ## Rules and format
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check

type: venv ## Types
	@.venv/bin/mypy

arch: venv ## Who may import whom, and the architecture tests
	@.venv/bin/lint-imports
	@$(PYTEST) -q tests/architecture

docs: venv ## Write the documents and schemas of the events anew
	@$(PYTHON) -m deploy.docs events
	@$(PYTHON) -m deploy.docs schemas

format: venv ## Put the code into its format, and fix what can be fixed
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

lock: ## Write both lock files anew from pyproject.toml (needs uv)
	@deploy/local/lock.sh

clean: ## Remove caches and the data of instances that are not running
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m deploy.local reset; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

venv:
	@deploy/local/venv.sh
