"""What the port answers: health, metrics, what Slack signed, installs. Everything else is refused before it is read.

Slack's signature is judged on the raw body before anything parses, logs or answers it; what is not signed is 401
with an empty body. In Socket Mode, where Slack needs no port, its paths do not exist.
"""

from __future__ import annotations

import hmac
import io
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog

from bot.slack import signature

_log = structlog.get_logger("spend.gateway")

EVENTS = "/slack/events"
MOST_URL = 4_096
"""Letters of a request's target."""
Network = IPv4Network | IPv6Network


class Refusals:
    """Tells the log of refused requests: the first at once, all others summed up once a minute."""

    def __init__(self, *, seconds: float = 60) -> None:
        self._seconds = seconds
        self._counts: Counter[str] = Counter()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def count(self, reason: str) -> None:
        """One more, for a reason that is our own words."""
        with self._lock:
            if self._timer is None:
                _log.warning("request refused", reason=reason)
                self._timer = threading.Timer(self._seconds, self._sum_up)
                self._timer.daemon = True
                self._timer.start()
                return
            self._counts[reason] += 1

    def _sum_up(self) -> None:
        with self._lock:
            counts, self._counts, self._timer = self._counts, Counter(), None
        if counts:
            _log.warning("requests refused in the last minute", count=counts.total(), reasons=dict(counts))

    def close(self) -> None:
        """Says what has not been summed up yet."""
        with self._lock:
            timer = self._timer
        if timer is not None:
            timer.cancel()
            self._sum_up()


@dataclass
class AddressRateLimit:
    """A token bucket for each address: so many at once, then one every ``seconds``."""

    burst: int
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _most: int = 10_000

    def allows(self, address: str) -> bool:
        """Whether the address may now; it is counted."""
        with self._lock:
            now = self.clock()
            left, since = self._buckets.pop(address, (float(self.burst), now))
            left = min(float(self.burst), left + (now - since) / self.seconds)
            allowed = left >= 1
            self._buckets[address] = (left - allowed, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            return allowed


@dataclass(frozen=True)
class MetricsAccess:
    """Who may read metrics: addresses of these networks; where a token is set, whoever bears it and nobody else."""

    networks: Sequence[Network]
    token: str = ""

    def allows(self, environ: WSGIEnvironment) -> bool:
        """Whether the request may. What a proxy passed on is not from the address it comes from."""
        if self.token:
            bearer = f"Bearer {self.token}".encode()
            return hmac.compare_digest(str(environ.get("HTTP_AUTHORIZATION", "")).encode("latin-1", "replace"), bearer)
        if any(environ.get(name) for name in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")):
            return False
        try:
            address = ip_address(_address(environ))
        except ValueError:
            return False
        return any(address in network for network in self.networks)


@dataclass(frozen=True)
class SlackEndpoints:
    """What Slack calls in HTTP mode: ``app`` takes what ``secret`` signed; ``installs`` are its OAuth paths."""

    app: WSGIApplication
    secret: str
    installs: Collection[str] = ()


class Gateway:
    """The WSGI application. ``slack`` is None in Socket Mode."""

    def __init__(
        self,
        *,
        healthy: Callable[[], bool],
        metrics: Callable[[], bytes],
        metrics_access: MetricsAccess,
        slack: SlackEndpoints | None,
        refusals: Refusals | None = None,
    ) -> None:
        self._healthy, self._metrics, self._metrics_access, self._slack = healthy, metrics, metrics_access, slack
        self.refusals = refusals or Refusals()
        self._installs = AddressRateLimit(burst=10, seconds=30)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answers one request; a mistake of ours is 500 with an empty body."""
        try:
            return self._answer(environ, start)
        except Exception:  # noqa: BLE001 - whatever it is, nobody outside reads of it
            _log.exception("a request failed")
            return _empty(start, HTTPStatus.INTERNAL_SERVER_ERROR)

    def _answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if len(str(environ.get("REQUEST_URI", ""))) > MOST_URL:
            return self._refused(start, HTTPStatus.REQUEST_URI_TOO_LONG, "URL too long")
        if path == "/healthz" and method in {"GET", "HEAD"}:
            return self._health(start)
        if path == "/metrics" and method == "GET" and self._metrics_access.allows(environ):
            start("200 OK", [("Content-Type", "text/plain; version=0.0.4")])
            return [self._metrics()]
        if self._slack is not None and path == EVENTS:
            return self._event(environ, start, self._slack)
        if self._slack is not None and path in self._slack.installs and method == "GET":
            return self._install(environ, start, self._slack)
        return self._refused(start, HTTPStatus.NOT_FOUND, "no such path")

    def _health(self, start: StartResponse) -> Iterable[bytes]:
        try:
            healthy = self._healthy()
        except Exception:  # noqa: BLE001 - then it is not healthy
            _log.exception("the health check failed")
            healthy = False
        start("200 OK" if healthy else "503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"ok\n" if healthy else b"unavailable\n"]

    def _event(self, environ: WSGIEnvironment, start: StartResponse, slack: SlackEndpoints) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        timestamp = str(environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""))
        signed = str(environ.get("HTTP_X_SLACK_SIGNATURE", ""))
        if reason := signature.refusal(slack.secret, timestamp, signed, body, time.time()):
            return self._refused(start, HTTPStatus.UNAUTHORIZED, reason)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        return slack.app(environ, start)

    def _install(self, environ: WSGIEnvironment, start: StartResponse, slack: SlackEndpoints) -> Iterable[bytes]:
        if not self._installs.allows(_address(environ)):
            return self._refused(start, HTTPStatus.TOO_MANY_REQUESTS, "too many installs", [("Retry-After", "30")])
        return slack.app(environ, start)

    def _refused(
        self, start: StartResponse, status: HTTPStatus, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> Iterable[bytes]:
        self.refusals.count(reason)
        return _empty(start, status, headers)


def _address(environ: WSGIEnvironment) -> str:
    return cast("str", environ.get("REMOTE_ADDR", ""))


def _empty(start: StartResponse, status: HTTPStatus, headers: Sequence[tuple[str, str]] = ()) -> Iterable[bytes]:
    start(f"{status.value} {status.phrase}", [*headers, ("Content-Length", "0")])
    return []
