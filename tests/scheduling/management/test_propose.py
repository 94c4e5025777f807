"""`manage.py propose` as a person runs it: no database, JSON alone on stdout, the exit code says what it is."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from scheduling.management.commands import propose

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "scenario.json"


def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """In this process: exit code, what stdout's JSON says, stderr."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command("propose", *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, json.loads(out.getvalue()), err.getvalue()


def written(folder: Path, data: Any) -> str:
    path = folder / "scenario.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def test_it_needs_neither_a_database_nor_a_service(tmp_path: Path) -> None:
    """A process of its own in which no server could be found."""
    nowhere = {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "REDIS_URL": "redis://127.0.0.1:1", "SECRET_KEY": "x",
        "PUBLIC_URL": "http://127.0.0.1", "EMAIL_URL": "outbox:", "SMS_URL": "outbox:",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "propose", str(EXAMPLE), "--count", "2"],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("DJANGO_")} | nowhere,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert found.keys() == {"proposals", "problems", "relaxations", "elapsed_ms"}
    assert len(found["proposals"]) == 2


def test_the_example_of_the_documentation_is_found() -> None:
    code, found, _ = run(str(EXAMPLE))
    assert code == 0
    assert found["proposals"][0]["finish"] == "2026-01-16"
    assert len(found["proposals"]) == 3
    assert [review["after"] for review in found["proposals"][0]["reviews"]] == [3]
    assert found["elapsed_ms"] >= 0


def test_nothing_found_is_3_with_the_reason_and_what_would_help(tmp_path: Path) -> None:
    data = json.loads(EXAMPLE.read_text())
    data["patient"]["available"] = {"sat": ["08:00-12:00"]}
    code, found, _ = run(written(tmp_path, data))
    assert (code, found["proposals"]) == (3, [])
    assert found["problems"][0]["dose"] == 1
    assert found["relaxations"][0]["owner"] == "patient"
    assert found["relaxations"][0]["message"].startswith("Would work if the patient could come at any time")


def test_a_wrong_file_is_2_with_each_field(tmp_path: Path) -> None:
    data = json.loads(EXAMPLE.read_text())
    data["order"]["doses"], data["booked"][1]["end"] = 0, data["booked"][1]["start"]
    code, found, _ = run(written(tmp_path, data))
    assert code == 2
    assert [problem["field"] for problem in found["problems"]] == ["booked[1].end", "order.doses"]


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ((), "scenario", "is needed: the path of a JSON file"),
        (("/nowhere.json",), "scenario", "can't be read: [Errno 2]"),
        (("/",), "scenario", "can't be read: [Errno 21]"),
        ((str(EXAMPLE), "--count", "0"), "--count", "is a whole number from 1 to 1000"),
        ((str(EXAMPLE), "--count=-1"), "--count", "is a whole number from 1 to 1000"),
        ((str(EXAMPLE), "--count", "ten"), "--count", "is a whole number from 1 to 1000"),
    ],
)
def test_what_is_wrong_with_the_command_line_is_json_too(arguments: tuple[str, ...], field: str, message: str) -> None:
    code, found, _ = run(*arguments)
    assert code == 2
    assert [(problem["rule"], problem["field"]) for problem in found["problems"]] == [("invalid", field)]
    assert message in found["problems"][0]["message"]


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{")))
    code, found, _ = run("-")
    assert code == 2
    assert found["problems"][0]["message"].startswith("scenario is not JSON: line 1")


def test_a_fault_of_ours_is_a_sentence_and_not_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a patient's name")

    monkeypatch.setattr(propose, "answer", breaks)
    code, found, said = run(str(EXAMPLE))
    assert (code, [problem["rule"] for problem in found["problems"]]) == (3, ["fault"])
    assert said == "propose: ZeroDivisionError; --traceback shows where\n"
    with pytest.raises(ZeroDivisionError):
        run(str(EXAMPLE), "--traceback")
