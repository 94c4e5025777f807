"""docker-compose.yml against what it must agree with. Without Docker's compose plugin its own check can't run here;
then its structure is compared with the schema's main rules in `test_every_key_is_one_that_compose_knows`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.embedded.postgres import SETTINGS
from config.processes import commands
from tests.project.sources import ROOT

SERVICE_KEYS = {
    *("build", "image", "env_file", "environment", "restart", "depends_on", "command", "volumes", "ports"),
    *("healthcheck", "stop_grace_period"),
}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def variables_in(text: str) -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", text, re.MULTILINE))


def warn_in_output(sentence: str) -> None:
    if sys.__stderr__ is not None:
        sys.__stderr__.write(f"\n{sentence}\n")


def has_compose_plugin() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.run([str(docker), "compose", "version"], capture_output=True, check=False).returncode == 0
    )


def test_every_program_runs_the_command_of_the_table(compose: Any) -> None:
    for name in commands(Path("/srv/run")):
        assert compose["services"][name]["command"] == ["python", "-m", "config.processes", name]
    assert set(compose["services"]) == {"postgres", "redis", "migrate", *commands(Path("/srv/run"))}


def test_variables_are_those_that_the_code_reads() -> None:
    read = set()
    for path in [*(ROOT / "config").rglob("*.py"), ROOT / "docker" / "passwords.sh"]:
        text = path.read_text()
        read |= set(re.findall(r"""env\.(?:text|given|url|whole_number)\(\s*"([A-Z_]+)\"""", text)) | set(
            re.findall(r"\$([A-Z_]+)", text)
        )
    # POSTGRES_* belong to the database's image; the Dockerfile sets the two folders.
    expected = read - {"POSTGRES_USER", "STATIC_ROOT", "RUN_FOLDER"} | {
        "POSTGRES_PASSWORD",
        "PORT",
        "SMS_URL",
        "EMAIL_URL",
    }
    assert variables_in((ROOT / ".env.example").read_text()) == expected


def test_a_variable_without_default_is_in_the_example(compose: Any) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert used <= variables_in((ROOT / ".env.example").read_text())


def test_the_servers_are_the_promised_ones_and_keep_their_data(compose: Any) -> None:
    services = compose["services"]
    assert (services["postgres"]["image"], services["redis"]["image"]) == ("postgres:17", "redis:7")
    assert "noeviction" in services["redis"]["command"]
    for quiet in ("log_min_error_statement", "log_error_verbosity", "timezone"):
        assert f"{quiet}={SETTINGS[quiet]}" in services["postgres"]["command"]
    mounts = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", [])}
    assert {mount for mount in mounts if not mount.startswith(".")} == set(compose["volumes"])
    assert all((ROOT / mount).exists() for mount in mounts if mount.startswith("."))


def test_every_key_is_one_that_compose_knows(compose: Any) -> None:
    assert set(compose) == {"name", "x-program", "services", "volumes"}
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        assert "image" in service or "build" in service, name
        for needed, how in service.get("depends_on", {}).items():
            assert needed in compose["services"]
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert compose["services"][needed]["healthcheck"]["test"][0] == "CMD"


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    if not has_compose_plugin():
        # Said, not skipped: the tests above look at the same file without it.
        warn_in_output("docker compose is not on this machine: its own check of docker-compose.yml did not run")
        return
    for name in ("docker-compose.yml", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    done = subprocess.run(
        ["docker", "compose", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
