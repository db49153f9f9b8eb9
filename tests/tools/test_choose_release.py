from pathlib import Path

import choose_release
import pytest

DEBIAN_12 = (2, 36)
DEBIAN_13 = (2, 41)


def message_of(function, *arguments):
    with pytest.raises(choose_release.Unsuitable) as caught:
        function(*arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("glibc", "expected"),
    [(DEBIAN_12, "1.16"), ((2, 38), "1.16"), ((2, 39), "1.21"), (DEBIAN_13, "1.21")],
)
def test_newest_release_that_glibc_allows(glibc, expected):
    """Without a request, glibc 2.39 divides the two releases."""
    assert expected == choose_release.choose_release(glibc)


def test_request_for_an_older_release_is_followed():
    """A requested release is taken wherever it runs, newest or not."""
    assert "1.16" == choose_release.choose_release(DEBIAN_13, "1.16")


def test_request_that_glibc_forbids():
    """A release that needs a newer glibc is refused with both versions and the ways out."""
    expected = (
        "TFX 1.21 needs glibc 2.39 or newer; this machine has 2.36; "
        "use the Dockerfile, or leave out TFX=1.21 for the newest that runs here"
    )
    assert expected == message_of(choose_release.choose_release, DEBIAN_12, "1.21")


def test_unknown_release():
    """A release without pins is refused, naming those that have them."""
    expected = "TFX=1.18 is not supported; choose TFX=1.21 or TFX=1.17 or TFX=1.16"
    assert expected == message_of(choose_release.choose_release, DEBIAN_13, "1.18")


def test_glibc_too_old_for_every_release():
    """Below the oldest release's glibc there is nothing to choose."""
    expected = "TFX 1.16 needs glibc 2.17 or newer; this machine has 2.12"
    assert expected == message_of(choose_release.choose_release, (2, 12))


def test_no_glibc():
    """Another C library is refused."""
    expected = "TFX's wheels need Linux with glibc; this system has none"
    assert expected == message_of(choose_release.choose_release, None)


@pytest.mark.parametrize(
    ("release", "python"),
    [("1.16", (3, 10)), ("1.16", (3, 11)), ("1.21", (3, 10)), ("1.21", (3, 13))],
)
def test_supported_pythons(release, python):
    """1.16 takes Python 3.10 and 3.11, 1.21 takes 3.10 to 3.13."""
    allowed = choose_release.RELEASES[release].pythons
    choose_release.check_python("TFX " + release, python, allowed)


@pytest.mark.parametrize(
    ("release", "python"),
    [("1.16", (3, 9)), ("1.16", (3, 12)), ("1.21", (3, 9)), ("1.21", (3, 14))],
)
def test_unsupported_pythons(release, python):
    """A Python outside the release's range is refused."""
    allowed = choose_release.RELEASES[release].pythons
    actual = message_of(choose_release.check_python, "TFX " + release, python, allowed)
    assert actual.startswith(f"TFX {release} needs Python 3.10, ")


def test_unsupported_python_names_the_way_out():
    """The refusal says what is allowed, what was found and how to name another Python."""
    expected = (
        "TFX 1.16 needs Python 3.10, 3.11; this is 3.12: "
        "name another one, as in `make PYTHON=python3.11 ...`"
    )
    allowed = choose_release.RELEASES["1.16"].pythons
    assert expected == message_of(choose_release.check_python, "TFX 1.16", (3, 12), allowed)


def test_missing_venv():
    """A Python without venv or ensurepip is refused with the package that has them."""
    expected = (
        "Python 3.11 lacks venv or ensurepip: "
        "install them (Debian and Ubuntu: the package python3-venv)"
    )
    assert expected == message_of(choose_release.check_venv, False, (3, 11))


@pytest.mark.parametrize(
    ("compiler", "headers", "expected"),
    [
        (False, False, "a C++ compiler is missing"),
        (False, True, "a C++ compiler is missing"),
        (True, False, "Python's header file Python.h is missing"),
    ],
)
def test_missing_compiler_or_headers(compiler, headers, expected):
    """What cannot be compiled is said before anything is downloaded."""
    actual = message_of(choose_release.check_compiler, "1.21", compiler, headers)
    assert expected in actual


@pytest.mark.parametrize(
    ("text", "expected"),
    [("glibc 2.36", (2, 36)), ("glibc 2.41.9", (2, 41)), ("musl 1.2", None), (None, None)],
)
def test_parse_glibc(text, expected):
    """Only glibc has a version that counts."""
    assert expected == choose_release.parse_glibc(text)


def test_each_release_has_pins():
    """Every release that can be chosen has its constraints file."""
    pins = Path(__file__).parents[2] / "constraints"
    expected = {f"tfx-{release}.txt" for release in choose_release.RELEASES}
    assert expected == {path.name for path in pins.glob("tfx-*.txt")}


@pytest.mark.parametrize("arguments", [["tfx", "9.9"], ["tfx", "latest"]])
def test_refusal_is_one_line_and_status_2(arguments, capsys):
    """The command prints nothing but one line of error, and ends with status 2."""
    status = choose_release.main(arguments)
    out, err = capsys.readouterr()
    assert (2, "", 1) == (status, out, err.count("\n"))
    assert err.startswith("error: ")
