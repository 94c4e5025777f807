"""Where a checkout keeps its data, sockets and server binaries, and as whom its servers run."""

from __future__ import annotations

import hashlib
import os
import pwd
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The file in the data folder that says what the database was last migrated to.
MIGRATED = "migrated"
# A Unix socket's path may have about 104 bytes on macOS, 108 on Linux; this leaves room for the socket's own name.
LONGEST_SOCKET_FOLDER = 80


class CannotStart(Exception):
    """Something on this machine stands in the way; `str()` is the one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Places:
    """`data` holds everything; `servant` is the account the servers run as, None where that is the current one.

    `programs` is where their programs are copied for the servant, who may not enter the folders of whoever installed.
    """

    data: Path
    sockets: Path
    programs: Path
    servant: pwd.struct_passwd | None

    @property
    def postgres_data(self) -> Path:
        return self.data / "postgres"

    @property
    def redis_data(self) -> Path:
        return self.data / "redis"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def secret_key(self) -> Path:
        return self.data / "secret-key"

    def database_url(self, role: str, database: str = "infusion") -> str:
        return f"host={self.sockets} port=5432 user={role} dbname={database}"

    @property
    def redis_url(self) -> str:
        return f"unix://{self.redis_socket}"

    def make(self) -> None:
        """Makes the folders with their rights. Raises `CannotStart` where one belongs to someone else."""
        for folder in (self.data, self.sockets, self.redis_data, self.logs, self.programs):
            folder.mkdir(parents=True, exist_ok=True)
            if folder.stat().st_uid not in {os.geteuid(), self.servant.pw_uid if self.servant else os.geteuid()}:
                raise CannotStart(f"the folder {folder} belongs to another user; remove it or run as that user.")
        # The servers' account must be able to pass through, not to look.
        self.data.chmod(0o711 if self.servant else 0o700)
        for folder in (self.sockets, self.redis_data):
            self.make_private(folder)
        if not self.secret_key.exists():
            self.secret_key.touch(mode=0o600)
            self.secret_key.write_text(secrets.token_urlsafe(48))

    def make_private(self, folder: Path) -> None:
        """A folder for the servers' account alone."""
        folder.mkdir(exist_ok=True)
        if self.servant:
            os.chown(folder, self.servant.pw_uid, self.servant.pw_gid)
        folder.chmod(0o700)


def of_checkout(root: Path = ROOT) -> Places:
    """The places of a checkout. PostgreSQL refuses to run as root, so root's are outside root's own folders."""
    mark = hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:10]
    if os.geteuid() == 0:
        data = Path("/var/tmp") / f"infusion-desk-{mark}"  # noqa: S108 -- make() refuses a folder of someone else's
        return Places(data=data, sockets=data / "run", programs=data / "programs", servant=humble_account())
    data = root / ".data"
    sockets = data / "run"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path(tempfile.gettempdir()) / f"infusion-desk-{os.geteuid()}-{mark}"
    return Places(data=data, sockets=sockets, programs=data / "programs", servant=None)


def tell_where(places: Places, root: Path = ROOT) -> None:
    """Leaves the data folder's address in the checkout where the data can't be in the checkout itself."""
    if places.data != root / ".data":
        (root / ".data").mkdir(exist_ok=True)
        (root / ".data" / "WHERE").write_text(f"{places.data}\n")


def humble_account() -> pwd.struct_passwd:
    """The account that servers started by root run as."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart("root cannot run PostgreSQL, and this machine has neither an account 'postgres' nor 'nobody'.")
