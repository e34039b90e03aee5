"""The control socket: people command a running desk over a local Unix socket, and are named by the system, not by themselves.

`ControlSocket` is the desk's end: it reads one request a connection, asks the kernel who sent it (`SO_PEERCRED`), and hands a `Request`
to the host, whose answer goes back. `ask` is the other end (`bot4 operator`). Requests and answers are one line of JSON. The socket's
file is its owner's alone (mode 600); roles are not built. Linux only.
"""

from __future__ import annotations

import json
import os
import pwd
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from bot4.risk.commands import ACTIONS
from bot4.risk.errors import RiskError

from .errors import LiveError

STATUS = "status"
LARGEST = 4_096
"""Bytes of a request or an answer."""
TIMEOUT_S = 5.0
PEER = struct.Struct("3i")
"""Process, user and group of the other end, as `SO_PEERCRED` gives them."""


@dataclass(frozen=True)
class Request:
    """What somebody asks: `status` or a command, the name of the user who asks and the number of the process; `breakers` is what a reload
    brings, the content of a `[breaker]` section."""

    do: str
    who: str
    pid: int
    breakers: Any = None


Host = Callable[[Request], Mapping[str, Any]]
"""Carries a request out and returns the answer, in which `state` is the guard's; raises RiskError for what it refuses. Called on the
socket's thread: a host hands the command to its desk's thread by a queue."""


class ControlSocket:
    """The desk's end of the control socket, on a thread of its own while it is entered as a context."""

    def __init__(self, path: str | Path, host: Host) -> None:
        """Makes the socket's file; raises LiveError where the path is taken or cannot be used."""
        self.path = Path(path)
        self._host = host
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            self._listener.bind(str(self.path))
        except OSError as error:
            self._listener.close()
            reason = (error.strerror or str(error)).lower()
            raise LiveError(
                f"{path}: {reason}; give --control a path that does not exist, in a folder of yours."
            ) from error
        finally:
            os.umask(before)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, name="bot4-control", daemon=True)

    def __enter__(self) -> ControlSocket:
        """Begins to answer."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the thread and removes the socket's file."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(TIMEOUT_S)
        self._listener.close()
        self.path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # shut down
                return
            with connection:
                connection.settimeout(TIMEOUT_S)
                try:
                    connection.sendall(_line(self._answer(connection)))
                except OSError:  # the other end has gone, or sends nothing
                    continue

    def _answer(self, connection: socket.socket) -> Mapping[str, Any]:
        """Returns the host's answer to one request, or what is wrong with it."""
        try:
            asked = json.loads(_read(connection))
            do = asked["do"]
        except (ValueError, KeyError, TypeError):
            return {"error": 'a request is one line of JSON such as {"do": "status"}.'}
        if do not in (STATUS, *ACTIONS):
            return {"error": f"there is no command {do!r}; commands are {STATUS}, {', '.join(ACTIONS)}."}
        pid, uid, _ = PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEER.size))
        try:
            return self._host(Request(do, user_name(uid), pid, asked.get("breakers")))
        except (RiskError, LiveError) as error:
            return {"error": str(error)}


def user_name(uid: int) -> str:
    """Returns the name of a user of this machine; `uid 1234` where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def ask(path: str | Path, do: str, breakers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Sends one request (`breakers` is what a reload brings) and returns the answer.

    Raises LiveError where nobody listens or the desk refuses.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT_S)
        try:
            connection.connect(str(path))
            connection.sendall(_line({"do": do} if breakers is None else {"do": do, "breakers": breakers}))
            answer = json.loads(_read(connection))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise LiveError(
                f"{path}: {(reason or 'no answer').lower()}; name the socket of a desk that runs (`bot4 rehearse --control`)."
            ) from error
    if "error" in answer:
        raise LiveError(str(answer["error"]))
    return dict(answer)


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(content)).encode() + b"\n"


def _read(connection: socket.socket) -> bytes:
    """Returns one line, of at most `LARGEST` bytes."""
    found = b""
    while not found.endswith(b"\n") and len(found) < LARGEST:
        part = connection.recv(LARGEST - len(found))
        if not part:
            break
        found += part
    return found
