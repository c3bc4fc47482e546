"""What people make in Slack and keep under a name (budgets, digests, alert rules): its window, its menu, its owner."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk import WebClient

from bot.domain.errors import AccessDenied, CostError, NotUnderstood
from bot.domain.scope import Scope
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.listeners.messages import is_first_delivery
from bot.slack.modals import fields
from bot.slack.modals.fields import Field

_Made = TypeVar("_Made")


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def handle(self) -> str:
        """Its name, and what tells it from another one of that name."""


_Named = TypeVar("_Named", bound=Named)


def opened(context: AppContext, body: Body, client: WebClient) -> Request:
    """Who pressed a button or chose from a menu, on a message or in App Home.

    Raises:
        AccessDenied: they may see nothing there.
    """
    destination = fields.origin(body, client) if body.get("view") else destination_of(body, client)
    return context.authorize(destination, "button")


def chosen(body: Body) -> tuple[str, str]:
    """What was chosen from a menu: a word, and what it is about."""
    word, _, name = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    return word, name


def here(request: Request) -> str:
    """The channel that something new may be meant for; ``""`` where nobody else reads."""
    return request.destination.channel if request.destination.channel[:1] in {"C", "G"} else ""


def mine(request: Request, owner: str, hint: str = "Ask one of them.") -> None:
    """Lets its owner and admins pass.

    Raises:
        AccessDenied: it is somebody else.
    """
    if request.person.id != owner and not request.person.admin:
        raise AccessDenied("Only its owner or an admin may do that.", hint)


def visible(context: AppContext, request: Request, owner: str, about: Callable[[], Scope]) -> bool:
    """Whether somebody is told of a thing, its name included: whose it is, and who sees all that it is about."""
    return request.person.id == owner or context.asker.sees_all(about(), request.scope)


def named(found: Sequence[_Named], name: str, what: str) -> _Named | None:
    """Of those that somebody may know of, the one of that name.

    Raises:
        NotUnderstood: there are several.
    """
    exact = [each for each in found if each.handle == name]
    fitting = exact or [each for each in found if each.name.casefold() == name.strip().casefold()]
    if len(fitting) > 1:
        raise NotUnderstood(f"There are several {what} of that name.", "Choose from the menu of the one in the list.")
    return fitting[0] if fitting else None


def distinct(key: str, kept: Mapping[str, object], before: str) -> str:
    """What tells a thing from another one of the same key that its maker is not told of; ``""`` where there is none.

    ``before`` is the key of the one that it replaces.
    """
    return uuid4().hex[:8] if key in kept and key != before else ""


def free(name: str, taken: Collection[str], what: str) -> list[Field]:
    """What is wrong with a name: that another one has it of which its maker is told."""
    others = {each.casefold() for each in taken}
    return [Field("name", f"There is {what} of that name already.")] if name.casefold() in others else []


def submitted(  # noqa: PLR0913 - a submission, and what is made of it
    context: AppContext,
    ack: Ack,
    body: Body,
    client: WebClient,
    what: str,
    read: Callable[[Request, Mapping[str, str], Body], _Made | list[Field]],
    keep: Callable[[Request, _Made, str], None],
) -> None:
    """Keeps what a window's fields make, once however often Slack sends it; or says at the field what is wrong.

    ``read`` is given what the window carried, ``keep`` the name under ``what`` of that: of the one that is changed.
    """
    told = fields.carried(body["view"])
    try:
        request = context.authorize(fields.origin(body, client), "modal")
        found = read(request, told, body)
    except CostError as error:
        found = [Field("name", str(error)[:150])]
    if isinstance(found, list):
        ack(response_action="errors", errors=fields.errors(found))
        return
    ack()
    if is_first_delivery(context, body):
        keep(request, found, told.get(what, ""))
