"""Says at the end of a run how much the proofs tried and what the long runs found, in whatever process they ran."""

from __future__ import annotations

from typing import Any

import pytest

from tests.counts import counted, said


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput |= {"counted": dict(counted), "said": said}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    output = getattr(node, "workeroutput", {})
    counted.update(output.get("counted", {}))
    said.extend(output.get("said", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if counted or said:
        terminalreporter.write_sep("=", "what was tried")
    for what, times in sorted(counted.items()):
        terminalreporter.write_line(f"{times:>9,} {what}")
    for line in said:
        terminalreporter.write_line(line)
