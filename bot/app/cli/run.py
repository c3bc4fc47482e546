"""The bot at work: serve, demo, digest, doctor."""

from __future__ import annotations

import json
import sys
from typing import IO, TYPE_CHECKING

import click

from bot.app.cli import completion
from bot.app.cli.base import FAILED, log_form, opened, spend
from bot.domain.errors import Misconfigured

if TYPE_CHECKING:
    from bot.app.container import Container
    from bot.app.server import Role
    from bot.digests.service import Digests


@spend.command()
@click.option(
    "--role",
    type=click.Choice(["all", "web", "worker"]),
    default="all",
    show_default=True,
    help="web answers Slack; worker syncs bills and posts digests and alerts. They share a ledger in PostgreSQL.",
)
def serve(role: Role) -> None:
    """Run the bot: Socket Mode with SLACK_APP_TOKEN, otherwise HTTP on PORT, with scheduled syncs and digests."""
    from bot.app.server import run  # the other commands do without

    run(opened(running=True), role)


@spend.command()
@click.option("--port", default=8080, show_default=True, help="Port of the simulated workspace.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def demo(*, port: int, no_browser: bool) -> None:
    """Try the whole bot without an account: simulated providers and workspace, real adapters, real app."""
    try:
        from simulators.demo import run  # a distribution of its own
    except ModuleNotFoundError as error:
        raise Misconfigured("The demo is not installed.", "pip install 'spend[demo]'") from error
    run(port, browser=not no_browser)


@spend.command()
@click.argument("name", required=False, shell_complete=completion.digests)
@click.option("--dry-run", is_flag=True, help="Print the message as JSON; post nothing.")
@click.option("--again", is_flag=True, help="Post it even if it was already posted for its period.")
def digest(name: str | None, *, dry_run: bool, again: bool) -> None:
    """Post a digest now, once per period; without a name, list all digests."""
    container = opened()
    container.filled_ledger()
    if name is None or dry_run:
        digests = _unposted(container)
        click.echo(_listed(digests) if name is None else _dry(digests, name))
        return
    from bot.app.slack import SlackService  # only to post

    ran = SlackService(container, container.answer_service, verify_token=False).digests.run(name, again=again)
    click.echo(f"{ran.digest.name} for {ran.period}: {ran.state}{f'. {ran.why}' if ran.why else '.'}")
    sys.exit(FAILED if ran.state == "failed" else 0)


def _unposted(container: Container) -> Digests:
    """The digests, with nowhere to post them."""
    from bot.digests.service import Digests  # the other commands do without

    settings = container.settings
    return Digests(
        container.answer_service,
        container.ledger.memory,
        clock=container.clock,
        zone=settings.timezone,
        file=container.digests(),
        week_start=settings.week_start,
    )


def _listed(digests: Digests) -> str:
    lines = []
    for item in digests.listing():
        period, state = item.last or ("", {})
        run = item.next_run and item.next_run.astimezone(item.digest.zone(digests.zone))
        last = f"last {period}: {state.get('state')}" if period else "not posted yet"
        where = f"{item.digest.name}: {item.digest.when()} to {item.digest.channel}"
        lines.append(f"{where}; {f'next {run:%a %d %b %H:%M}' if run else 'paused'}; {last}")
    return "\n".join(lines) or "There are no digests. Create one in Slack or in digests.toml."


def _dry(digests: Digests, name: str) -> str:
    from bot.render.slack.digest_message import draw  # drawn only when shown

    ran = digests.run(name, dry_run=True)
    drawn = [{"text": message.text, "blocks": message.blocks} for message in (draw(ran.content) if ran.content else ())]
    return json.dumps(drawn[0], ensure_ascii=False)


@spend.command()
@click.argument("about", required=False, type=click.Choice(["language", "permissions"]))
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
@click.option(
    "--record",
    metavar="FILE",
    type=click.File("w", lazy=False),
    help="Save the providers' responses to a file, redacted.",
)
def doctor(about: str | None, *, as_json: bool, record: IO[str] | None) -> None:
    """Check every credential, permission, table and Slack scope for real, and say how to fix each.

    With "language": the sentences that were refused, read by a model or reported, as aliases and test cases. With
    "permissions": the least that each provider has to allow, as policies, commands and scopes; nobody is asked.
    """
    if about == "permissions":
        from bot.app.doctor import permissions  # only when asked for

        needed = dict(permissions(opened()))
        shown = "\n\n".join(f"{name}:\n{text}" for name, text in needed.items())
        click.echo(json.dumps({"permissions": needed}, ensure_ascii=False) if as_json else shown)
        return
    if about is not None:
        from bot.app.cli.teach import language_report  # only when asked for

        click.echo(language_report(opened(), as_json=as_json))
        return
    from bot.app.doctor import checks, paid_checks, recorded  # the other commands do without
    from bot.app.logs import configure

    container = opened()
    configure(log_form(container))
    click.echo(paid_checks(container), err=True, nl=False)
    with recorded(record):
        found = list(checks(container))
    if as_json:
        fields = [{"what": c.what, "ok": c.ok, "message": c.message, "hint": c.hint} for c in found]
        click.echo(json.dumps({"checks": fields}, ensure_ascii=False))
    else:
        for check in found:
            click.echo(f"{'ok  ' if check.ok else 'MEND'} {check.what}: {check.message}")
            if check.hint and not check.ok:
                click.echo("     " + check.hint.replace("\n", "\n     "))
    sys.exit(0 if all(check.ok for check in found) else FAILED)
