# Every target sets up what it needs on a fresh machine.
PYTHON ?= python3
VENV := .venv
INSTALL := $(VENV)/bin/pip install -qq --disable-pip-version-check --no-compile --constraint constraints.txt --editable

.PHONY: run test clean

run: $(VENV)/.ready
	$(VENV)/bin/shrump run --models gpt2

test: $(VENV)/.ready-to-test
	$(VENV)/bin/python -m pytest

$(VENV)/.ready: constraints.txt requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shrump needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing the libraries (a minute or two, once)"
	$(INSTALL) .
	touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready
	$(INSTALL) '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) runs build *.egg-info
