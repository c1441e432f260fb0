# The commands of the project. `make` alone lists them.
PORT ?= 8000
PYTHON_ENV = .venv/bin/python
MANAGE = $(PYTHON_ENV) manage.py
TEST_MANAGE = DJANGO_SETTINGS_MODULE=eptportal.settings.test $(MANAGE)
MAKEFLAGS += --no-print-directory
UV_COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help setup setup-dev setup-browser demo demo-reset test check bench shots fmt lock messages

help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup: ## Make .venv with what the portal needs
	@scripts/bootstrap.sh

setup-dev:
	@scripts/bootstrap.sh --dev

setup-browser:
	@scripts/bootstrap.sh --browser

demo: setup ## Run the whole portal with a synthetic cohort (PORT=8000)
	@$(PYTHON_ENV) -m eptportal.local.demo --port "$(PORT)"

demo-reset: setup ## Delete the demo's data, then run it
	@$(PYTHON_ENV) -m eptportal.local.demo --port "$(PORT)" --reset

test: setup-browser ## Run every check and every test, browser included
	@$(MAKE) check
	@$(PYTHON_ENV) -m pytest -q -n 2

check: setup-browser ## Lint, types, import rules, settings, migrations
	@$(PYTHON_ENV) -m ruff check .
	@$(PYTHON_ENV) -m ruff format --check --quiet .
	@$(PYTHON_ENV) -m djlint templates --lint --quiet
	@$(PYTHON_ENV) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(PYTHON_ENV) -m mypy eptportal core notifications accounts programs applications scoring selection
	@$(TEST_MANAGE) check --fail-level WARNING
	@$(TEST_MANAGE) makemigrations --check --dry-run

bench: setup-dev ## Time the main pages; one JSON object a line
	@$(PYTHON_ENV) -m scripts.bench

shots: setup-browser ## Take pictures of the main pages into shots/
	@$(PYTHON_ENV) -m scripts.shots

fmt: setup-dev ## Format the code
	@$(PYTHON_ENV) -m ruff check --fix --quiet . || true
	@$(PYTHON_ENV) -m ruff format .

lock: ## Compile the requirements (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: see https://docs.astral.sh/uv/" >&2; exit 1; }
	@$(UV_COMPILE) --quiet requirements.in -o requirements.txt
	@$(UV_COMPILE) --quiet -c requirements.txt requirements-dev.in -o requirements-dev.txt

messages: setup-dev ## Collect the texts for translators and compile theirs (needs gettext)
	@command -v xgettext >/dev/null || { echo "gettext is missing: sudo apt-get install gettext (macOS: brew install gettext)" >&2; exit 1; }
	@$(MANAGE) makemessages --locale es --locale zh_Hant --no-location --no-obsolete \
		--ignore .venv --ignore .local --ignore tests --ignore staticfiles
	@$(MANAGE) compilemessages --locale es --locale zh_Hant --verbosity 0
