"""The long-running programs, said once: the runner starts them, containers run `python -m config.processes NAME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.db import DatabaseError

from config import env, start_checks

# Redis holds no schedule: beat may forget this file.
BEAT_FILE = "beat-schedule"


def commands(run_folder: Path) -> dict[str, list[str]]:
    """Name to argument list. They stop in the reverse order: first what makes work, last what shows it."""
    from config.celery import QUEUES  # noqa: PLC0415 -- needs Django's settings, which main() checks first

    bin_folder = Path(sys.executable).parent
    celery = [str(bin_folder / "celery"), "--app", "config.celery", "--quiet"]
    return {
        "worker": [
            *(*celery, "worker", "--queues", ",".join(QUEUES), "--concurrency", env.text("WORKER_PROCESSES", "2")),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ],
        "web": [
            *(str(bin_folder / "gunicorn"), "config.wsgi:application"),
            *("--bind", f"{env.text('BIND', '127.0.0.1')}:{env.port()}", "--workers", env.text("WEB_PROCESSES", "2")),
            # gunicorn 25.1 and later open a control socket in the home folder unless told not to.
            *("--no-control-socket", "--worker-tmp-dir", str(run_folder), "--graceful-timeout", "10"),
            *("--log-level", "warning"),
        ],
        "beat": [*celery, "beat", "--schedule", str(run_folder / BEAT_FILE), "--loglevel", "WARNING", "--pidfile", ""],
    }


def main(name: str) -> int:
    """Replaces this process by the program, unless something forbids its start: then one sentence and 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        start_checks.refuse_or_pass()
        command = commands(Path(env.text("RUN_FOLDER", "/tmp")))[name]  # noqa: S108 -- a container's own
    except (env.WrongSetting, start_checks.MustNotStart) as problem:
        print(f"{name}: {problem}", file=sys.stderr)
    except DatabaseError as problem:
        print(f"{name}: the database does not answer: {str(problem).splitlines()[0]}", file=sys.stderr)
    else:
        os.execv(command[0], command)  # noqa: S606 -- that is what this module is for
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
