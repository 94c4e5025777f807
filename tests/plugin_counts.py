"""Says at the end of a run how much the proofs of the search tried, also where several processes ran them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scheduling.proofs.counts import counted


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["counted"] = dict(counted)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object | None) -> None:
    counted.update(getattr(node, "workeroutput", {}).get("counted", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if counted:
        terminalreporter.write_sep("=", "proofs of the search")
        for what, times in sorted(counted.items()):
            terminalreporter.write_line(f"{times:>9,} {what}")
