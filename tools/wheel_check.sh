#!/usr/bin/env bash
# Runs tests against the wheel in dist/, where the checkout cannot be imported: what the wheel could
# leave out and what the Python could change. With ALL=1, all fast tests.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
python=$root/.venv-wheel/bin/python

# Names, contract, settings, records and commands; the executor, and modules that are trained. Random
# inputs and pages in a browser hardly depend on the Python: they run with each release.
tests=(
    tests/{proto,settings,record} tests/test_{public_names,releases,errors,executor}.py
    tests/cli/test_{main,report}.py tests/testing/test_run_module.py
    --ignore-glob=*/test_fuzzing.py --ignore-glob=*/test_properties*.py
    --ignore-glob=*/test_in_browser.py
)
[ -z "${ALL:-}" ] || tests=(-n 2 --dist loadfile tests examples)

elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT

install() {
    "$python" -m pip install --quiet --disable-pip-version-check "$@"
}
# From elsewhere, since the checkout would be imported first.
check_installed() {
    (cd "$elsewhere" && "$python" - "$root/.venv-wheel/") <<'END'
import pathlib, sys
import fit_component

package = pathlib.Path(fit_component.__file__).parent
assert str(package).startswith(sys.argv[1]), f"{package} is not what was installed"
expected = (
    "py.typed",
    "proto/fit_args_pb2.py",
    "proto/fit_args_pb2.pyi",
    "proto/fit_args.proto",
    "proto/fit_args.schema.json",
    "cli/templates/fit.yaml",
)
missing = [name for name in expected if not (package / name).exists()]
assert not missing, f"{missing} was not installed"
END
}

import_all() {
    (cd "$elsewhere" && "$python") <<'END'
import importlib, pkgutil
import fit_component

for module in pkgutil.walk_packages(fit_component.__path__, "fit_component."):
    importlib.import_module(module.name)
END
}

# The two ways of the README. The wheel comes last, so it is what the tests meet.
mkdir "$elsewhere/checkout"
tar --exclude=./.git '--exclude=./.venv*' '--exclude=./.*cache' --exclude=./build --exclude=./dist \
    -c . | tar -x -C "$elsewhere/checkout"
install "$elsewhere/checkout"
check_installed
install --no-deps --force-reinstall dist/fit_component-*-py3-none-any.whl
check_installed
import_all

# All that the tests read, except for the package.
rm -rf "$elsewhere/checkout/fit_component"
cd "$elsewhere/checkout"
export EXAMPLES_DIVIDED_BY=4
"$python" -m pytest -q --durations=25 -p no:cacheprovider -m "not slow" "${tests[@]}"
