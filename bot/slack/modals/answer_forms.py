"""The smaller modals: share, how it was computed, this is wrong, settings."""

from __future__ import annotations

import json
from collections.abc import Sequence

from bot import render
from bot.blockkit.build import Block, code, cut, input_block, modal, option, paragraph, plain, section, small
from bot.slack.listeners import options
from bot.slack.people import Preferences
from bot.slack.ports import Reply
from bot.slack.workspace_memory import WorkspaceMemory

_MOST_TEXT = 2900


def share(reply: str, metadata: str) -> Block:
    """Which channel to post an answer in."""
    where = {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": {
            "include": ["public", "private"],
            "exclude_external_shared_channels": True,
            "exclude_bot_users": True,
        },
    }
    note = {"type": "plain_text_input", "multiline": True, "max_length": 1000}
    blocks = [
        paragraph(reply),
        input_block("where", "Channel", where, optional=False),
        input_block("note", "Say with it", note),
        *small("It is posted in your name, for everyone there to read."),
    ]
    return modal("share", "Share this answer", blocks, submit="Share", metadata=metadata)


def computed(reply: Reply) -> Block:
    """What the figures rest on: sources and their freshness, requests, gaps, notes, the question itself."""
    answer = reply.answer
    blocks = [paragraph(reply.read_as or reply.text), *small(f"Measure: {render.METRICS[reply.question.metric]}.")]
    blocks.append(section("*Where it comes from*"))
    for each in answer.as_of:
        through = render.day(each.data_through, year=True) if each.data_through else "nothing yet"
        final = render.day(each.final_through, year=True) if each.final_through else "none of it"
        feed = f", {each.feed}" if each.feed else ""
        read = f"{each.synced:%d %b %Y %H:%M} UTC"
        blocks += small(
            f"{render.source(each.source)}{feed}: read {read}, data through {through}, final through {final}."
        )
    asked = f"{answer.requests.made} ({render.money(answer.requests.cost, 'USD')})" if answer.requests.made else "none"
    blocks += small(
        "Every figure is a sum over the ledger's charges, on the biller's days (UTC), exact until it is drawn.",
        f"Paid requests for this answer: {asked}.",
        *(f"Missing: {each}" for each in render.gaps(answer.gaps)),
        *answer.notes,
    )
    blocks += [section("*The question, as it was read*"), code(_json(reply))]
    return modal("computed", "How it was computed", blocks[:100])


def _json(reply: Reply) -> str:
    return cut(json.dumps(reply.question.model_dump(mode="json"), indent=1, ensure_ascii=False), _MOST_TEXT)


def wrong(reply: str, metadata: str) -> Block:
    """What somebody thinks is wrong with an answer."""
    note = {
        "type": "plain_text_input",
        "multiline": True,
        "max_length": 2000,
        "placeholder": plain("The console says $1,950 for the same days …"),
    }
    blocks = [
        paragraph(reply),
        input_block("note", "What is wrong with it?", note, optional=False),
        *small("The question, how it was read and the answer are kept with your note; admins read it."),
    ]
    return modal("wrong", "This is wrong", blocks, submit="Send", metadata=metadata)


def settings(preferences: Preferences, memory: WorkspaceMemory, currencies: Sequence[str], metadata: str = "") -> Block:
    """What somebody sets for themselves."""
    zone = preferences.timezone
    money = [option(code, code) for code in dict.fromkeys([*currencies, preferences.currency]) if code]
    chosen = next((each for each in money if each["value"] == preferences.currency), None)
    first = options.initial(memory, preferences.where, exclude=False)
    zones = {
        "type": "external_select",
        "min_query_length": 2,
        "placeholder": plain("As in your Slack profile"),
        **({"initial_option": option(zone, zone)} if zone else {}),
    }
    totals = {
        "type": "static_select",
        "options": money,
        "placeholder": plain("As billed"),
        **({"initial_option": chosen} if chosen else {}),
    }
    usual = {
        "type": "multi_external_select",
        "min_query_length": 0,
        "placeholder": plain("Everything"),
        **({"initial_options": first} if first else {}),
    }
    blocks = [
        input_block("timezone", "Timezone", zones, hint="Decides which day “today” is."),
        input_block("currency", "Amounts also in", totals, hint="What was billed is named beside it."),
        input_block("only", "Usually only", usual, hint="For questions that name nothing of the kind."),
    ]
    return modal("settings", "Settings", blocks, submit="Save", metadata=metadata)
