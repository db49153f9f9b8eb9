# SPDX-License-Identifier: Apache-2.0
"""A MySQL server for the time of a test: MariaDB, which Debian has."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2 as pb

MARIADB = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")

_READY = "ready for connections"
_PATIENCE = 120.0


@contextmanager
def mysql_server() -> Iterator[pb.ConnectionConfig]:
    """Runs a server that asks for no password and listens on a socket alone.

    Yields:
      What connects to an empty database of it.
    """
    # Not in a test's own directory: the path of a socket has 107 characters at most.
    with tempfile.TemporaryDirectory() as directory:
        data, log, socket = (Path(directory) / name for name in ("data", "log", "socket"))
        data.mkdir()
        (data / "init.sql").write_text("CREATE DATABASE metadata;\n")
        command = [
            *(MARIADB, "--no-defaults", f"--datadir={data}", f"--init-file={data / 'init.sql'}"),
            *("--skip-grant-tables", "--skip-networking", f"--socket={socket}"),
            *("--user=root", f"--pid-file={data / 'pid'}"),  # root is the user only if it is ours
        ]
        with open(log, "wb") as file:
            server = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            _wait(server, log)
            config = pb.ConnectionConfig()
            config.mysql.socket = str(socket)
            config.mysql.user = "anybody"
            config.mysql.database = "metadata"
            yield config
        finally:
            server.kill()  # nothing of it is kept
            server.wait()


def _wait(server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while _READY not in log.read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"MariaDB did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.1)
