"""A team's own names in the terminal, and the sentences that call for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from bot.app.cli.base import opened, spend
from bot.domain.scope import Scope

if TYPE_CHECKING:
    from bot.app.container import Container

_PERSON = ""
"""Who changes an alias in the terminal: whoever runs the bot."""


@spend.command(short_help='Teach names of your own: alias "blue cluster" = production; list, remove, undo.')
@click.argument("words", nargs=-1)
@click.option("--team", default="", metavar="ID", help="Only for this Slack workspace; for all where none is named.")
@click.option("--json", "as_json", is_flag=True, help="The list as JSON.")
def alias(words: tuple[str, ...], *, team: str, as_json: bool) -> None:
    """Teach names of your own, which questions may use at once, everywhere.

    \b
    spend alias                                lists them
    spend alias "blue cluster" = production    adds one, or replaces it
    spend alias remove blue cluster            takes one away
    spend alias undo                           takes the last act back
    """  # noqa: D301 - click's own sign
    from bot.render import aliases  # --help needs none

    container = opened()
    container.filled_ledger()
    teaching, scope = container.answer_service.teaching, Scope(team=team)
    text = " ".join(words)
    if not words or text == "list":
        click.echo(_listed(container, team, as_json=as_json))
    elif words[0] in {"remove", "delete"} and "=" not in text:
        click.echo(aliases.removed(teaching.remove(" ".join(words[1:]), person=_PERSON, team=team)))
    elif text == "undo":
        click.echo(aliases.undone(*teaching.undo(team)))
    else:
        from bot.language.teaching import parts

        phrase, expression = parts(text)
        click.echo(aliases.added(teaching.add(phrase, expression, person=_PERSON, scope=scope)))


def _listed(container: Container, team: str, *, as_json: bool) -> str:
    from bot.render import aliases  # --help needs none

    found = container.answer_service.teaching.listed(Scope(team=team))
    if not as_json:
        return "\n".join(aliases.lines(found)) or f"There are no aliases yet. {aliases.HELP}"
    listed = [
        {
            "phrase": item.phrase,
            "expression": item.expression,
            "where": [part.model_dump(mode="json") for part in filters],
            "team": item.team,
            "by": item.person,
            "at": item.at.isoformat(),
        }
        for item, filters in found
    ]
    return json.dumps({"aliases": listed}, ensure_ascii=False)


def language_report(container: Container, *, as_json: bool) -> str:
    """``spend doctor language``: the sentences that were not understood, or not rightly, as aliases and test cases."""
    from bot.render import aliases  # --help needs none

    found = list(container.answer_service.candidates())
    if as_json:
        listed = [
            {
                "phrase": item.phrase,
                "times": item.times,
                "kinds": sorted(item.kinds),
                "unknown": list(item.unread),
                "nearest": {word: list(names) for word, names in item.near.items()},
                "aliases": [f"spend {line}" for line in item.aliases],
                "read_as": item.reading or None,
                "case": item.case,
            }
            for item in found
        ]
        return json.dumps({"candidates": listed}, ensure_ascii=False)
    shown = [
        f"{aliases.candidate(item, 'spend')}\n    test case: {json.dumps(item.case, ensure_ascii=False)}"
        for item in found
    ]
    return "\n\n".join(shown) or "Every sentence of the last days was understood."
