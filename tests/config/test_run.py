"""`make run` from the outside: starts, stops, is killed, and says in one sentence what stands in its way."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from tests import databases
from tests.config.checkouts import STOP_SECONDS, Checkout, last_line, wait_until
from tests.plugin_servers import run_places
from tests.redis_servers import RedisServer

CHECK = ("manage.py", "check", "--database", "default")
RUN = ("-m", "config.embedded.run")
A_DEMO_ACCOUNT = (
    "from django.contrib.auth import get_user_model; get_user_model()._default_manager.create(username='desk')"
)
OWN_DATABASE = {
    "SECRET_KEY": "x" * 50,
    "PUBLIC_URL": "https://desk.example.org",
    "EMAIL_URL": "outbox:",
    "SMS_URL": "outbox:",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    copy = Checkout(tmp_path / "desk")
    yield copy
    copy.throw_away()


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[Checkout]:
    copy = Checkout(tmp_path / "neighbour")
    yield copy
    copy.throw_away()


@pytest.mark.faults
def test_two_checkouts_run_side_by_side_and_ctrl_c_leaves_nothing(checkout: Checkout, neighbour: Checkout) -> None:
    checkout.start()
    neighbour.start()
    assert (checkout.page("/health/ready"), neighbour.page("/health/ready")) == (200, 200)
    code, said = checkout.says("-m", "config.embedded.run", PORT=str(neighbour.port + 1))
    assert (code, said) == (1, f"run: it runs already: http://127.0.0.1:{checkout.port}/ (Ctrl-C there stops it).\n")
    assert checkout.interrupt() == 0
    assert checkout.processes() == []
    assert neighbour.page("/health/ready") == 200
    # At once again, on what the first run left.
    checkout.start()
    assert checkout.page("/sign-in/") == 200


@pytest.mark.faults
def test_nothing_outlives_a_killed_runner(checkout: Checkout) -> None:
    runner = checkout.start()
    assert len(checkout.processes()) > 5
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    assert wait_until(lambda: not checkout.processes(), STOP_SECONDS), checkout.processes()


@pytest.mark.faults
def test_a_killed_program_is_started_again(checkout: Checkout) -> None:
    checkout.start()
    web = next(line for line in ps_lines(checkout) if "gunicorn" in line)
    os.kill(int(web.split()[0]), signal.SIGKILL)
    assert wait_until(lambda: "web ended with -9" in checkout.log.read_text(), 10)
    assert wait_until(lambda: answers(checkout), 20)


def test_a_command_shares_the_running_database(checkout: Checkout) -> None:
    checkout.start()
    # Django itself would find nothing to connect to if the command had begun a server of its own.
    code, said = checkout.says(*CHECK)
    assert (code, said) == (0, "System check identified no issues (0 silenced).\n")
    assert answers(checkout)


@pytest.mark.faults
def test_a_command_starts_the_database_for_itself_and_stops_it(checkout: Checkout) -> None:
    code, _ = checkout.says(*CHECK)
    assert code == 0
    assert wait_until(lambda: not checkout.processes(), 10)


@pytest.mark.faults
def test_servers_of_ones_own_replace_the_embedded_ones(
    checkout: Checkout, postgres: None, redis_server: RedisServer
) -> None:
    databases.as_superuser(sql.SQL("CREATE DATABASE outside OWNER infusion_owner"))
    own = {
        "DATABASE_URL": run_places().database_url("infusion_app", "outside"),
        "DATABASE_OWNER_URL": run_places().database_url("infusion_owner", "outside"),
        "REDIS_URL": redis_server.url,
        **OWN_DATABASE,
        "PUBLIC_URL": f"http://127.0.0.1:{checkout.port}",
    }
    checkout.start(**own)
    assert checkout.page("/health/ready") == 200
    assert checkout.page("/sign-in/") == 200
    assert not checkout.places.postgres_data.exists()
    assert "harbor-demo" not in checkout.log.read_text()
    assert checkout.interrupt() == 0
    assert checkout.says("manage.py", "shell", "-c", A_DEMO_ACCOUNT, **own)[0] == 0
    code, said = checkout.says(*RUN, **own)
    assert code == 1
    assert "The demo accounts desk exist in this database" in last_line(said)


def test_a_taken_port_is_one_sentence(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        code, said = checkout.says(*RUN)
    assert code == 1
    assert said == (
        f"run: port {checkout.port} cannot be used (Address already in use); "
        f"choose another: make run PORT={checkout.port + 1}\n"
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DATABASE_URL": "nonsense", **OWN_DATABASE}, "run: DATABASE_URL is not a PostgreSQL URL"),
        ({"DATABASE_URL": "postgresql://a@127.0.0.1:1/x"}, "run: PUBLIC_URL is not set."),
        (
            {"DATABASE_URL": "postgresql://a@127.0.0.1:1/x", **OWN_DATABASE},
            "run: `manage.py migrate` failed: CommandError: DATABASE_OWNER_URL is not set",
        ),
        (
            {
                "DATABASE_URL": "postgresql://a@127.0.0.1:1/x",
                "DATABASE_OWNER_URL": "postgresql://b@127.0.0.1:1/x",
                **OWN_DATABASE,
            },
            "run: `manage.py migrate` failed: migrate: the database does not answer:",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "run: no Redis answers at REDIS_URL"),
        ({"REDIS_URL": "http://127.0.0.1"}, "run: REDIS_URL must begin with one of redis:"),
        ({"PORT": "abc"}, "run: PORT=abc is not a port number."),
    ],
)
def test_a_wrong_variable_is_one_sentence(checkout: Checkout, environment: dict[str, str], sentence: str) -> None:
    code, said = checkout.says(*RUN, **environment)
    assert code == 1
    assert last_line(said).startswith(sentence)
    assert "Traceback" not in said


@pytest.mark.faults
def test_a_broken_data_folder_is_one_sentence_and_clean_data_mends_it(checkout: Checkout) -> None:
    assert checkout.says(*CHECK)[0] == 0
    assert wait_until(lambda: not checkout.processes(), 10)
    (checkout.places.postgres_data / "global" / "pg_control").unlink()
    code, said = checkout.says(*RUN)
    assert code == 1
    assert last_line(said).startswith("run: PostgreSQL did not start on ")
    assert "make clean-data" in last_line(said)
    assert "Traceback" not in said
    assert checkout.says("-m", "config.embedded.clean")[0] == 0
    assert checkout.says(*CHECK)[0] == 0


def ps_lines(checkout: Checkout) -> list[str]:
    """Process id and command line of the copy's own programs."""
    return [
        f"{entry.name} {(entry / 'cmdline').read_bytes().decode()}"
        for entry in Path("/proc").glob("[0-9]*")
        if works_in(entry, checkout.folder)
    ]


def works_in(entry: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == folder
    except OSError:
        return False


def answers(checkout: Checkout) -> bool:
    try:
        return checkout.page("/health/live") == 200
    except OSError:
        return False
