#!/usr/bin/env bash
# Installs what `make` needs and a bare Debian or Ubuntu lacks; does nothing where all is there. With
# the argument `tests` also what some tests are skipped without, by the names that Debian has for it:
# the Chromium that pages are looked at with, and a MySQL server.
set -euo pipefail

missing=()
command -v make >/dev/null || missing+=(make)
command -v g++ >/dev/null || missing+=(g++)
command -v git >/dev/null || missing+=(git)
command -v python3 >/dev/null || missing+=(python3)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
python3 -c 'import os, sysconfig as s; open(os.path.join(s.get_paths()["include"], "Python.h"))' \
    2>/dev/null || missing+=(python3-dev)
if [ "${1:-}" = tests ] && grep -qx 'ID=debian' /etc/os-release; then
    command -v chromium >/dev/null || missing+=(chromium)
    # The server alone, which nothing starts.
    PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null || missing+=(mariadb-server-core)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
[ "$(id -u)" = 0 ] || root=(sudo)
"${root[@]}" apt-get update -qq
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
