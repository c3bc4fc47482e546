"""The HTTP server: waitress, with bounds on what a client may send, how slowly, and on how many connections.

A body is refused before it is read once its size is known, while it is read otherwise. A request has to arrive whole
within seconds of its first byte; where there are too many connections, the one that has waited longest for a request
goes, so that a new one is always heard.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from wsgiref.types import WSGIApplication

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask

from bot.domain.errors import Misconfigured

MOST_BODY = 1_000_000
"""Bytes of a body: Slack's own payloads are far below."""
MOST_HEADERS = 16_384
"""Bytes of a request's first line and headers."""
MOST_CONNECTIONS = 400
REQUEST_SECONDS = 10
"""Within which a request has to be there whole."""
IDLE_SECONDS = 15
_THREADS = 8
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 64_000_000


class _Refusal(ErrorTask):
    """What is no request that we take: a status, and no body."""

    def execute(self) -> None:
        error = self.request.error  # type: ignore[attr-defined]  # the stubs take the request for its error
        self.status = f"{error.code} {error.reason}"
        self.set_close_on_finish()
        self.content_length = 0
        self.write(b"")
        server = self.channel.server
        if isinstance(server, EventListener):
            server.refused(error.reason.casefold())
        if isinstance(self.channel, _Channel):
            self.channel.linger = True


class _Channel(HTTPChannel):
    """One connection."""

    error_task_class = _Refusal
    linger = False
    """Whether what is still on its way is read and thrown away, so that the client gets to read the refusal."""
    _begun: float | None = None
    _until: float | None = None
    _thrown_away = 0

    def overdue(self, now: float) -> bool:
        """Whether a request has been arriving, or a refused one been thrown away, for too long."""
        if self._until is not None:
            return now > self._until
        return self._begun is not None and now - self._begun > REQUEST_SECONDS

    def received(self, data: bytes) -> bool:
        taken = super().received(data)
        self._begun = None if self.request is None else self._begun or time.time()
        return taken

    def readable(self) -> bool:
        return self._until is not None or super().readable()

    def writable(self) -> bool:
        return self._until is None and bool(super().writable())

    def handle_write(self) -> None:
        if self.linger and self.close_when_flushed and not self.will_close:
            self._flush_exception(self._flush_some)  # type: ignore[attr-defined]  # the stubs leave them out
            if not self.total_outbufs_len and not self.will_close:
                self.close_when_flushed = False
                self._until = time.time() + _LINGER_SECONDS
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)  # type: ignore[union-attr]  # it is open
                return
        super().handle_write()

    def handle_read(self) -> None:
        if self._until is None:
            super().handle_read()
            return
        with suppress(OSError):
            self._thrown_away += len(self.recv(65_536))
        if self.connected and self._thrown_away > _LINGER_BYTES:
            self.handle_close()


class EventListener(TcpWSGIServer):
    """Listens as soon as it is made; ``run`` serves until ``close``. ``refused`` is told why a request was none."""

    channel_class = _Channel

    def __init__(self, app: WSGIApplication, host: str, port: int, refused: Callable[[str], None]) -> None:
        """Raises: Misconfigured: the address is taken, or is none of this machine's."""
        self.refused = refused
        bounds = Adjustments(
            host=host,
            port=port,
            threads=_THREADS,
            ident="",
            max_request_body_size=MOST_BODY + 1,
            max_request_header_size=MOST_HEADERS,
            connection_limit=2 * MOST_CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=1,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=False,  # nothing is believed of them; that there are some is telling
        )
        try:
            super().__init__(app, adj=bounds, sockinfo=bounds.listen[0])  # type: ignore[arg-type]  # a list
        except OSError as error:
            raise Misconfigured(
                f"Nothing can listen on {host}:{port}: {error.strerror or error}.",
                "Set PORT (or HOST) to another value, or stop the program that uses it. Is spend already running?",
            ) from error
        self.port = int(self.effective_port)  # type: ignore[attr-defined]  # the stubs leave it out

    @property
    def _open(self) -> list[_Channel]:
        """The connections there are."""
        return list(self.active_channels.values())  # type: ignore[attr-defined]  # a dictionary by file number

    def handle_accept(self) -> None:
        """Takes a connection; of too many, the one that has waited longest for a request goes."""
        super().handle_accept()
        if len(self.active_channels) > MOST_CONNECTIONS:  # type: ignore[arg-type]  # a dictionary
            waiting = [channel for channel in self._open if not channel.requests]
            if waiting:
                min(waiting, key=lambda channel: channel.creation_time).handle_close()

    def maintenance(self, now: float) -> None:
        """Closes what is idle or overdue; called every second."""
        super().maintenance(now)  # type: ignore[arg-type]  # seconds
        for channel in self._open:
            if channel.overdue(now):
                channel.handle_close()
