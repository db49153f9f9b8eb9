#!/usr/bin/env bash
# Builds the wheel, in dist/.
set -euo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
rm -rf dist
# By way of the source distribution, so that nothing stale in the checkout enters the wheel.
if ! .venv-tools/bin/python -m build --no-isolation --outdir dist . >"$log" 2>&1; then
    cat "$log"
    exit 1
fi
ls dist/*.whl
