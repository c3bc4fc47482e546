"""``spend doctor``: everything tried for real, each with its mend in one sentence. Never prints a secret."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING

from bot.app.settings import NOBODY, owner_of_files
from bot.domain.errors import CostError
from bot.domain.redaction import struck
from bot.ledger import Ledger
from bot.ledger.connection import exposed
from bot.ledger.kv_store import notes_of
from bot.ledger.month_plan import month_plan
from bot.providers import Check, StatesPermissions
from bot.providers._requests import distinct_failures
from bot.sync.request_budget import RequestBudget, SourceMeter
from bot.sync.service import STATE

if TYPE_CHECKING:
    from bot.app.container import Container

_SCOPES = {
    "app_mentions:read": "hear @spend",
    "channels:read": "see who reads a channel",
    "chat:write": "answer",
    "chat:write.public": "post digests in public channels",
    "commands": "offer the slash command",
    "files:write": "upload CSV files",
    "groups:read": "see who reads a private channel",
    "im:history": "answer direct messages",
    "im:write": "send files privately",
    "usergroups:read": "keep access rules for user groups",
    "users:read": "tell guests from members",
}


def checks(container: Container) -> Iterator[Check]:
    """Ledger, sources, Slack and the language model, in this order."""
    for check in (
        *_ledger(container),
        *_files(container),
        *_sources(container),
        *_slack(container),
        *_model(container),
    ):
        yield _without_secrets(check)


def _without_secrets(check: Check) -> Check:
    """The check with every secret struck out of its sentences."""
    return replace(check, message=struck(check.message), hint=struck(check.hint))


def permissions(container: Container) -> Iterator[tuple[str, str]]:
    """Each source with the least that it has to be allowed; asks nobody."""
    request_budget = RequestBudget(
        container.ledger, container.settings.api_spend_ceiling, container.clock, threading.Event()
    )
    for name, opened in container.sources().items():
        provider = opened(SourceMeter(name, request_budget))
        if isinstance(provider, StatesPermissions):
            yield name, provider.least_privilege()


def source_checks(container: Container, name: str) -> Iterator[Check]:
    """The checks of one source; those of AWS make a few paid requests."""
    request_budget = RequestBudget(
        container.ledger, container.settings.api_spend_ceiling, container.clock, threading.Event()
    )
    for opened in container.sources([name]).values():
        for check in opened(SourceMeter(name, request_budget)).checks():
            yield _without_secrets(check)


def slack_checks(container: Container) -> Iterator[Check]:
    """The checks of Slack's tokens and scopes."""
    for check in _slack(container):
        yield _without_secrets(check)


def _ledger(container: Container) -> Iterator[Check]:
    try:
        ledger = container.ledger
        days = [covered for feed in ledger.feeds() if (covered := ledger.covered(feed))]
        ledger.memory.put("doctor", "write", {"at": container.clock().isoformat()})
    except CostError as error:
        yield Check("Ledger", ok=False, message=error.message, hint=error.hint)
        return
    held = f"{min(d.start for d in days)} to {max(d.last for d in days)}" if days else "empty"
    yield Check("Ledger", ok=True, message=f"{ledger.name} is writable, {held}.")
    yield from _exposed(container)
    yield from _warnings(ledger)


def _exposed(container: Container) -> Iterator[Check]:
    """What others on this machine can read or change: the ledger's files, its folder, ``.env``."""
    url = container.settings.ledger_url
    ledger = Path(url.partition(":///")[2]) if url.startswith("sqlite:///") else None
    files = [] if ledger is None else [Path(f"{ledger}{ending}") for ending in ("", "-wal", "-shm")]
    folders = [] if ledger is None else [ledger.absolute().parent]
    for path in (*files, *folders, Path(".env")):
        if how := exposed(path):
            mode = "go-w" if path in folders else "600"
            yield Check(f"Access to {path}", ok=False, message=f"{how}.", hint=f"Run: chmod {mode} {path}")


def _files(container: Container) -> Iterator[Check]:
    """Whose the declared budgets and digests are, where there are several workspaces."""
    settings = container.settings
    try:
        if owner_of_files(settings) != NOBODY:
            return
        budgets = [budget.name for budget in container.budgets() if budget.team == NOBODY]
        digests = [digest.name for digest in container.digests() if not digest.team and not settings.slack_bot_token]
    except CostError as error:
        yield Check("Declared files", ok=False, message=error.message, hint=error.hint)
        return
    for path, names in ((settings.budgets_file, budgets), (settings.digests_file, digests)):
        if names:
            message = f"{', '.join(names)}: not assigned to a workspace, so nobody sees it in Slack."
            yield Check(str(path), ok=False, message=message, hint='Add team = "T012AB3CD" to it.')


def _warnings(ledger: Ledger) -> Iterator[Check]:
    """Feeds of one source that disagree."""
    for feed, found in ledger.memory.all("warning").items():
        days = found.get("days", [])
        if days:
            message = f"it disagrees with the provider's bill on {len(days)} days, first on {days[0]['day']}."
            yield Check(f"Feed {feed}", ok=False, message=message, hint="Run spend sync. If it persists, report it.")


def _sources(container: Container) -> Iterator[Check]:
    try:
        opens = container.sources()
    except CostError as error:
        yield Check("Providers", ok=False, message=error.message, hint=error.hint)
        return
    ceiling, today = container.settings.api_spend_ceiling, container.clock().date()
    before = container.ledger.requests.spent(today)
    request_budget = RequestBudget(container.ledger, ceiling, container.clock, threading.Event())
    for name, opened in opens.items():
        try:
            tried = opened(SourceMeter(name, request_budget)).checks()
            for check in distinct_failures(chain(tried, _missing_views(container.ledger, name))):
                yield replace(check, what=check.what if name in check.what.lower() else f"{check.what} ({name})")
        except CostError as error:
            yield Check(name, ok=False, message=error.message, hint=error.hint)
        yield from _last_sync(container.ledger, name)
    spent = container.ledger.requests.spent(today)
    yield Check(
        "Paid requests",
        ok=spent < ceiling,
        message=f"{spent:f} of {ceiling:f} USD spent this month, {spent - before:f} of it for these checks."
        + _planned(container),
        hint="Raise API_SPEND_CEILING, or wait for next month.",
    )


def paid_checks(container: Container) -> str:
    """What the checks are about to cost, in a line; ``""`` where all are free. Asks nobody."""
    from bot.sync.dry_run import planned  # once, before the checks

    try:
        run = planned(container.sources(), container.ledger, container.clock(), None, due=False)
    except CostError:
        return ""
    paid = {
        (request.source, request.kind.operation): request.kind.price for request in run.requests if request.kind.price
    }
    return f"These checks make {len(paid)} paid requests (${sum(paid.values(), Decimal(0)):.2f}).\n" if paid else ""


@contextmanager
def recorded(file: IO[str] | None) -> Iterator[None]:
    """Puts down every vendor's reply in a file, amounts scaled and names made up; None records nothing."""
    if file is None:
        yield
        return
    from bot.providers._recording import recording  # seldom

    with recording(file):
        yield


def _planned(container: Container) -> str:
    plan = month_plan(container.ledger.memory, container.ledger.requests, container.clock())
    return f" {plan.sentence()}" if plan else ""


def _missing_views(ledger: Ledger, source: str) -> Iterator[Check]:
    """What the last pulls could not bring beside the bill, once each; failed checks where figures lack it."""
    seen: set[str] = set()
    for note in notes_of(ledger.memory, source):
        if note.view not in seen:
            yield Check(f"{source}: {note.view}", ok=not note.columns, message=note.message, hint=note.hint)
        seen.add(note.view)


def _last_sync(ledger: Ledger, source: str) -> Iterator[Check]:
    """What went wrong when it was last pulled, if anything did; a refusal says since when."""
    last = ledger.memory.get(STATE, source)
    if last and last["error"]:
        when = f"{datetime.fromisoformat(last['at']):%d %b, %H:%M} UTC"
        message = f"{when}: {last['error']['message']}"
        yield Check(f"Last sync of {source}", ok=False, message=message, hint=last["error"]["hint"])


def _slack(container: Container) -> Iterator[Check]:
    settings = container.settings
    if settings.slack_bot_token is None:
        yield Check(
            "Slack",
            ok=False,
            message="SLACK_BOT_TOKEN is not set.",
            hint="Create the app from manifest.yml, install it, and copy its Bot User OAuth Token (xoxb-…) into .env.",
        )
        return
    from slack_sdk.errors import SlackApiError  # only with a token to try

    from bot.slack.app import client

    try:
        identity = client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url).auth_test()
    except SlackApiError as error:
        reason = error.response.get("error", "no answer")
        yield Check(
            "Slack bot token", ok=False, message=f"Slack says {reason}.", hint="Reinstall the app and copy its token."
        )
        return
    except OSError as error:
        yield Check(
            "Slack", ok=False, message=f"Slack does not answer: {error}.", hint="Check the network and any proxy."
        )
        return
    yield Check("Slack bot token", ok=True, message=f"It is {identity.get('user')} in {identity.get('team')}.")
    yield from _scopes(str(identity.headers.get("x-oauth-scopes", identity.headers.get("X-OAuth-Scopes", ""))))
    yield from _socket(container)


def _scopes(granted: str) -> Iterator[Check]:
    if not granted:
        return
    missing = [scope for scope in _SCOPES if scope not in {name.strip() for name in granted.split(",")}]
    message = "all granted." if not missing else f"missing: {', '.join(missing)}."
    why = "; ".join(f"{scope} to {_SCOPES[scope]}" for scope in missing)
    yield Check(
        "Slack scopes", ok=not missing, message=message, hint=f"Add {why}, then reinstall the app." if why else ""
    )


def _socket(container: Container) -> Iterator[Check]:
    token = container.settings.slack_app_token
    if token is None:
        ok = container.settings.slack_signing_secret is not None
        hint = "Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode)."
        yield Check(
            "Slack HTTP mode", ok=ok, message="signing secret is set." if ok else "no signing secret.", hint=hint
        )
        return
    from slack_sdk.errors import SlackApiError  # only with a token to try

    from bot.slack.app import client

    reason = ""
    with suppress(OSError):
        try:
            client(token.get_secret_value(), container.settings.slack_api_url).apps_connections_open(
                app_token=token.get_secret_value()
            )
        except SlackApiError as error:
            reason = str(error.response.get("error", "no answer"))
    hint = "Create an app-level token with connections:write and turn on Socket Mode."
    yield Check(
        "Slack Socket Mode", ok=not reason, message=f"Slack says {reason}." if reason else "connects.", hint=hint
    )


_ANY = {
    "type": "object",
    "properties": {"there": {"type": "boolean"}},
    "required": ["there"],
    "additionalProperties": False,
}


def _model(container: Container) -> Iterator[Check]:
    """The language model, where one is named: one short question, held to a form as every other."""
    if not container.settings.language_model:
        return
    from bot.llm_parser import Unanswered  # only where one is named

    what, message, hint = "Language model", f"{container.settings.language_model} answers.", ""
    try:
        if model := container.model:
            model.reply("Say whether you are there.", "Are you there?", _ANY)
    except CostError as error:
        message, hint = error.message, error.hint
    except Unanswered as error:
        message = f"{container.settings.language_model} does not answer: {error}."
        hint = "Check LANGUAGE_MODEL, its key and LANGUAGE_MODEL_URL; until then the bot works without it."
    yield Check(what, ok=not hint, message=message, hint=hint)
