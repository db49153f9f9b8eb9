#!/usr/bin/env bash
# Makes the virtual environment NAME with exactly what its constraints file pins, or renews it when
# Python, the TFX release, the pins or pyproject.toml changed since. Otherwise takes no time.
#
# usage: [PYTHON=python3.11] [TFX=1.16] tools/environment.sh tfx|wheel|tools|proto
set -euo pipefail
cd "$(dirname "$0")/.."

name=$1
python=${PYTHON:-python3}
if ! command -v "$python" >/dev/null; then
    echo "error: $python not found; name a Python, as in \`make PYTHON=python3.11 ...\`." >&2
    exit 2
fi

case $name in
tfx | wheel)
    release=$("$python" tools/choose_release.py tfx "${TFX:-}")
    what="TFX $release" pins=constraints/tfx-$release.txt longest="two minutes"
    ;;
tools | proto)
    "$python" tools/choose_release.py "$name"
    what="the pinned set" pins=constraints/$name.txt longest="half a minute"
    ;;
*)
    echo "error: unknown environment $name; choose tfx, wheel, tools or proto." >&2
    exit 2
    ;;
esac
venv=.venv-$name
[ "$name" != tfx ] || venv=.venv

base="$("$python" -c 'import sys; print(sys.version.split()[0], sys.base_prefix)') $pins"
key="$base $(cat "$pins" pyproject.toml | cksum)"
[ "$(cat "$venv/stamp" 2>/dev/null)" != "$key" ] || exit 0

count=$(grep -c == "$pins")
if [ "$base" != "$(cat "$venv/stamp-base" 2>/dev/null)" ]; then
    echo "Making $venv with Python ${base%% *} ..."
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$pins" uv
    echo "$base" >"$venv/stamp-base"
fi
rm -f "$venv/stamp"

uv=("$venv/bin/uv" --no-progress pip)
started=$SECONDS
echo "Installing $what into $venv: about $count packages, at first up to $longest ..."
# The pins hold for what is built from source, too. Of uv's progress the large downloads and the
# builds are enough.
"${uv[@]}" sync --python "$venv/bin/python" --build-constraints "$pins" "$pins" 2>&1 |
    sed -u -E '/^ [-+~] | Downloaded |Downloading .*\([0-9]\.[0-9]MiB\)|  Building /d'
if [ "$name" = tfx ]; then
    "${uv[@]}" install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .
fi
echo "$key" >"$venv/stamp"
echo "$venv is ready ($((SECONDS - started)) s)."
