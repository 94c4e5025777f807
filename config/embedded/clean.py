"""`make clean-data`: removes the checkout's data folder. Refuses while something uses it."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack

from config.embedded.keeper import SERVERS, lock_file, taken
from config.embedded.places import CannotStart, Places, of_checkout


def main() -> int:
    try:
        places = of_checkout()
        remove(places)
    except CannotStart as problem:
        print(f"clean-data: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"clean-data: {problem.strerror}: {problem.filename}.", file=sys.stderr)
        return 1
    print(f"clean-data: {places.data} is gone; `make run` begins anew.")
    return 0


def remove(places: Places) -> None:
    """Raises `CannotStart` while a command of the checkout uses a server."""
    if not places.data.exists():
        return
    with ExitStack() as locks:
        for name in SERVERS:
            if not taken(locks.enter_context(lock_file(places, name, "in-use"))):
                raise CannotStart("`make run` or another command of this checkout still runs; stop it first.")
        for folder in {places.data, places.sockets}:
            shutil.rmtree(folder, ignore_errors=not folder.exists())


if __name__ == "__main__":
    sys.exit(main())
