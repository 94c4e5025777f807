"""Makes `.venv` from a lock file and compiles the message catalogues. Runs on a bare Python, standard library only."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed-lock"
CHROMIUM = Path("/usr/bin/chromium")
CALENDAR_READERS = ROOT / "tests" / "calendar_readers"
OR_LEAVE_OUT = "or leave that lane out with `make test CALENDAR_READERS=0`"
# Each set holds everything of the sets before it.
SETS = ("prod", "embedded", "dev", "browser")


class CannotInstall(Exception):
    """One sentence for the person at the terminal."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 -m config.install", description=__doc__)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--chromium", action="store_true", help="also see to Debian's Chromium")
    parser.add_argument("--calendar-readers", action="store_true", help="also see to ical.js and libical")
    wanted = parser.parse_args(arguments)
    try:
        refuse_old_python()
        with one_at_a_time():
            make_environment()
            install(wanted.set)
            compile_catalogues()
        if wanted.chromium:
            see_to_chromium()
        if wanted.calendar_readers:
            see_to_calendar_readers()
    except CannotInstall as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"setup: cannot write to {problem.filename or ROOT}: {problem.strerror}.", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def step(words: str) -> Iterator[None]:
    print(f"setup: {words} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"setup: {words}: done in {time.monotonic() - began:.1f} s", flush=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two make targets started at once would install into one folder."""
    folder = ROOT / ".data"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def refuse_old_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 -- this module is what an older Python gets to see
        raise CannotInstall(f"Infusion Desk needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")


def make_environment() -> None:
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    ):
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise CannotInstall(
            f"{sys.executable} has no working venv module; install it (Debian, Ubuntu: apt-get install python3-venv)."
        )
    with step("making the virtual environment .venv"):
        shutil.rmtree(VENV, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(VENV)], "the virtual environment could not be made")


def install(wanted: str) -> None:
    """Installs the lock of `wanted`, unless it or a larger set is there already, unchanged."""
    installed = STAMP.read_text().split() if STAMP.exists() else []
    for name in SETS[SETS.index(wanted) :]:
        if installed == [name, fingerprint(name)]:
            return
    if installed and SETS.index(installed[0]) > SETS.index(wanted):
        wanted = installed[0]
    STAMP.unlink(missing_ok=True)
    with step(f"installing requirements/{wanted}.txt"):
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-input"]
        run(
            [*pip, "--require-hashes", "-r", str(lock_file(wanted))],
            "the packages could not be installed (is the package index reachable, is the disk full?)",
        )
    STAMP.write_text(f"{wanted} {fingerprint(wanted)}\n")


def lock_file(name: str) -> Path:
    return ROOT / "requirements" / f"{name}.txt"


def fingerprint(name: str) -> str:
    return hashlib.sha256(lock_file(name).read_bytes()).hexdigest()


def compile_catalogues() -> None:
    """It says itself what it compiles, if anything."""
    if subprocess.run([PYTHON, "-m", "config.catalogues"], cwd=ROOT, check=False).returncode != 0:
        raise CannotInstall("a message catalogue has an error.")


def see_to_chromium() -> None:
    if CHROMIUM.exists():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotInstall(
            "the browser tests need Chromium at /usr/bin/chromium: install it (Debian: apt-get install chromium), "
            "or leave that lane out with `make test BROWSER=0`."
        )
    with step("installing Chromium with apt-get"):
        apt_install("chromium", "fonts-dejavu-core")


def see_to_calendar_readers() -> None:
    """Two more readers of calendar files, one by npm and one by apt-get."""
    if not (CALENDAR_READERS / "node_modules" / "ical.js").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise CannotInstall(
                f"the calendar tests need ical.js, which needs Node.js with npm: install them, {OR_LEAVE_OUT}"
            )
        with step("installing ical.js with npm"):
            here = ["--prefix", str(CALENDAR_READERS), "--ignore-scripts", "--no-package-lock", "--silent"]
            run([npm, "install", *here], f"npm could not install ical.js; see to it, {OR_LEAVE_OUT}")
    if not any(Path("/usr/lib").glob("*/girepository-1.0/ICal-3.0.typelib")):
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise CannotInstall(
                "the calendar tests need libical: install it (Debian: apt-get install gir1.2-ical-3.0 python3-gi), "
                f"{OR_LEAVE_OUT}"
            )
        with step("installing libical with apt-get"):
            apt_install("gir1.2-ical-3.0", "python3-gi")


def apt_install(*packages: str) -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], "apt-get update failed", environment=quiet)
    run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        f"apt-get could not install {packages[0]}",
        environment=quiet,
    )


def run(command: list[str], failure: str, environment: dict[str, str] | None = None) -> None:
    """Runs one program quietly; on failure shows the end of what it said, then raises `CannotInstall(failure)`."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        for line in (done.stderr or done.stdout).strip().splitlines()[-6:]:
            print(f"setup: | {line}", file=sys.stderr)
        raise CannotInstall(f"{failure}.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
