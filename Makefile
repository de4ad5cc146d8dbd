# Every target sets up what it needs on a fresh machine.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: run test clean

run: $(READY)
	$(VENV)/bin/shrump run

test: $(READY)
	$(VENV)/bin/python -m pytest

$(READY): constraints.txt requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "shrump needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) runs build *.egg-info
