"""``spend demo``: simulated providers and workspace on loopback; everything between them is the real thing."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

import click

import bot
from bot.alerts.service import AlertRule
from bot.app.container import Container, clock
from bot.app.logs import configure
from bot.app.server import Service
from bot.app.settings import load
from bot.domain.errors import Misconfigured
from bot.domain.period import Period
from simulators import company, lake
from simulators.anthropic import server as claude
from simulators.aws import server as aws
from simulators.http_server import Simulator
from simulators.openai import server as openai
from simulators.slack import ADMIN, APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

TEAM, CHANNEL = "T0LUMEN", "C0COSTS"
FOLDER = Path(".demo")
"""Where the demo keeps its ledger, so that the second start is quick."""
FILES = Path(__file__).parent / "files"
"""Digests and budgets of the invented company."""


def run(port: int, *, browser: bool) -> None:
    """Run the demo until interrupted."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    configure("quiet")
    with demo(port) as (workspace, service):
        click.echo(f"ready {workspace.url}")
        if browser:
            webbrowser.open(workspace.url)
        threading.Thread(target=begin, args=(service,), name="begin", daemon=True).start()
        stopped.wait()


@contextmanager
def demo(port: int = 0, folder: Path = FOLDER) -> Iterator[tuple[Workspace, Service]]:
    """The workspace and the bot in it, connected; the clock does not run yet."""
    folder.mkdir(parents=True, exist_ok=True)
    environment = {"SPEND_NOW": company.NOW.isoformat(), **os.environ}
    now = clock(load({"SPEND_NOW": environment["SPEND_NOW"]}), running=True)
    with ExitStack() as stack:
        environment |= providers(stack, now)
        workspace = stack.enter_context(_workspace(port, now))
        environment |= {
            "LEDGER_URL": f"sqlite:///{_ledger(folder)}",
            "DIGESTS_FILE": str(FILES / "digests.toml"),
            "BUDGETS_FILE": str(FILES / "budgets.toml"),
            "SOURCES_FILE": str(_sources(folder)),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": workspace.api_url,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "TIMEZONE": "Europe/Berlin",
        }
        os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
        service = Service(Container(lambda: environment, running=True))
        stack.callback(service.stop)
        service.start(clock=False)
        service.slack_service.alerts.save(
            AlertRule(name="alerts", channel=CHANNEL, team=TEAM, owner=ADMIN), replaces="alerts"
        )
        workspace.wait_connected()
        yield workspace, service


def begin(service: Service, folder: Path = FOLDER) -> None:
    """Pull the bills, unless an earlier demo has, and let the clock run: the digest and the alerts come."""
    bills = _bills(folder)
    if not bills.is_file():
        click.echo("Pulling 14 months of bills from the simulated providers: once, about a quarter of a minute …")
        service.sync()
        for outdated in folder.glob("bills-*.db"):
            outdated.unlink()
        service.backup(bills)
    click.echo("The bills of Lumen Robotics are in: AWS, Google Cloud, OpenAI, Anthropic and Azure.")
    service.clock.start()


def _sources(folder: Path) -> Path:
    """The company's ``sources.toml``, with its Azure bill as a warehouse of Parquet files."""
    text = (FILES / "sources.toml").read_text()
    try:
        table = lake.lay(folder / f"lake-{lake.version()}", Period(start=company.FIRST, end=company.NOW.date()))
        text = f"{text}\n{lake.source(table)}"
    except ImportError:  # DuckDB, an extra, reads the files
        pass
    path = folder / "sources.toml"
    path.write_text(text)
    return path


def _ledger(folder: Path) -> Path:
    """A ledger for this run: what people do in a workspace that ends with the demo is not kept."""
    path, bills = folder / "ledger.db", _bills(folder)
    for old in folder.glob(f"{path.name}*"):
        old.unlink()
    if bills.is_file():
        shutil.copyfile(bills, path)
    return path


def _bills(folder: Path) -> Path:
    """Where bills pulled once are kept; another name once what makes or reads them has changed."""
    digest = blake2b(digest_size=6)
    for path in sorted(Path(bot.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return folder / f"bills-{digest.hexdigest()}.db"


def providers(stack: ExitStack, now: Callable[[], datetime]) -> dict[str, str]:
    """Start every simulated provider; what the environment says to reach them."""

    def start(simulator: Simulator) -> Simulator:
        stack.callback(simulator.close)
        return simulator.start()

    environment = {
        "PROVIDERS": "aws,gcp,openai,anthropic",
        "AWS_ACCESS_KEY_ID": aws.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": aws.SECRET_KEY,
        "AWS_ENDPOINT_URL": start(aws.AwsSimulator(now)).url,
        "AWS_PAYER_NAME": company.NAME,
        "OPENAI_ADMIN_KEY": openai.ADMIN_KEY,
        "OPENAI_BASE_URL": f"{start(openai.OpenAISimulator(now)).url}/v1",
        "ANTHROPIC_ADMIN_KEY": claude.ADMIN_KEY,
        "ANTHROPIC_BASE_URL": start(claude.AnthropicSimulator(now)).url,
    }
    try:
        from simulators.gcp.server import GcpSimulator  # noqa: PLC0415 - runs BigQuery's SQL on DuckDB, an extra
    except ImportError:
        return environment | {"PROVIDERS": "aws,openai,anthropic"}
    google = GcpSimulator(now)
    start(google)
    return environment | {
        "GCP_BILLING_TABLE": google.table,
        "BIGQUERY_EMULATOR_HOST": google.url,
        "GCP_API_ENDPOINT": google.url,
    }


def _workspace(port: int, now: Callable[[], datetime]) -> Workspace:
    def seconds() -> float:
        return now().timestamp()

    try:
        return Workspace(port, now=seconds, shortcuts={"explain_cost": "Explain this cost"})
    except OSError as error:
        raise Misconfigured(
            f"Port {port} is taken ({error.strerror}).", "Choose another: spend demo --port 8081."
        ) from None
