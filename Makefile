# The workbench in a few commands. What needs the environment makes it first, once: `.venv` from the pinned requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
# Files of tests run side by side, in the order of tests/conftest.py. Those in a browser come after them, two at a time,
# each with a JupyterLab and a browser of its own: one alone leaves half of two cores idle while page and kernel wait
# for each other.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
TWO_BROWSERS := -n logical --maxprocesses 2 --dist loadfile

# Tests start a hundred processes. Where Python is told to keep nothing compiled, each compiled all of them anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-spark setup-bayes setup-workshop lab report test test-fast test-fresh torture worlds bench bench-stale docs screenshots lock clean

help:
	@echo "make lab      start JupyterLab on a copy of the sample study (in workspace/)"
	@echo "make report   run the whole sequence on the sample study and write out/report.html"
	@echo "make test     run every check: style, types, tests, notebooks, browser"
	@echo "make docs     build the site into out/docs; a warning is an error"
	@echo "make test-fast  run the tests that are quick, in a minute or so, while working"
	@echo "make test-fresh  the laws once more, on examples drawn anew"
	@echo "make bench    measure what is claimed to be fast, into benchmarks/RESULTS.md"
	@echo "make worlds   hold what is concluded against companies whose truth is known, into benchmarks/WORLDS.md"
	@echo "make bench-stale  list what was measured on other code than there is now; fails when anything was"
	@echo "make torture  kill it, feed it damaged files and hostile names, thousands of times, into benchmarks/RELIABILITY.md"
	@echo "Further: make setup-spark (event logs on Spark or a warehouse; needs Java 17 or newer),"
	@echo "         make setup-bayes (hierarchical Bayes for choice surveys),"
	@echo "         make setup-workshop (the stages on a wall: workbench present),"
	@echo "         make screenshots (pictures of README and site), make lock (renew the locked versions), make clean"

setup: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@echo "Setting up .venv (once; a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup-spark: .venv/.ready-spark

.venv/.ready-spark: .venv/.ready requirements-spark.lock
	@echo "Adding Spark and ibis to .venv (once; about 500 MB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

setup-bayes: .venv/.ready-bayes

.venv/.ready-bayes: .venv/.ready requirements-bayes.lock
	@echo "Adding numpyro and jax to .venv (once; about 400 MB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bayes.lock
	@touch $@

setup-workshop: .venv/.ready-workshop

.venv/.ready-workshop: .venv/.ready requirements-workshop.lock
	@echo "Adding Voila to .venv (once; a few seconds) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-workshop.lock
	@touch $@

lab: setup
	@$(BIN)/workbench lab workspace

report: setup
	@$(BIN)/workbench run --sample -o out/report.html

test: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy workbench
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) --slowest-files 10 -m "not browser and not torture"
	$(BIN)/python -m pytest $(TWO_BROWSERS) --slowest-files 10 -m "browser and not torture"

# While working: everything but the files that take longer than a few seconds each.
test-fast: setup
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) -m "not browser and not torture and not slow"

# The laws once more, on examples drawn anew: what fails says how to try its example again.
test-fresh: setup
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) --hypothesis-profile=fresh -m "not browser and not torture"

torture: setup
	$(BIN)/python -m pytest -m torture

worlds: setup
	$(BIN)/python benchmarks/worlds.py

bench: setup
	$(BIN)/python benchmarks/run.py

# Needs Python alone, and no environment.
bench-stale:
	@$(firstword $(wildcard $(BIN)/python) $(PYTHON)) benchmarks/run.py --stale

docs: setup
	@rm -rf out/docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html -d out/docs-trees docs out/docs
	@echo "The site is in out/docs/index.html"

screenshots: setup
	$(BIN)/python docs/take_screenshots.py

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --upgrade -o requirements.lock
	uv pip compile pyproject.toml --extra spark --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade -o requirements-spark.lock
	uv pip compile pyproject.toml --extra bayes --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade -o requirements-bayes.lock
	uv pip compile pyproject.toml --extra workshop --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade -o requirements-workshop.lock

clean:
	rm -rf .venv out workspace docs/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
