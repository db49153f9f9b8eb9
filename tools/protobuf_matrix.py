"""Runs all tests that need no TFX under each protobuf generation, without TFX.

protobuf_matrix.py [all]: by default what no environment with TFX has, and of pure Python, whose
code hardly differs between generations, the oldest and the newest. One line per combination. Ends
with an error when any failed or ran no test.
"""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venv-matrix"
UV = Path(sys.executable).with_name("uv")
# Pages take what the extra `report` brings.
TESTS = (
    "tests/proto",
    "tests/settings",
    "tests/record",
    "--ignore=tests/record/pages",
    "tests/test_errors.py",
    "tests/test_public_names.py",
    "tests/test_releases.py",
)
# The newest of each generation that pyproject.toml allows; the default is what C code backs.
MATRIX = (
    ("3.20.3", "python"),
    ("5.29.6", "upb"),
    ("6.33.6", "python"),
)
# The first three are in the environments of TFX 1.16 on Python 3.10, of 1.16 on 3.11, and of 1.21.
REST = (
    ("3.20.3", "cpp"),
    ("4.25.9", "upb"),
    ("6.33.6", "upb"),
    ("4.25.9", "python"),
    ("5.29.6", "python"),
)
SKIPPED = "3.20.3 cpp: skipped, it has wheels for Python 3.10 and older and there is no python3.10"


def find_python(version: str) -> str | None:
    """Returns the path of an installed Python, or None."""
    command = [UV, "python", "find", "--no-python-downloads", "--no-project", version]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or find_in_pyenv(version)


def find_in_pyenv(version: str) -> str | None:
    """Returns a Python that pyenv has but does not put on the path, or None."""
    if shutil.which("pyenv") is None:
        return None
    root = Path(subprocess.check_output(["pyenv", "root"], text=True).strip())
    found = sorted(root.glob(f"versions/{version}.*/bin/python"))
    return str(found[-1]) if found else None


def environment(protobuf: str, python: str) -> Path:
    """Makes an environment with this protobuf, or reuses it; returns its Python."""
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    version = subprocess.check_output([python, "-c", show], text=True).strip()
    directory = ENVIRONMENTS / f"{protobuf}-python{version}"
    interpreter = directory / "bin" / "python"
    ready = directory / "ready"
    packages = [f"protobuf=={protobuf}", "PyYAML", "attrs", "pytest", "hypothesis"]
    if not ready.exists() or packages != ready.read_text().split():
        subprocess.run([UV, "venv", "-q", "--clear", "--python", python, directory], check=True)
        install = [UV, "pip", "install", "-q", "--python", interpreter, *packages]
        subprocess.run(install, check=True)
        ready.write_text("\n".join(packages))
    return interpreter


def run(protobuf: str, implementation: str, interpreter: Path) -> bool:
    """Runs the tests in one combination and prints its line; returns whether they passed."""
    command = [interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    variables = {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": implementation,
        "EXAMPLES_DIVIDED_BY": "4",
    }
    done = subprocess.run(
        [*command, *TESTS],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    lines = done.stdout.strip().splitlines() or ["no output"]
    passed = done.returncode == 0 and bool(re.search(r"\b[1-9]\d* passed", lines[-1]))
    if not passed:
        print(done.stdout)
    print(f"{'ok    ' if passed else 'FAILED'} protobuf {protobuf} {implementation}: {lines[-1]}")
    return passed


def main(arguments: list[str]) -> None:
    """Runs the matrix."""
    if arguments not in ([], ["all"]):
        sys.exit("usage: protobuf_matrix.py [all]")
    old_python = find_python("3.10")
    combinations = []
    for protobuf, implementation in MATRIX + (REST if arguments else ()):
        python = old_python if implementation == "cpp" else sys.executable
        if python:
            combinations.append((protobuf, implementation, environment(protobuf, python)))
        else:
            print(SKIPPED)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(run, *zip(*combinations, strict=True)))
    if not all(results):
        sys.exit(f"error: {results.count(False)} of {len(results)} combinations failed")


if __name__ == "__main__":
    main(sys.argv[1:])
