"""The bot as a service: Slack over Socket Mode or HTTP, health and metrics, syncs on their clock, a clean end."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError

from bot.app import mcp
from bot.app.ceiling_notice import notify_admins
from bot.app.gateway import EVENTS, Gateway, MetricsAccess, SlackEndpoints
from bot.app.listener import EventListener
from bot.app.logs import configure
from bot.app.metrics import CountedAnswers, exposition
from bot.app.scheduler import Clockwork, Jobs
from bot.app.slack import SlackService
from bot.domain.errors import CostError, Misconfigured, Unavailable
from bot.slack import app as slack
from bot.sync.service import sync

if TYPE_CHECKING:
    from bot.app.container import Container

_log = structlog.get_logger("spend.serve")


Role = Literal["all", "web", "worker"]
"""What a process does: ``web`` hears Slack, ``worker`` pulls and posts on the clock; ``all`` does both."""


def run(container: Container, role: Role = "all") -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and leave.

    Raises:
        Misconfigured: a token is missing.
    """
    configure(container.settings.log_format)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    service = Service(container, role)
    try:
        service.start()
    except CostError:
        service.stop()
        raise
    mode = "clock" if role == "worker" else "socket" if container.settings.slack_app_token else "http"
    _log.info("serving", mode=mode, port=service.port)
    stopped.wait()
    _log.info("leaving")
    service.stop()


class Service:
    """Everything that runs beside each other in one process."""

    def __init__(self, container: Container, role: Role = "all") -> None:
        """Put together; every role answers for its health on PORT.

        Raises:
            Misconfigured: a token is missing, or wrong.
            Unavailable: Slack does not answer.
        """
        settings = container.settings
        self._container, self._role = container, role
        self._halt = threading.Event()
        with _slack_answers("SLACK_BOT_TOKEN"):
            self.slack_service = SlackService(container, CountedAnswers(container.answer_service))
        if role != "worker" and settings.slack_app_token is None and settings.slack_signing_secret is None:
            raise Misconfigured(
                "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.",
                "For Socket Mode copy an app-level token (xapp-…, scope connections:write) into SLACK_APP_TOKEN;"
                " for HTTP mode copy the Signing Secret from Basic Information into SLACK_SIGNING_SECRET.",
            )
        self.clock = Clockwork(
            Jobs(
                sync=self.sync,
                digests=self.slack_service.digests.tick,
                alerts=self.slack_service.alerts.tick,
                retention=self.slack_service.tidy,
            ),
            now=container.clock,
        )
        self._socket: SocketModeHandler | None = None
        self._gateway = Gateway(
            healthy=self._healthy,
            metrics=lambda: exposition(container.ledger, container.clock()),
            metrics_access=MetricsAccess(
                settings.metrics_from, settings.metrics_token.get_secret_value() if settings.metrics_token else ""
            ),
            slack=self._endpoints(),
        )
        self._http = EventListener(self._gateway, settings.host, settings.port, self._gateway.refusals.count)
        self.port = self._http.port
        self._mcp = mcp.listener(container, self.slack_service) if role != "worker" else None

    def _endpoints(self) -> SlackEndpoints | None:
        """What Slack calls over HTTP; nothing in Socket Mode, nor where another process hears Slack."""
        secret, app = self._container.settings.slack_signing_secret, self.slack_service.slack.app
        if self._role == "worker" or self._container.settings.slack_app_token is not None or secret is None:
            return None
        flow = app.oauth_flow
        installs = () if flow is None else (flow.install_path, flow.redirect_uri_path)
        return SlackEndpoints(SlackRequestHandler(app, path=EVENTS), secret.get_secret_value(), installs)

    def start(self, *, clock: bool = True) -> None:
        """Begin to listen; with the clock, unless it is another process's, the first sync starts in the background."""
        threading.Thread(target=self._http.run, name="http", daemon=True).start()
        if self._mcp is not None:
            self._mcp.start()
        token = self._container.settings.slack_app_token
        if token is not None and self._role != "worker":
            web = slack.client(token.get_secret_value(), self._container.settings.slack_api_url)
            self._socket = SocketModeHandler(self.slack_service.slack.app, token.get_secret_value(), web_client=web)
            with _slack_answers("SLACK_APP_TOKEN"):
                self._socket.connect()  # type: ignore[no-untyped-call]  # Bolt's own
        threading.Thread(target=self._begin, name="warm", daemon=True).start()
        if self._role != "worker":
            self.slack_service.slack.take_over(self.slack_service.client)
        if clock and self._role != "web":
            self.clock.start()

    def _begin(self) -> None:
        self._warm()
        gc.freeze()  # what is loaded by now stays: looking through it again would hold up answers

    def _warm(self) -> None:
        """Ask something, so that nobody waits for what the first question after a start or a sync has to load."""
        with suppress(CostError):
            self._container.answer_service.ask("this month by service")

    def sync(self) -> None:
        """Pull what is due from every source; without any, there is nothing to pull."""
        try:
            sources = self._container.sources()
        except Misconfigured as error:
            _log.warning("nothing is pulled", why=str(error))
            return
        sync(
            sources,
            self._container.ledger,
            now=self._container.clock,
            ceiling=self._container.settings.api_spend_ceiling,
            by_hand=False,
            wait=0,
            stop=self._halt,
        )
        admins = self._container.settings.admins
        notify_admins(self._container.ledger, self._container.clock(), admins, lambda: self.slack_service.client(""))
        self._warm()

    def backup(self, path: Path) -> None:
        """A copy of the ledger as it is now."""
        self._container.ledger.backup(path)

    def stop(self) -> None:
        """Take no more, finish what is being answered and posted, close the ledger."""
        self._halt.set()
        if self._socket is not None:
            self._socket.close()  # type: ignore[no-untyped-call]  # Bolt's own
        self.clock.stop()
        if self._mcp is not None:
            self._mcp.stop()
        self.slack_service.slack.close()
        self._http.close()
        self._gateway.refusals.close()
        self._container.ledger.close()

    def _healthy(self) -> bool:
        """While the ledger answers and, in Socket Mode, the line to Slack stands."""
        self._container.ledger.generation()
        return self._socket is None or self._socket.client.is_connected()


@contextmanager
def _slack_answers(variable: str) -> Iterator[None]:
    """What Slack says of a token at the start, as a sentence for whoever set it."""
    try:
        yield
    except SlackApiError as error:
        reason = error.response.get("error", "no reason")
        raise Misconfigured(f"Slack refuses {variable}: {reason}.", "Run spend doctor to see how to fix it.") from error
    except BoltError as error:
        raise Misconfigured(f"Slack refuses {variable}: {error}.", "Run spend doctor to see how to fix it.") from error
    except OSError as error:
        raise Unavailable(f"Slack does not answer: {error}.", "Check the network and any proxy.") from error
