"""Starts a child process that a terminal's Ctrl-C does not reach and that does not outlive its parent."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import IO

PR_SET_PDEATHSIG = 1


def start(
    command: list[str],
    *,
    servant: pwd.struct_passwd | None = None,
    output: IO[bytes] | int | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own, as `servant` where given. On Linux it gets `last_signal` when the
    thread that started it ends, however it ends; call this from a main thread."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        start_new_session=True,
        user=servant.pw_uid if servant else None,
        group=servant.pw_gid if servant else None,
        extra_groups=[] if servant else None,
        cwd="/" if servant else None,
        env=environment,
        preexec_fn=die_with_parent(last_signal),  # noqa: PLW1509 -- the parent starts children before it has threads
    )


def die_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, last_signal)
        # The parent may have died between fork and prctl.
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel


def stop(child: subprocess.Popen[bytes], how: signal.Signals, *, patience_seconds: float) -> None:
    """Asks the child to stop and waits; kills its whole session when it does not listen."""
    if child.poll() is not None:
        return
    child.send_signal(how)
    try:
        child.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
