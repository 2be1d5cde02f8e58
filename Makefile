# Thin words over the tools that pyproject.toml configures. Every target sets up .venv by itself, once.

python := .venv/bin/python

.PHONY: demo test check lint tidy fix snapshots coverage bench defects workbench soak wheel vsix protocol lock clean

demo: .venv/.ready  ## play the shipped mission, without a key
	@$(python) -m milepost demo

test: .venv/.ready  ## every check and every test; each is run, even after another failed
	@.ci/system
	@failed=0; $(MAKE) --no-print-directory lint || failed=1; \
	$(python) -m pytest --quiet --numprocesses auto --dist worksteal --cov --cov-report= || failed=1; \
	exit $$failed

check: lint tidy  ## what needs seconds: style, types, the rules of the house

lint: .venv/.ready
	@$(python) -m ruff check --quiet --output-format concise server tests
	@$(python) -m mypy --no-error-summary

tidy: .venv/.ready
	@$(python) -m pytest --quiet tests/test_tidy.py

fix: .venv/.ready  ## what ruff can mend by itself
	@$(python) -m ruff check --fix server tests

snapshots: .venv/.ready  ## rewrite the snapshots of what models read; review the diff
	@$(python) -m pytest --quiet --snapshots -k snapshot

coverage: .venv/.ready  ## lines and branches that the last `make test` missed
	@$(python) -m coverage report --show-missing

bench: .venv/.ready  ## measure the engine
	@PYTHONPATH=server:. $(python) tests/bench/bench.py

defects: .venv/.ready  ## plant every seeded defect in three applications of others; all must be found, no clean build failed
	@PYTHONPATH=server:. $(python) -m tests.apps.defects

workbench: .venv/.ready  ## a mission in a real VS Code, by palette, clicks and typing; minutes, and a browser
	@$(python) -m pytest --quiet -m workbench --timeout 0 tests/vscode

soak: .venv/.ready  ## the tests that take hours
	@$(python) -m pytest -m soak --timeout 0 --numprocesses auto

wheel: .venv/.ready  ## build the wheel, install it elsewhere by hash, and ask it who it is
	@rm -rf dist && $(python) -m hatchling build --target wheel 2>/dev/null
	@$(python) -m venv --clear dist/venv
	@dist/venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install --require-hashes -r requirements.lock
	@dist/venv/bin/python -m pip --quiet --quiet --disable-pip-version-check install --no-index --no-deps dist/*.whl
	@cd dist && venv/bin/milepost --version && venv/bin/python -P -c "from milepost.text import assets; print(assets.root())"

vsix:  ## the VS Code client as a file to install; needs Node
	@cd client-vscode && npm ci --silent --no-audit --no-fund && npm run --silent package

protocol: .venv/.ready  ## rewrite what describes our own messages to editors; review the diff
	@$(python) -m milepost lsp protocol server/PROTOCOL.md client-vscode/src/protocol.ts

lock:  ## after a change of dependencies; needs uv
	@uv pip compile pyproject.toml --all-extras --group dev --group build --universal --python-version 3.11 --generate-hashes \
		--no-strip-extras --no-emit-index-url --no-annotate --no-header --quiet --output-file requirements.lock

clean:
	@rm -rf .venv dist .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.ready: requirements.lock pyproject.toml .ci/environment
	@PYTHON="$(PYTHON)" .ci/environment
