"""`python -m bench.slow_gateway SECONDS`: takes texts as Twilio does, answers each after so long, counts them.

A process of its own that does next to nothing, so that what is measured is the sender.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ACCOUNT = "AC" + "0" * 32
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class _Conversation(asyncio.Protocol):
    seconds = 0.05
    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.said = b""

    def data_received(self, data: bytes) -> None:
        self.said += data
        head, ended, body = self.said.partition(b"\r\n\r\n")
        if not ended or len(body) < _length(head):
            return
        self.said = b""
        if head.startswith(b"GET"):
            self._answer(json.dumps({"taken": _Conversation.taken}).encode())
            return
        _Conversation.taken += 1
        sid = f"SM{_Conversation.taken:032x}"
        answer = json.dumps({"sid": sid, "status": "queued", "date_created": None}).encode()
        asyncio.get_running_loop().call_later(self.seconds, self._answer, answer)

    def _answer(self, body: bytes) -> None:
        assert isinstance(self.transport, asyncio.WriteTransport)
        head = f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


@dataclass(frozen=True, slots=True)
class SlowGateway:
    """Where a running gateway answers."""

    port: int

    @property
    def sms_url(self) -> str:
        return f"twilio://{ACCOUNT}:token@127.0.0.1:{self.port}?from=+15550100000&scheme=http"

    def taken(self) -> int:
        """How many texts it has had so far."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
            return int(json.load(answer)["taken"])


@contextmanager
def slow_gateway(seconds: float) -> Iterator[SlowGateway]:
    """A gateway in a process of its own, gone afterwards."""
    command = [sys.executable, "-m", "bench.slow_gateway", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        try:
            yield SlowGateway(int(process.stdout.readline()))
        finally:
            process.terminate()


async def _serve(seconds: float) -> None:
    _Conversation.seconds = seconds
    server = await asyncio.get_running_loop().create_server(_Conversation, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
