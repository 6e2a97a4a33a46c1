#!/usr/bin/env bash
# Make requirements/*.lock from pyproject.toml. The build backend stands in the run lock, so that an install
# needs nothing else. The locks hold versions and hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
command -v uv >/dev/null || pip install --quiet uv >&2

lock() {
    uv --no-config pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-annotate \
        --custom-compile-command 'make locks' --upgrade pyproject.toml "$@" >&2
}
backend() {
    python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")'
}

backend | lock - --output-file requirements/run.lock
lock --extra dev --extra postgres --constraints requirements/run.lock --output-file requirements/dev.lock
lock --extra bench --constraints requirements/run.lock --output-file requirements/bench.lock
