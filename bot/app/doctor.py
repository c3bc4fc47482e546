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
from bot.ledger import Ledger, private_file
from bot.ledger.month_plan import month_plan
from bot.ledger.notes import notes_of
from bot.providers import Check
from bot.providers._http import distinct_failures
from bot.sync.request_budget import Purse, SourceMeter
from bot.sync.service import STATE

if TYPE_CHECKING:
    from bot.app.container import House

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


def checks(house: House) -> Iterator[Check]:
    """Ledger, sources, Slack and the language model, in this order."""
    for check in (*_ledger(house), *_files(house), *_sources(house), *_slack(house), *_model(house)):
        yield _without_secrets(check)


def _without_secrets(check: Check) -> Check:
    """The check with every secret struck out of its sentences."""
    return replace(check, message=struck(check.message), hint=struck(check.hint))


def source_checks(house: House, name: str) -> Iterator[Check]:
    """The checks of one source; those of AWS make a few paid requests."""
    request_budget = Purse(house.ledger, house.settings.api_spend_ceiling, house.clock, threading.Event())
    for opened in house.sources([name]).values():
        for check in opened(SourceMeter(name, request_budget)).checks():
            yield _without_secrets(check)


def slack_checks(house: House) -> Iterator[Check]:
    """The checks of Slack's tokens and scopes."""
    for check in _slack(house):
        yield _without_secrets(check)


def _ledger(house: House) -> Iterator[Check]:
    try:
        ledger = house.ledger
        days = [covered for feed in ledger.feeds() if (covered := ledger.covered(feed))]
        ledger.memory.put("doctor", "write", {"at": house.clock().isoformat()})
    except CostError as error:
        yield Check("Ledger", ok=False, message=error.message, hint=error.hint)
        return
    held = f"{min(d.start for d in days)} to {max(d.last for d in days)}" if days else "empty as yet"
    yield Check("Ledger", ok=True, message=f"{ledger.name} is there and writable, {held}.")
    yield from _exposed(house)
    yield from _warnings(ledger)


def _exposed(house: House) -> Iterator[Check]:
    """What others on this machine can read or change: the ledger's files, its folder, ``.env``."""
    url = house.settings.ledger_url
    ledger = Path(url.partition(":///")[2]) if url.startswith("sqlite:///") else None
    files = [] if ledger is None else [Path(f"{ledger}{ending}") for ending in ("", "-wal", "-shm")]
    folders = [] if ledger is None else [ledger.absolute().parent]
    for path in (*files, *folders, Path(".env")):
        if how := private_file.exposed(path):
            mode = "go-w" if path in folders else "600"
            yield Check(f"Access to {path}", ok=False, message=f"{how}.", hint=f"Run: chmod {mode} {path}")


def _files(house: House) -> Iterator[Check]:
    """Whose the declared budgets and digests are, where there are several workspaces."""
    settings = house.settings
    try:
        if owner_of_files(settings) != NOBODY:
            return
        budgets = [budget.name for budget in house.budgets() if budget.team == NOBODY]
        digests = [digest.name for digest in house.digests() if not digest.team and not settings.slack_bot_token]
    except CostError as error:
        yield Check("Declared files", ok=False, message=error.message, hint=error.hint)
        return
    for path, names in ((settings.budgets_file, budgets), (settings.digests_file, digests)):
        if names:
            message = f"{', '.join(names)}: of no workspace, so nobody sees it in Slack."
            yield Check(str(path), ok=False, message=message, hint='Add team = "T012AB3CD" to it.')


def _warnings(ledger: Ledger) -> Iterator[Check]:
    """Feeds of one source that disagree."""
    for feed, found in ledger.memory.all("warning").items():
        days = found.get("days", [])
        if days:
            message = f"it disagrees with the source's bill on {len(days)} days, first on {days[0]['day']}."
            yield Check(f"Feed {feed}", ok=False, message=message, hint="Run spend sync; if it stays, report it.")


def _sources(house: House) -> Iterator[Check]:
    try:
        opens = house.sources()
    except CostError as error:
        yield Check("Providers", ok=False, message=error.message, hint=error.hint)
        return
    ceiling, today = house.settings.api_spend_ceiling, house.clock().date()
    before = house.ledger.requests.spent(today)
    request_budget = Purse(house.ledger, ceiling, house.clock, threading.Event())
    for name, opened in opens.items():
        try:
            tried = opened(SourceMeter(name, request_budget)).checks()
            for check in distinct_failures(chain(tried, _missing_views(house.ledger, name))):
                yield replace(check, what=check.what if name in check.what.lower() else f"{check.what} ({name})")
        except CostError as error:
            yield Check(name, ok=False, message=error.message, hint=error.hint)
        yield from _last_sync(house.ledger, name)
    spent = house.ledger.requests.spent(today)
    yield Check(
        "Paid requests",
        ok=spent < ceiling,
        message=f"{spent:f} of {ceiling:f} USD spent this month, {spent - before:f} of it for these checks."
        + _planned(house),
        hint="Raise API_SPEND_CEILING, or wait for next month.",
    )


def paid_checks(house: House) -> str:
    """What the checks are about to cost, in a line; ``""`` where all are free. Asks nobody."""
    from bot.sync.dry_run import planned  # once, before the checks

    try:
        run = planned(house.sources(), house.ledger, house.clock(), None, due=False)
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


def _planned(house: House) -> str:
    plan = month_plan(house.ledger.memory, house.ledger.requests, house.clock())
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


def _slack(house: House) -> Iterator[Check]:
    settings = house.settings
    if settings.slack_bot_token is None:
        yield Check(
            "Slack",
            ok=False,
            message="SLACK_BOT_TOKEN is not set.",
            hint="Make the app from manifest.yml, install it, and copy its Bot User OAuth Token (xoxb-…) into .env.",
        )
        return
    from slack_sdk.errors import SlackApiError  # only with a token to try

    from bot.slack.app import client

    try:
        identity = client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url).auth_test()
    except SlackApiError as error:
        reason = error.response.get("error", "no answer")
        yield Check(
            "Slack bot token", ok=False, message=f"Slack says {reason}.", hint="Install the app again, copy its token."
        )
        return
    except OSError as error:
        yield Check(
            "Slack", ok=False, message=f"Slack does not answer: {error}.", hint="Check the network and any proxy."
        )
        return
    yield Check("Slack bot token", ok=True, message=f"It is {identity.get('user')} in {identity.get('team')}.")
    yield from _scopes(str(identity.headers.get("x-oauth-scopes", identity.headers.get("X-OAuth-Scopes", ""))))
    yield from _socket(house)


def _scopes(granted: str) -> Iterator[Check]:
    if not granted:
        return
    missing = [scope for scope in _SCOPES if scope not in {name.strip() for name in granted.split(",")}]
    message = "all there." if not missing else f"it lacks {', '.join(missing)}."
    why = "; ".join(f"{scope} to {_SCOPES[scope]}" for scope in missing)
    yield Check(
        "Slack scopes", ok=not missing, message=message, hint=f"Add {why}, and install the app again." if why else ""
    )


def _socket(house: House) -> Iterator[Check]:
    token = house.settings.slack_app_token
    if token is None:
        ok = house.settings.slack_signing_secret is not None
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
            client(token.get_secret_value(), house.settings.slack_api_url).apps_connections_open(
                app_token=token.get_secret_value()
            )
        except SlackApiError as error:
            reason = str(error.response.get("error", "no answer"))
    hint = "Make an app-level token with connections:write and switch Socket Mode on."
    yield Check(
        "Slack Socket Mode", ok=not reason, message=f"Slack says {reason}." if reason else "connects.", hint=hint
    )


_ANY = {
    "type": "object",
    "properties": {"there": {"type": "boolean"}},
    "required": ["there"],
    "additionalProperties": False,
}


def _model(house: House) -> Iterator[Check]:
    """The language model, where one is named: one short question, held to a form as every other."""
    if not house.settings.language_model:
        return
    from bot.llm_parser import Unanswered  # only where one is named

    what, message, hint = "Language model", f"{house.settings.language_model} answers.", ""
    try:
        if model := house.model:
            model.reply("Say whether you are there.", "Are you there?", _ANY)
    except CostError as error:
        message, hint = error.message, error.hint
    except Unanswered as error:
        message = f"{house.settings.language_model} does not answer: {error}."
        hint = "Check LANGUAGE_MODEL, its key and LANGUAGE_MODEL_URL; meanwhile the bot reads without it."
    yield Check(what, ok=not hint, message=message, hint=hint)
