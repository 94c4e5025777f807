"""`python -m bench.mail_sink`: a mail server that takes everything and keeps nothing, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.fakes.smtp_server import running_smtp_server


@contextmanager
def mail_sink() -> Iterator[int]:
    """The port of a running server, gone afterwards."""
    command = [sys.executable, "-m", "bench.mail_sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


if __name__ == "__main__":
    with running_smtp_server() as server:
        print(server.port, flush=True)
        sys.stdin.read()
