#!/bin/sh
# Writes requirements.lock and requirements-dev.lock in the given folder (the checkout by default)
# from the pyproject.toml that lies there. Pins that still fit stay as they are.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "${1:-$root}"

if [ -x "$root/.venv/bin/uv" ]; then
    uv=$root/.venv/bin/uv
elif ! uv=$(command -v uv); then
    echo "lock: uv is not installed; any one does: pipx install uv, or pip install uv in a venv" >&2
    exit 1
fi

compile() {
    "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
        --no-header --python-version 3.11 pyproject.toml "$@" >/dev/null
}

compile -o requirements.lock
compile -c requirements.lock --group dev -o requirements-dev.lock
