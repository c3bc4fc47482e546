"""What every simulated provider stands on: a threaded HTTP server on loopback with a log that fails on cue.

A simulator says in ``answer`` what its vendor would reply; this base listens, remembers what was asked, and,
when a test has queued a fault, plays that instead. Used the same way by tests and by ``spend demo``::

    with AwsSimulator(clock) as aws:            # listens on a free port of 127.0.0.1
        aws.fail(error_reply, times=2)          # the next two requests get that reply
        aws.fail(cut, after=1)                  # the request after the next one is cut off half way
        ...                                     # point the real adapter at aws.url
        assert aws.count == 7
"""

from __future__ import annotations

import json
import socket
import sys
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, ClassVar, Self
from urllib.parse import parse_qs, urlsplit

from bot.domain.period import Period

KEPT = 5_000
"""How many requests the log remembers; the counter knows them all."""


@dataclass(frozen=True)
class Request:
    """What a client asked. Header names are lower case; ``query`` holds every value of a name."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body's JSON object, numbers as exact decimals; ``{}`` when there is none."""
        members: dict[str, Any] = json.loads(self.body, parse_float=Decimal) if self.body else {}
        return members


@dataclass(frozen=True)
class Reply:
    """What goes back. With ``sent`` the line is cut after so many bytes of a body promised whole."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None


def json_reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON body; ``application/json`` unless the headers say otherwise."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Reply(status, body, {"Content-Type": "application/json", **(headers or {})})


def cut(reply: Reply) -> Reply:
    """The true reply, its line cut in the middle of the body."""
    return replace(reply, sent=len(reply.body) // 2)


def hang_up(reply: Reply) -> Reply:
    """No reply at all: the connection is closed."""
    return replace(reply, status=0)


def garble(reply: Reply) -> Reply:
    """A whole reply with status 200 whose body nobody could expect."""
    return replace(reply, status=200, body=b'{"hello": ["world"]}')


def half(reply: Reply) -> Reply:
    """Half of the true body, sent as if it were whole."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


@dataclass
class _Fault:
    """A reply, or a change to the true one, for the next requests that match."""

    play: Reply | Callable[[Reply], Reply]
    times: int
    after: int
    when: Callable[[Request], bool]

    def due(self, request: Request) -> bool:
        """Whether it strikes now; counts the request."""
        if self.times <= 0 or not self.when(request):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


class Simulator(ABC):
    """A vendor on loopback. Subclasses write ``answer`` and ``truth``; everything else is here."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        """The simulated present, aware, in UTC; what lies after it is not billed yet."""
        self.count = 0
        """How many requests came in, failed ones included."""
        self.log: deque[Request] = deque(maxlen=KEPT)
        self._faults: list[_Fault] = []
        self._lock = Lock()
        self._server: _Server | None = None

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """What the vendor would reply; called from many threads at once."""

    @abstractmethod
    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """What was billed (net) on those days as far as the vendor tells at this moment, by currency."""

    def fail(
        self,
        play: Reply | Callable[[Reply], Reply],
        *,
        times: int = 1,
        after: int = 0,
        when: Callable[[Request], bool] = lambda _: True,
    ) -> None:
        """Queues a fault: a reply of its own, or ``cut``, ``hang_up``, ``garble``, ``half`` of the true one.

        It strikes ``times`` requests for which ``when`` holds, after letting ``after`` of them pass.
        """
        with self._lock:
            self._faults.append(_Fault(play, times, after, when))

    def heal(self) -> None:
        """Forgets every fault queued."""
        with self._lock:
            self._faults.clear()

    def reply(self, request: Request) -> Reply:
        """Logs the request and answers it, or plays the fault that is due."""
        with self._lock:
            self.count += 1
            self.log.append(request)
            fault = next((item for item in self._faults if item.due(request)), None)
        if fault is None:
            return self.answer(request)
        return fault.play if isinstance(fault.play, Reply) else fault.play(self.answer(request))

    def start(self, port: int = 0) -> Self:
        """Listens on 127.0.0.1; port 0 takes a free one."""
        self._server = _Server(port, self)
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def close(self) -> None:
        """Stops listening and closes every connection; harmless when repeated."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``, no slash at the end."""
        if self._server is None:
            raise RuntimeError("the simulator does not listen yet: start() it")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self if self._server else self.start()

    def __exit__(self, *_: object) -> None:
        self.close()


Incoming = socket.socket | tuple[bytes, socket.socket]
"""What socketserver calls a request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, simulator: Simulator) -> None:
        self.simulator = simulator
        self._open: set[Incoming] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def finish_request(self, request: Incoming, client_address: object) -> None:
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: Incoming, client_address: object) -> None:
        """A client that hung up is no news; a bug in a simulator shows its traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        super().server_close()
        for connection in list(self._open):
            if isinstance(connection, socket.socket):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # head and body leave together, and a body of many packets too: no 40 ms of delayed acknowledgement
    disable_nagle_algorithm = True
    methods: ClassVar = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")

    def respond(self) -> None:
        """Answer what was asked, whatever the method."""
        reply = self.server.simulator.reply(self._request())
        if reply.status == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: reply.sent])
        self.wfile.flush()
        self.close_connection = self.close_connection or reply.sent is not None

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def log_message(self, *_: object) -> None:
        """The log is the simulator's own."""


for _method in _Handler.methods:
    setattr(_Handler, f"do_{_method}", _Handler.respond)
