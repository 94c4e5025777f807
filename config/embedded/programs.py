"""Web, worker and beat as children: prefixed log lines, a fresh start for one that dies, an orderly stop."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from config.embedded import children
from config.embedded.places import ROOT
from config.processes import commands

STOP_SECONDS = 25
LONGEST_PAUSE_SECONDS = 30
# One that ran this long is not blamed for what it did before.
STEADY_SECONDS = 60
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Program:
    """One child and what is known of its starts. `rest` is the unfinished last line of its output."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    rest: bytes = b""


@dataclass
class Programs:
    """Started on entering, stopped in reverse order on leaving. One thread does it all, by a selector."""

    run_folder: Path
    told_to_stop: bool = False
    all: list[Program] = field(default_factory=list)
    selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)

    def __enter__(self) -> Programs:
        for name in STOPPING_SIGNALS:
            signal.signal(name, self._stop)
        self.all = [Program(name, command) for name, command in commands(self.run_folder).items()]
        for program in self.all:
            self._start(program)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in reversed(self.all):
            if program.process is not None:
                children.stop(program.process, signal.SIGTERM, patience_seconds=STOP_SECONDS)
                self._drain(program)
        self.selector.close()

    def run_until_told_to_stop(self) -> None:
        while not self.told_to_stop:
            self.look_after(seconds=0.5)

    def look_after(self, *, seconds: float) -> None:
        """Shows what the children say for so long, and starts again those whose pause is over."""
        for key, _ in self.selector.select(seconds):
            self._show(key.data)
        for program in self.all:
            process = program.process
            if process is not None and process.poll() is not None:
                self._drain(program)
                self._lost(program, process.returncode)
            elif process is None and time.monotonic() >= program.started + program.pause and not self.told_to_stop:
                program.pause = min(program.pause * 2, LONGEST_PAUSE_SECONDS)
                self._start(program)

    def _stop(self, *_: object) -> None:
        self.told_to_stop = True

    def _start(self, program: Program) -> None:
        program.process = children.start(
            program.command,
            output=subprocess.PIPE,
            environment=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
        )
        program.started = time.monotonic()
        if program.process.stdout is not None:
            os.set_blocking(program.process.stdout.fileno(), False)
            self.selector.register(program.process.stdout, selectors.EVENT_READ, program)

    def _lost(self, program: Program, code: int) -> None:
        if time.monotonic() - program.started > STEADY_SECONDS:
            program.pause = 1.0
        program.process = None
        program.started = time.monotonic()
        print(f"run: {program.name} ended with {code}; it starts again in {program.pause:.0f} s", flush=True)

    def _show(self, program: Program) -> None:
        if program.process is None or program.process.stdout is None:
            return
        *lines, program.rest = (program.rest + (program.process.stdout.read(65536) or b"")).split(b"\n")
        for line in lines:
            print(f"{program.name:<6} | {line.decode(errors='replace')}", flush=True)

    def _drain(self, program: Program) -> None:
        """Shows the last words of a child that has ended and lets go of its pipe."""
        self._show(program)
        if program.process is not None and program.process.stdout is not None:
            self.selector.unregister(program.process.stdout)
            program.process.stdout.close()
