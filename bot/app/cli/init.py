"""``spend init``: asks for what the bot needs, tries each answer for real, and writes ``.env``."""

from __future__ import annotations

import json
import os
import shlex
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from bot.app.cli.base import environment, spend
from bot.app.cli.init_sources import FILE, FurtherSource, refusal, where_else, with_tables

if TYPE_CHECKING:
    from bot.app.container import Container
    from bot.providers import Check

_ENV = Path(".env")
_NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_json="


@dataclass(frozen=True)
class Setting:
    """One variable that is asked for."""

    variable: str
    question: str
    secret: bool = False
    default: str = ""


@dataclass(frozen=True)
class ProviderSetup:
    """A provider: what to do at the vendor first, and what to ask for then."""

    title: str
    steps: Callable[[], str]
    settings: tuple[Setting, ...]


def _aws_steps() -> str:
    from bot.providers.aws import AwsSettings  # only for AWS
    from bot.providers.aws.policy import policy

    return (
        "In the payer account, give the identity that the bot runs as this policy (or use deploy/aws):\n"
        f"{json.dumps(json.loads(policy(AwsSettings())), indent=2)}\n"
        "Testing this makes a few Cost Explorer requests at $0.01 each."
    )


def _gcp_steps() -> str:
    return (
        "Switch the billing export on (console: Billing, Billing export, BigQuery export), then run:\n"
        "  gcloud services enable bigquery.googleapis.com cloudbilling.googleapis.com billingbudgets.googleapis.com\n"
        "  gcloud iam service-accounts create spend-billing\n"
        "  gcloud projects add-iam-policy-binding PROJECT --role roles/bigquery.jobUser \\\n"
        "    --member serviceAccount:spend-billing@PROJECT.iam.gserviceaccount.com\n"
        "and grant it roles/bigquery.dataViewer on the dataset and roles/billing.viewer on the billing account"
        " (or use deploy/gcp)."
    )


PROVIDERS: Mapping[str, ProviderSetup] = {
    "aws": ProviderSetup(
        "AWS",
        _aws_steps,
        (
            Setting(
                "AWS_ROLE_ARN_BILLING", "Role to assume in the payer account (leave empty to use the current identity)"
            ),
        ),
    ),
    "gcp": ProviderSetup(
        "Google Cloud",
        _gcp_steps,
        (
            Setting("GCP_BILLING_TABLE", "Billing export table (project.dataset.table)"),
            Setting(
                "GOOGLE_APPLICATION_CREDENTIALS",
                "Service account key file (leave empty to use the machine's own identity)",
            ),
        ),
    ),
    "openai": ProviderSetup(
        "OpenAI",
        lambda: "Create an admin key with read access: platform.openai.com, Organization, Admin keys.",
        (Setting("OPENAI_ADMIN_KEY", "Admin key (sk-admin-…)", secret=True),),
    ),
    "anthropic": ProviderSetup(
        "Anthropic",
        lambda: "Create an admin key: console.anthropic.com, Settings, Admin keys.",
        (Setting("ANTHROPIC_ADMIN_KEY", "Admin key (sk-ant-admin…)", secret=True),),
    ),
}
_SLACK = (
    Setting("SLACK_BOT_TOKEN", "Bot User OAuth Token (xoxb-…)", secret=True),
    Setting("SLACK_APP_TOKEN", "App-level token for Socket Mode (xapp-…)", secret=True),
)


def manifest_link() -> str:
    """The address that makes the Slack app with its manifest filled in."""
    manifest = json.loads(files("bot.slack").joinpath("manifest.json").read_text("utf-8"))
    return _NEW_APP + quote(json.dumps(manifest, separators=(",", ":")))


@spend.command()
def init() -> None:
    """Set the bot up: asks, tries each answer for real, writes .env and, for further payers, sources.toml.

    Asks again only for what you want to change.
    """
    from bot.app.logs import configure  # --help needs none

    configure("quiet")
    known = environment()
    answers: dict[str, str] = {}
    click.echo("Press Enter to keep what stands in brackets. Nothing is written before the end.\n")
    chosen = _providers(known)
    answers["PROVIDERS"] = ",".join(chosen)
    further: list[FurtherSource] = []
    for name in chosen:
        _ask_until_it_works(PROVIDERS[name], known, answers, partial(_source_checks, name))
        _ask_for_others(name, {**known, **answers}, further)
    for source in further:
        answers.update(source.environment())
    click.secho("\nSlack", bold=True)
    click.echo(f"Make the app here, install it to your workspace, and copy two tokens:\n{manifest_link()}\n")
    slack = ProviderSetup("Slack", lambda: "", _SLACK)
    _ask_until_it_works(slack, known, answers, _slack_checks, announce=False)
    answers["TIMEZONE"] = click.prompt("Time zone of your team", default=known.get("TIMEZONE") or "UTC")
    _write(answers)
    if further:
        FILE.write_text(with_tables(FILE.read_text() if FILE.is_file() else "", further))
    written = ".env and sources.toml" if further else ".env"
    click.echo(f"\nWritten to {written} (readable by you alone). Next:\n  spend sync\n  spend serve")


def _providers(known: Mapping[str, str]) -> list[str]:
    names = ", ".join(PROVIDERS)
    while True:
        text = click.prompt(f"Which of {names} do you use?", default=known.get("PROVIDERS") or "aws")
        chosen = [name.strip().casefold() for name in text.split(",") if name.strip()]
        unknown = [name for name in chosen if name not in PROVIDERS]
        if chosen and not unknown:
            return chosen
        click.echo(f"There is no provider {', '.join(unknown)!r}." if unknown else "Name at least one.")


def _ask_until_it_works(
    provider: ProviderSetup,
    known: Mapping[str, str],
    answers: dict[str, str],
    checks: Callable[[Container], Iterable[Check]],
    *,
    announce: bool = True,
) -> None:
    """Asks for a provider's settings until they work, or the person goes on without."""
    if announce:
        click.secho(f"\n{provider.title}", bold=True)
        click.echo(provider.steps())
    while True:
        for setting in provider.settings:
            answers[setting.variable] = _asked(
                setting, answers.get(setting.variable) or known.get(setting.variable, "")
            )
        if _works({**known, **answers}, checks) or not click.confirm("Change it?", default=True):
            return


def _ask_for_others(provider: str, known: Mapping[str, str], further: list[FurtherSource]) -> None:
    """Asks for further payers or organizations of a provider, each tried, until there are no more."""
    title = PROVIDERS[provider].title
    while True:
        question = f"Another payer or organization of {title}? Its name (Enter: no)"
        name = click.prompt(question, default="", show_default=False).strip().casefold()
        if not name:
            return
        if problem := refusal(name, {**PROVIDERS, **{source.name: source for source in further}}):
            click.echo(problem)
            continue
        settings = PROVIDERS[provider].settings
        secrets = frozenset(setting.variable for setting in settings if setting.secret)
        source = FurtherSource(provider, name, where_else(provider, known), secrets)
        while True:
            for setting in settings:
                source.values[setting.variable] = _asked(setting, source.values.get(setting.variable, ""))
            with tempfile.TemporaryDirectory() as folder:
                declared = Path(folder) / "sources.toml"
                declared.write_text(with_tables("", [source]))
                values = {**known, **source.environment(), "SOURCES_FILE": str(declared)}
                if _works(values, partial(_source_checks, name)) or not click.confirm("Change it?", default=True):
                    break
        further.append(source)


def _asked(setting: Setting, current: str) -> str:
    default = current or setting.default
    shown = "as it is" if setting.secret and current else bool(default)
    text: str = click.prompt(setting.question, default=default, hide_input=setting.secret, show_default=shown)
    return text.strip()


def _works(values: Mapping[str, str], checks: Callable[[Container], Iterable[Check]]) -> bool:
    """Whether every check passes with these settings; each is shown."""
    from bot.app.container import Container  # --help needs none
    from bot.domain.errors import CostError

    given = {name: value for name, value in values.items() if value}
    os.environ.update(given)  # vendors' own libraries look there
    try:
        results = list(checks(Container(lambda: given)))
    except CostError as error:
        click.secho(f"  ✗ {error}", fg="red")
        return False
    for check in results:
        click.secho(f"  {'✓' if check.ok else '✗'} {check.what}: {check.message}", fg="green" if check.ok else "red")
        if not check.ok and check.hint:
            click.echo(f"    {check.hint}")
    return all(check.ok for check in results)


def _source_checks(name: str, container: Container) -> Iterable[Check]:
    from bot.app.doctor import source_checks  # --help needs none

    return source_checks(container, name)


def _slack_checks(container: Container) -> Iterable[Check]:
    from bot.app.doctor import slack_checks  # --help needs none

    return slack_checks(container)


def _write(answers: Mapping[str, str]) -> None:
    """``.env`` with the answers in place of what stood there; every other line stays as it is."""
    lines = _ENV.read_text().splitlines() if _ENV.is_file() else []
    kept = [line for line in lines if line.partition("=")[0].strip() not in answers]
    added = [f"{name}={shlex.quote(value)}" for name, value in answers.items() if value]
    unfinished = _ENV.with_suffix(".partial")
    unfinished.touch(mode=0o600)
    unfinished.chmod(0o600)
    unfinished.write_text("\n".join([*kept, *added]) + "\n")
    unfinished.replace(_ENV)
