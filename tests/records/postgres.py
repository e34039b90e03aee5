"""A PostgreSQL server of the tests' own: Debian's programs, a temporary folder, loopback and a socket in that folder only.

PostgreSQL refuses to run as root; then it runs as the user `postgres`, whom the package made. Only the process started here is ended.
Import the fixtures `postgres_server` (one for the session) and `postgres_url` (an empty database for one test) where they are needed.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

USER, PASSWORD = "bench", "never-shown:of/the@test"
QUOTED_PASSWORD = "never-shown%3Aof%2Fthe%40test"
SYSTEM_USER = "postgres"
START_SECONDS = 30.0
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=50")


def programs() -> Path | None:
    """Returns the folder of the newest PostgreSQL installed, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[4]))
    on_path = shutil.which("postgres")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class Server:
    """One server from `start` to `stop`."""

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self.folder, self.bin = folder, bin_folder
        self.port = free_port()
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Makes a cluster in the folder and starts it; raises RuntimeError with the server's log when it does not answer."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(self.folder, SYSTEM_USER, SYSTEM_USER)
            shutil.chown(secret, SYSTEM_USER, SYSTEM_USER)
        data = self.folder / "data"
        make = ["initdb", "--pgdata", str(data), "--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256"]
        subprocess.run(self._words([*make, "--no-sync", "--encoding", "UTF8"]), check=True, capture_output=True)
        settings = [*QUICK, "listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        options = [word for setting in settings for word in ("-c", setting)]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._words(["postgres", "-D", str(data), *options]), stdout=log, stderr=log
            )
        self._wait()

    def stop(self) -> None:
        """Ends the server quickly, connections included."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(START_SECONDS)

    def url(self, database: str, password: str = QUOTED_PASSWORD) -> str:
        """Returns the URL of a database."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Returns the URL of a new empty database."""
        import psycopg

        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def _words(self, words: list[str]) -> list[str]:
        command = [str(self.bin / words[0]), *words[1:]]
        if os.geteuid() != 0:
            return command
        return ["setpriv", f"--reuid={SYSTEM_USER}", f"--regid={SYSTEM_USER}", "--clear-groups", *command]

    def _wait(self) -> None:
        import psycopg

        begun = time.monotonic()
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg.OperationalError:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                    raise RuntimeError((self.folder / "log").read_text()) from None
                time.sleep(0.05)


def free_port() -> int:
    """Returns a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def missing() -> str | None:
    """Returns why no server can be started here, or None."""
    if programs() is None:
        return "PostgreSQL is not installed (python -m scripts.tools installs it on Debian)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            return "PostgreSQL does not run as root, and there is no user postgres"
    return None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running server, one for the session."""
    why = missing()
    if why is not None:
        pytest.skip(why)
    bin_folder = programs()
    assert bin_folder is not None
    # Not below pytest's own folder, which only its user may enter.
    folder = Path(tempfile.mkdtemp(prefix="bot4-postgres-"))
    server = Server(folder, bin_folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: Server) -> str:
    """The URL of an empty database."""
    return postgres_server.new_database()
