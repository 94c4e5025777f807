"""Says at the end of a run how much the proofs of the search tried."""

from __future__ import annotations

import pytest

from tests.scheduling.proofs.counts import counted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if counted:
        terminalreporter.write_sep("=", "proofs of the search")
        for what, times in sorted(counted.items()):
            terminalreporter.write_line(f"{times:>9,} {what}")
