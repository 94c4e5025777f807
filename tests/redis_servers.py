"""A Redis of a test's own, to stop, freeze and bring back."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

from config.embedded.redis import Redis
from tests.plugin_servers import run_places


class RedisServer:
    """`url` is what REDIS_URL would be; the data outlives stop() and kill()."""

    def __init__(self, folder: Path) -> None:
        self.places = replace(run_places(), data=folder, sockets=folder)
        self.server = Redis(self.places)

    @property
    def url(self) -> str:
        return self.places.redis_url

    def start(self) -> None:
        # The run's own folder too: the servers' account passes through it, and no database may have been asked for yet.
        run_places().make()
        self.places.make()
        self.server.start()

    def stop(self) -> None:
        self.thaw()
        self.server.stop()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self.server.process is not None:
            self.server.process.wait()

    def freeze(self) -> None:
        """Still listening, never answering."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, what: signal.Signals) -> None:
        process = self.server.process
        if process is not None and process.poll() is None:
            process.send_signal(what)
