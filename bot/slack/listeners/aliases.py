"""``alias`` after the command: the names that a workspace teaches. Everybody may see them, admins change them."""

from __future__ import annotations

from dataclasses import replace

from slack_bolt import App

from bot.blockkit.build import Message, escape, header, paragraph, small
from bot.domain.scope import Scope
from bot.language.teaching import parts
from bot.render import aliases
from bot.render.slack import plain_message
from bot.slack import answers
from bot.slack.context import AppContext, Request

_MOST = 40
"""Lines of a list: a message takes 50 blocks."""


def listen(_app: App, context: AppContext) -> None:
    """Registers the subcommand, and what becomes of the names of a workspace that removes the app."""
    context.subcommands["alias"] = lambda request, text, _trigger: on_alias(context, request, text)
    context.on_uninstall.append(lambda team: forget(context, team))


def on_alias(context: AppContext, request: Request, text: str) -> None:
    """Lists the aliases, or adds one (``"blue cluster" = production``), removes one, or takes the last act back.

    Raises:
        AccessDenied: only admins change them.
        NotUnderstood: what is taught hides a word, or names nothing that the ledger knows.
    """
    word, _, rest = text.strip().partition(" ")
    if word.lower() in {"", "list"} and not rest:
        context.reply(request, _listing(context, request))
        return
    admin = _of_admin(context, request)
    teaching, team = context.answer_service.teaching, admin.scope.team
    if word.lower() in {"remove", "delete"} and "=" not in text:
        message = aliases.removed(teaching.remove(rest, person=admin.person.id, team=team))
    elif word.lower() == "undo" and not rest:
        message = aliases.undone(*teaching.undo(team))
    else:
        phrase, expression = parts(rest if word.lower() == "add" else text)
        message = aliases.added(teaching.add(phrase, expression, person=admin.person.id, scope=admin.scope))
    answers.audit(context, admin, "changed aliases", f"alias {text}", shown=message)
    context.reply(request, plain_message.sentence(message))


def _of_admin(context: AppContext, request: Request) -> Request:
    """The request with what the workspace may see, in the name of the workspace."""
    admin = context.authorize_admin(request.destination, request.entry_point)
    return replace(admin, scope=admin.scope.within(Scope(team=admin.person.team)))


def _listing(context: AppContext, request: Request) -> Message:
    lines = aliases.lines(context.answer_service.teaching.listed(request.scope))
    if not lines:
        return plain_message.sentence("There are no aliases yet.", aliases.HELP)
    beyond = [f"… {len(lines) - _MOST} more"] if len(lines) > _MOST else []
    shown = [*lines[:_MOST], *beyond]
    return Message(escape("\n".join(shown)), [header("Aliases"), *map(paragraph, shown), *small(aliases.HELP)])


def forget(context: AppContext, team: str) -> None:
    """Deletes what a workspace taught, and the sentences of its people."""
    context.answer_service.teaching.forget(team)
    context.answer_service.sentences.forget(team)
