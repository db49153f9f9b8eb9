#!/usr/bin/env bash
# Builds the wheel and runs the fast tests against it, where the checkout cannot be imported.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT

rm -rf dist
# By way of the source distribution, so that nothing stale in the checkout enters the wheel.
if ! .venv-tools/bin/python -m build --no-isolation --outdir dist . >"$elsewhere/log" 2>&1; then
    cat "$elsewhere/log"
    exit 1
fi
# As the README says, with --force-reinstall since the version stays the same from run to run.
.venv-wheel/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --force-reinstall dist/fit_component-*-py3-none-any.whl

# All that the tests read, except for the package.
tar --exclude=./.git '--exclude=./.venv*' '--exclude=./.*cache' --exclude=./fit_component \
    --exclude=./build --exclude=./dist -c . |
    tar -x -C "$elsewhere"
cd "$elsewhere"
"$root/.venv-wheel/bin/python" - "$root/.venv-wheel/" <<'END'
import pathlib, sys
import fit_component

package = pathlib.Path(fit_component.__file__).parent
assert str(package).startswith(sys.argv[1]), f"{package} is not the installed wheel"
wanted = (
    "py.typed",
    "proto/fit_args_pb2.py",
    "proto/fit_args_pb2.pyi",
    "proto/fit_args.proto",
    "proto/fit_args.schema.json",
    "cli/templates/fit.yaml",
)
missing = [name for name in wanted if not (package / name).exists()]
assert not missing, f"the wheel lacks {missing}"
END
export EXAMPLES_DIVIDED_BY=4
"$root/.venv-wheel/bin/python" -m pytest -q -n 2 --dist loadfile -m "not slow" "$@"
