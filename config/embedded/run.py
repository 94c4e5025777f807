"""`make run`: servers, migrations, demo clinic, then web, worker and beat until Ctrl-C, which stops all in order."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import django
from django.conf import settings

from config import env, start_checks
from config.embedded import redis, up_to_date
from config.embedded.attach import Use, attach
from config.embedded.places import CannotStart, Places, of_checkout
from config.embedded.programs import Programs

FIRST_PAGE_SECONDS = 60


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    began = time.monotonic()
    try:
        places = of_checkout()
        port = settings.HTTP_PORT
        with only_here(places, port), using_servers(places):
            run(places, port, began)
    except (CannotStart, env.WrongSetting, start_checks.MustNotStart) as problem:
        print(f"run: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"run: {problem.strerror}: {problem.filename}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("run: stopped before everything was up.", file=sys.stderr)
        return 1
    return 0


def run(places: Places, port: int, began: float) -> None:
    with step("migrating the database"):
        prepare_database(places)
    with step("bringing the demo clinic to today"):
        if env.given("DATABASE_URL"):
            say("none: DATABASE_URL names a database of your own")
        else:
            up_to_date.manage("seed_demo")
    # With every server elsewhere it is not there yet, and beat keeps its notes in it.
    places.data.mkdir(parents=True, exist_ok=True)
    programs = Programs(places.data)
    with programs:
        wait_for_page(programs, port)
        welcome(port, time.monotonic() - began)
        programs.run_until_told_to_stop()
        say("stopping beat, web, worker")
    say("stopping Redis and PostgreSQL")


def prepare_database(places: Places) -> None:
    if env.given("DATABASE_URL"):
        up_to_date.manage("migrate", "--no-input")
        up_to_date.manage("collectstatic", "--no-input", "--verbosity=0")
        django.setup()
        start_checks.refuse_or_pass()
    elif not up_to_date.migrate_when_needed(places):
        say("nothing to migrate")


@contextlib.contextmanager
def using_servers(places: Places) -> Iterator[None]:
    """PostgreSQL first, Redis second; stopped the other way round, unless another command uses them."""
    uses: list[Use] = []
    try:
        for name, words in (("postgres", "PostgreSQL"), ("redis", "Redis")):
            with step(f"starting {words}"):
                use = attach(places, name)
                if use is None:
                    say(f"{words}: the one that the environment names")
                    if name == "redis":
                        redis.must_answer(settings.REDIS_URL)
                else:
                    uses.append(use)
        yield
    finally:
        for use in reversed(uses):
            if not use.leave():
                say(f"{use.name} goes on: another command of this checkout uses it")


@contextlib.contextmanager
def only_here(places: Places, port: int) -> Iterator[None]:
    """One `make run` a checkout, and it has its port. The kernel gives the lock back however this process ends."""
    places.make()
    with (places.data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotStart(f"it runs already: {lock.read().strip()} (Ctrl-C there stops it).") from None
        refuse_taken_port(port)
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/")
        lock.flush()
        yield


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((env.text("BIND", "127.0.0.1"), port))
        except OSError as problem:
            raise CannotStart(
                f"port {port} cannot be used ({problem.strerror}); choose another: make run PORT={port + 1}"
            ) from None


def wait_for_page(programs: Programs, port: int) -> None:
    until = time.monotonic() + FIRST_PAGE_SECONDS
    while time.monotonic() < until:
        programs.look_after(seconds=0.1)
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2).close()
            return
    raise CannotStart(f"the first page did not come within {FIRST_PAGE_SECONDS} seconds; the lines above say why.")


def welcome(port: int, seconds: float) -> None:
    say(f"ready after {seconds:.1f} s")
    print(f"\n  Infusion Desk     http://127.0.0.1:{port}/")
    if settings.EMBEDDED:
        print(f"  sign in as        {', '.join(settings.DEMO_USERNAMES)}")
        print(f"  password          {settings.DEMO_PASSWORD}")
        print(f"  messages sent     http://127.0.0.1:{port}/outbox/")
    print("  stop              Ctrl-C\n", flush=True)


@contextlib.contextmanager
def step(words: str) -> Iterator[None]:
    say(f"{words} ...")
    began = time.monotonic()
    yield
    say(f"{words}: done in {time.monotonic() - began:.1f} s")


def say(words: str) -> None:
    print(f"run: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
