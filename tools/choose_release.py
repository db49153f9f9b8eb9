"""Chooses the TFX release that this machine can install, or says in one line why there is none.

Run by the Makefile with the Python that will make the environment, before anything is downloaded:

    choose_release.py tfx [RELEASE]   prints the release: RELEASE, or the newest that glibc allows
    choose_release.py tools|proto     checks Python for an environment without TFX

Keeps to the standard library and to Python 3.6, so that an old Python is refused and not tripped
over.
"""

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig
from typing import List, NamedTuple, Optional, Tuple

Version = Tuple[int, int]


class Release(NamedTuple):
    """What the wheels of one TFX release, and of what it depends on, ask of a machine."""

    glibc: Version
    pythons: Tuple[Version, ...]


# Newest first: the first that the machine's glibc allows is taken.
RELEASES = {
    "1.21": Release(glibc=(2, 39), pythons=((3, 10), (3, 11), (3, 12), (3, 13))),
    "1.17": Release(glibc=(2, 39), pythons=((3, 10),)),
    "1.16": Release(glibc=(2, 17), pythons=((3, 10), (3, 11))),
}
TOOL_PYTHONS = {
    "tools": ((3, 10), (3, 11), (3, 12), (3, 13)),
    "proto": ((3, 10), (3, 11), (3, 12)),
}
TOOL_NAMES = {
    "tools": "the tool environment",
    "proto": "the protobuf generator (grpcio-tools 1.62.3, without wheels for Python 3.13)",
}


class Unsuitable(Exception):
    """This machine, Python or request cannot work; the message is the one line to show."""


def choose_release(glibc: Optional[Version], requested: str = "") -> str:
    """Returns the requested release, or the newest one, that runs on this glibc."""
    if requested and requested not in RELEASES:
        choices = " or ".join("TFX=" + release for release in RELEASES)
        raise Unsuitable(f"TFX={requested} is not supported; choose {choices}")
    if glibc is None:
        raise Unsuitable("TFX's wheels need Linux with glibc; this system has none")
    for release in [requested] if requested else RELEASES:
        if glibc >= RELEASES[release].glibc:
            return release
    if requested:
        remedy = f"; use the Dockerfile, or leave out TFX={requested} for the newest that runs here"
    else:
        requested, remedy = list(RELEASES)[-1], ""
    needed = dotted(RELEASES[requested].glibc)
    raise Unsuitable(
        f"TFX {requested} needs glibc {needed} or newer; this machine has {dotted(glibc)}{remedy}"
    )


def check_python(what: str, python: Version, allowed: Tuple[Version, ...]) -> None:
    """Refuses a Python that `what` doesn't install on."""
    if python not in allowed:
        choices = ", ".join(map(dotted, allowed))
        example = dotted(allowed[-1])
        raise Unsuitable(
            f"{what} needs Python {choices}; this is {dotted(python)}: "
            f"name another one, as in `make PYTHON=python{example} ...`"
        )


def check_venv(present: bool, python: Version) -> None:
    """Refuses a Python that cannot make environments with pip, such as Debian's bare one."""
    if not present:
        raise Unsuitable(
            f"Python {dotted(python)} lacks venv or ensurepip: "
            "install them (Debian and Ubuntu: the package python3-venv)"
        )


def check_compiler(release: str, compiler: bool, headers: bool) -> None:
    """Refuses a machine that cannot compile pyfarmhash, which has no wheels."""
    if compiler and headers:
        return
    missing = "Python's header file Python.h" if compiler else "a C++ compiler"
    package = "python3-dev" if compiler else "g++"
    raise Unsuitable(
        f"TFX {release} compiles pyfarmhash and {missing} is missing: "
        f"install it (Debian and Ubuntu: the package {package})"
    )


def dotted(version: Version) -> str:
    """Returns (3, 11) as "3.11"."""
    return ".".join(map(str, version))


def parse_glibc(text: Optional[str]) -> Optional[Version]:
    """Returns (2, 36) for "glibc 2.36"; None where the C library is another one."""
    name, _, version = (text or "").partition(" ")
    if name != "glibc":
        return None
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _found_glibc() -> Optional[Version]:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Unsuitable("TFX has wheels for Linux on x86_64 only")
    try:
        return parse_glibc(os.confstr("CS_GNU_LIBC_VERSION"))
    except ValueError:  # What musl answers.
        return None


def _has_venv() -> bool:
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def _has_compiler() -> bool:
    names = [os.environ.get("CXX"), sysconfig.get_config_var("CXX"), "g++", "c++"]
    return any(shutil.which(name.split()[0]) for name in names if name)


def _has_headers() -> bool:
    return os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h"))


def main(arguments: List[str]) -> int:
    """Prints the release, or the one line that says what is missing."""
    environment, requested = [*arguments, ""][:2]
    python = (sys.version_info[0], sys.version_info[1])
    try:
        if environment in TOOL_PYTHONS:
            check_python(TOOL_NAMES[environment], python, TOOL_PYTHONS[environment])
            check_venv(_has_venv(), python)
            return 0
        release = choose_release(_found_glibc(), requested)
        check_python(f"TFX {release}", python, RELEASES[release].pythons)
        check_venv(_has_venv(), python)
        check_compiler(release, _has_compiler(), _has_headers())
    except Unsuitable as error:
        print(f"error: {error}.", file=sys.stderr)
        return 2
    print(release)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
