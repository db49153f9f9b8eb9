# SPDX-License-Identifier: Apache-2.0
"""Python processes that start at once, because what they import is imported already.

Importing TensorFlow, Keras and TFX takes a process 5 to 25 s. When all tests are collected, the
process that runs them has imported everything and has not started TensorFlow's runtime, which does
not survive a fork. A server is forked off at that moment, and forks again for each process that a
test starts. These are processes like any other: with an environment, a directory, standard streams
and an exit code of their own, and they can be killed.

They keep what imports have read or set: sys.path, without their own PYTHONPATH, and TensorFlow's
settings of its log. What an import itself does, a test has to see in a new process:
`subprocess.run([sys.executable, ...])`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import types
import warnings
from collections.abc import Mapping, Sequence
from typing import IO, Any, NoReturn

import pytest
from autograph import leave_keras_alone
from environment import ENVIRONMENT

_LARGEST = 1 << 20  # bytes of a message; an environment is much smaller
_POLL = 0.02  # seconds


class WarmPython:
    """Starts processes as `sys.executable` would, for one run of pytest.

    Has to be made before TensorFlow's runtime is used. Ends with `close`.

    Raises:
      pytest.UsageError: If it has been used: processes would wait for its threads for ever.
    """

    def __init__(self) -> None:
        if _is_tensorflow_started():
            raise pytest.UsageError(
                "a test's module has used TensorFlow while it was imported, as by tf.constant(1): "
                "no process can be forked then. Let a fixture or a lambda make that value"
            )
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            _serve(theirs)
        theirs.close()

    def close(self) -> None:
        """Ends the server."""
        self._socket.close()

    def start(
        self,
        *arguments: Any,
        stdout: IO[Any],
        stderr: IO[Any],
        env: Mapping[str, str] = ENVIRONMENT,
        cwd: Any = os.curdir,
    ) -> Process:
        """Starts a process.

        Args:
          *arguments: Those of Python: a script and its arguments, or `-c` and code, or `-m` and a
            module.
          stdout: An open file for its standard output.
          stderr: An open file for its standard error.
          env: Its environment variables.
          cwd: Its working directory.
        """
        request = {
            "arguments": list(map(str, arguments)),
            "env": dict(env),
            "cwd": os.path.abspath(cwd),
        }
        message = json.dumps(request).encode()
        socket.send_fds(self._socket, [message], [stdout.fileno(), stderr.fileno()])
        return Process(self._answer(), self, list(map(str, arguments)))

    def run(
        self, *arguments: Any, timeout: float = 600, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Starts a process and waits for its end; returns what it wrote, and its exit code.

        Args:
          *arguments: As in `start`.
          timeout: Seconds that it may take.
          **options: `env` and `cwd`, as in `start`.
        """
        with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
            process = self.start(*arguments, stdout=stdout, stderr=stderr, **options)
            try:
                process.wait(timeout)
            finally:
                process.kill()
            written = []
            for file in (stdout, stderr):
                file.seek(0)
                written.append(file.read())
        return subprocess.CompletedProcess(process.arguments, process.returncode, *written)

    def status(self, pid: int) -> int | None:
        """Returns the exit code of a process, None while it runs."""
        self._socket.send(json.dumps({"status_of": pid}).encode())
        return self._answer()

    def _answer(self) -> Any:
        answer = self._socket.recv(_LARGEST)
        assert answer, "the server that forks processes has ended"
        return json.loads(answer)


class Process:
    """A process that was started; used as `subprocess.Popen`.

    Attributes:
      pid: Its id.
      arguments: What it was started with.
      returncode: Its exit code, or the negative number of the signal that ended it; None while it
        has not been seen to end.
    """

    def __init__(self, pid: int, server: WarmPython, arguments: Sequence[str]):
        self.pid = pid
        self.arguments = list(arguments)
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """Returns its exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.status(self.pid)
        return self.returncode

    def wait(self, timeout: float = 600) -> int:
        """Waits for its end and returns its exit code.

        Args:
          timeout: Seconds.

        Raises:
          subprocess.TimeoutExpired: If it takes longer.
        """
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(self.arguments, timeout)
            time.sleep(_POLL)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Sends a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kills it, if it runs, and waits for its end."""
        self.send_signal(signal.SIGKILL)
        self.wait()


def _is_tensorflow_started() -> bool:
    context = sys.modules.get("tensorflow.python.eager.context")
    return context is not None and context.context()._context_handle is not None


def _serve(requests: socket.socket) -> NoReturn:
    """Forks a process for each request, until there is nobody left who could ask."""
    status, running = 1, set()
    try:
        _forget_pytest(requests.fileno())
        while True:
            message, streams, _, _ = socket.recv_fds(requests, _LARGEST, 2)
            if not message:
                break
            request = json.loads(message)
            if "status_of" in request:
                pid, ended = os.waitpid(request["status_of"], os.WNOHANG)
                running.discard(pid)
                answer = os.waitstatus_to_exitcode(ended) if pid else None
            else:
                answer = os.fork()
                if answer == 0:
                    requests.close()
                    _become(streams, **request)
                running.add(answer)
                for stream in streams:
                    os.close(stream)
            requests.send(json.dumps(answer).encode())
        status = 0
    finally:
        for pid in running:  # of a run of pytest that was killed itself
            os.kill(pid, signal.SIGKILL)
        os._exit(status)


def _forget_pytest(kept: int) -> None:
    """Lets go of what belongs to the run of pytest: its files, handlers, filters and its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    logging.getLogger().handlers.clear()
    warnings.resetwarnings()
    atexit._clear()
    # The tests that start processes would else wait for AutoGraph: 10 to 20 s in each.
    leave_keras_alone()


def _become(streams: Sequence[int], arguments: list[str], env: dict[str, str], cwd: str) -> None:
    """Becomes the process that was asked for, and ends with it."""
    status = 1
    try:
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream, number)
            os.close(stream)
        _renew_streams()
        os.environ.clear()
        os.environ.update(env)
        os.chdir(cwd)
        tempfile.tempdir = None  # which it knows from the environment
        status = _exit_code_of(arguments)
        # What the interpreter does when a program ends.
        threading._shutdown()
        atexit._run_exitfuncs()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(status)


def _renew_streams() -> None:
    """Opens sys.stdout and the like, also where loggers kept the old ones."""
    old = {sys.stdin, sys.stdout, sys.stderr}
    sys.stdin = sys.__stdin__ = os.fdopen(0, closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", buffering=1, closefd=False)
    for name in logging.Logger.manager.loggerDict:
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream in old:
                handler.setStream(sys.stderr)


def _exit_code_of(arguments: list[str]) -> int:
    """Runs what the arguments name; returns the exit code that Python would end with."""
    first, *rest = arguments
    try:
        if first == "-c":
            code, *rest = rest
            sys.argv = ["-c", *rest]
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(code, "<string>", "exec"), main.__dict__)
        elif first == "-m":
            module, *rest = rest
            sys.argv = [module, *rest]
            sys.path.insert(0, os.getcwd())
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            sys.path.insert(0, os.path.dirname(os.path.abspath(first)))
            runpy.run_path(first, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0
