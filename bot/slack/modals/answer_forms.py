"""The modals of an answer: share it, see how it was computed, report it as wrong; and a person's settings."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot import render
from bot.blockkit.build import Block, code, cut, header, input_block, modal, option, paragraph, plain, small
from bot.render import answer_json
from bot.slack.modals.form import FiltersField, Form, TextField, Timezone
from bot.slack.people import Preferences
from bot.slack.ports import Reply
from bot.slack.workspace_memory import WorkspaceMemory

_MAX_JSON = 2900
_MAX_BLOCKS = 100


def share(answer: str, metadata: str) -> Block:
    """Which channel to post an answer in."""
    channel = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    note = TextField(name="note", label="Add a note", multiline=True, max_length=1000)
    blocks = [
        paragraph(answer),
        input_block("where", "Channel", channel, optional=False),
        note.block({}),
        *small("It is posted with your name, and everyone in the channel can read it."),
    ]
    return modal("share", "Share this answer", blocks, submit="Share", metadata=metadata)


def computed(reply: Reply) -> Block:
    """What the figures rest on: sources and their freshness, paid requests, gaps, notes, the question itself."""
    answer = reply.answer
    blocks = [paragraph(reply.read_as), *small(f"Measure: {render.METRICS[reply.question.metric]}.")]
    blocks.append(header("Where the data comes from"))
    for source in answer.as_of:
        through = render.day(source.data_through, year=True) if source.data_through else "nothing yet"
        final = f"final through {render.day(source.final_through, year=True)}" if source.final_through else "not final"
        feed = f", {source.feed}" if source.feed else ""
        read = f"synced {source.synced:%d %b %Y %H:%M} UTC"
        blocks += small(f"{render.source(source.source)}{feed}: {read}, data through {through}, {final}.")
    made, cost = answer.requests.made, render.money(answer.requests.cost, "USD")
    blocks += small(
        "Every figure is an exact sum of charges by billing day (UTC). Amounts are rounded only for display.",
        f"Paid requests for this answer: {f'{made} ({cost})' if made else 'none'}.",
        *(f"Missing: {gap}" for gap in render.gaps(answer.gaps)),
        *answer_json.notes(answer),
    )
    blocks += [header("The question as it was read"), code(_json(reply))]
    return modal("computed", "How it was computed", blocks[:_MAX_BLOCKS])


def _json(reply: Reply) -> str:
    return cut(json.dumps(reply.question.model_dump(mode="json"), indent=1, ensure_ascii=False), _MAX_JSON)


def report(answer: str, metadata: str) -> Block:
    """What somebody believes is wrong with an answer."""
    form = Form(
        callback="wrong",
        fields=(
            TextField(
                name="note",
                label="What is wrong with it?",
                required=True,
                multiline=True,
                max_length=2000,
                placeholder="The console shows $1,950 for the same days …",
            ),
        ),
        intro=answer,
        notes=("Your admins see your note with the question, how it was read, and the answer.",),
        submit="Send",
    )
    return form.view("Report a wrong number", {}, metadata)


def settings(preferences: Preferences, memory: WorkspaceMemory, currencies: Sequence[str], metadata: str = "") -> Block:
    """What somebody sets for themselves."""
    codes = dict.fromkeys([*currencies, preferences.currency])
    options = [option(currency, currency) for currency in codes if currency]
    chosen = [choice for choice in options if choice["value"] == preferences.currency]
    currency = {
        "type": "static_select",
        "options": options,
        "placeholder": plain("As billed"),
        **({"initial_option": chosen[0]} if chosen else {}),
    }
    timezone = Timezone(
        name="timezone",
        label="Time zone",
        hint="Decides which day “today” is. If empty, your Slack profile's time zone is used.",
    )
    usual = FiltersField(
        name="only",
        label="Usually only",
        hint="Applies to questions that name no account, service or tag of the same kind.",
        memory=memory,
    )
    blocks = [
        timezone.block({"timezone": preferences.timezone}),
        input_block("currency", "Also show amounts in", currency, hint="The billed amount is shown too."),
        usual.block({"only": preferences.where}),
    ]
    return modal("settings", "Your settings", blocks, submit="Save", metadata=metadata)
