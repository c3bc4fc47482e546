"""Gives a resource its commands, buttons, modal, list, App Home section, permissions and audit entries."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Generic

from pydantic import ValidationError
from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import render
from bot.blockkit.build import (
    Block,
    Message,
    actions,
    button,
    escape,
    header,
    overflow,
    paragraph,
    plain,
    section,
    small,
)
from bot.domain.errors import AccessDenied, CostError, NotUnderstood
from bot.render.slack import plain_message
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.deduplication import deduplicated, is_first_delivery
from bot.slack.delivery import Destination
from bot.slack.modals import fields
from bot.slack.modals.fields import FieldError
from bot.slack.resources.base import Action, Answered, Opening, Rejected, Resource, T

_MAX_LISTED, _MAX_AT_HOME = 20, 10
_REPLACES = "item"
"""Under which name a modal carries the handle of the item that it edits."""


def listen(app: App, context: AppContext, resource: Resource[Any]) -> Controller[Any]:
    """Registers a resource's listeners, commands, App Home section and cleanup."""
    controller: Controller[Any] = Controller(context, resource)
    for word in resource.subcommands:
        if resource.for_admins:
            for text in controller.commands_without_name(word):
                context.exact_commands[text] = partial(controller.on_admin_command, text.partition(" ")[2])
        context.subcommands[word] = controller.on_command
    if resource.for_admins:
        context.admin_home_sections.append(controller.admin_home_section)
    else:
        context.home_sections.append(controller.home_section)
    context.on_uninstall.append(resource.repository.erase)
    app.action(f"{resource.key}_new")(deduplicated(context, controller.on_new))
    app.action(f"{resource.key}_menu")(deduplicated(context, controller.on_menu))

    @app.view(resource.key)
    def submitted(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        controller.on_submitted(ack, body, client)

    return controller


class Controller(Generic[T]):
    """One resource's listeners."""

    def __init__(self, context: AppContext, resource: Resource[T]) -> None:
        self._context, self._resource = context, resource
        self._actions: dict[str, Action[T]] = {**resource.actions()}
        if resource.pausable:
            self._actions |= {"pause": Action("Pause", self._pause), "resume": Action("Resume", self._resume)}
        self._actions["delete"] = Action("Delete", self._delete)

    # --- what is asked for ------------------------------------------------------------------------------------

    def commands_without_name(self, word: str) -> list[str]:
        """The whole texts of commands that name no item."""
        return [word, f"{word} list", f"{word} new"]

    def on_admin_command(self, text: str, destination: Destination, trigger: str) -> None:
        """A command of an admin, who may be shut out from costs by the very rules that they come to change."""
        self.on_command(self._context.authorize_admin(destination, "slash"), text, trigger)

    def on_command(self, request: Request, text: str, trigger: str) -> None:
        """A command: its first word says what to do, the rest names the item."""
        if self._resource.for_admins:
            request = self._context.authorize_admin(request.destination, request.entry_point)
        word, _, name = text.partition(" ")
        match word.lower():
            case "" | "list":
                self._context.reply(request, self.list_message(request))
            case "new":
                self.open_new(request, trigger, self._resource.opening(request))
            case "edit" | "change":
                self._edit(request, self._find(request, name), trigger)
            case known if known in self._actions:
                self._run(request, known, self._find(request, name))
            case _:
                self._on_other_words(request, text, trigger)

    def _on_other_words(self, request: Request, text: str, trigger: str) -> None:
        with contextlib.suppress(Answered):
            opening = self._resource.on_other_words(request, text)
            if opening is None:
                word = text.partition(" ")[0]
                raise NotUnderstood(f"There is no command {word!r} for {self._resource.plural}.", self._help)
            self.open_new(request, trigger, opening)

    def on_new(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """The button for a new item."""
        request = self._request(body, client)
        self.open_new(request, str(body["trigger_id"]), self._resource.opening(request))

    def on_menu(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Something chosen from an item's menu."""
        word, _, handle = str(body["actions"][0]["selected_option"]["value"]).partition(":")
        request = self._request(body, client)
        item = self._find(request, handle)
        if word == "edit":
            self._edit(request, item, str(body["trigger_id"]))
        else:
            self._run(request, word, item)

    def _request(self, body: Body, client: WebClient, entry_point: str = "button") -> Request:
        destination = fields.origin(body, client) if body.get("view") else destination_of(body, client)
        if self._resource.for_admins:
            return self._context.authorize_admin(destination, entry_point)
        shared = self._context.people.shared_outside(client, destination.team, destination.channel)
        return self._context.authorize(destination, entry_point, shared=shared)

    # --- which items somebody may know of ---------------------------------------------------------------------

    def visible(self, request: Request) -> list[T]:
        """The items that somebody is told of: their own, and those of which they may see all."""
        return [item for item in self._resource.repository.all(request.person.team) if self._is_visible(request, item)]

    def _is_visible(self, request: Request, item: T) -> bool:
        if self._resource.for_admins or item.owner == request.person.id:
            return True
        return self._context.answer_service.sees_all(self._resource.about(request, item), request.scope)

    def _find(self, request: Request, name: str) -> T:
        """An item by its handle or name. Of those that the person may not know of, nothing tells that they exist.

        Raises:
            NotUnderstood: there is none, or there are several.
        """
        name, noun, plural = name.strip(), self._resource.noun, self._resource.plural
        if not name:
            raise NotUnderstood(f"Which {noun}?", self._help)
        items = self.visible(request)
        found = [item for item in items if item.handle == name]
        found = found or [item for item in items if item.name.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotUnderstood(f"Several {plural} are called {name!r}.", "Use the menu next to the one you mean.")
        names = render.listed([item.name for item in items], most=20)
        hint = f"Available: {names}." if items else f"There are no {plural} yet."
        raise NotUnderstood(f"There is no {noun} called {name!r}.", hint, unknown=(name,))

    # --- what is done with an item ----------------------------------------------------------------------------

    def _run(self, request: Request, word: str, item: T) -> None:
        action = self._actions[word]
        if action.owner_only:
            self._require_owner(request, item)
        action.run(request, item)
        self._audit(request, word, item)

    def _require_owner(self, request: Request, item: T) -> None:
        if request.person.id != item.owner and not request.person.admin:
            hint = "Ask one of them." if item.owner else "It is declared in a file. Ask an admin."
            raise AccessDenied(f"Only the owner of this {self._resource.noun} or an admin can do that.", hint)

    def _audit(self, request: Request, word: str, item: T) -> None:
        self._context.audit.note(
            request.person.team,
            request.person.id,
            f"{self._resource.key} {word}",
            entry_point=request.entry_point,
            question=self._resource.audit_text(item),
        )

    def _delete(self, request: Request, item: T) -> None:
        self._resource.repository.delete(item)
        self._context.reply(request, plain_message.sentence(f"The {self._resource.noun} {item.name} is deleted."))

    def _pause(self, request: Request, item: T) -> None:
        self._resource.pause(item, paused=True)
        resume = f"To resume it: {self._command} resume {item.name}"
        sentence = plain_message.sentence(f"The {self._resource.noun} {item.name} is paused.", resume)
        self._context.reply(request, sentence)

    def _resume(self, request: Request, item: T) -> None:
        self._resource.pause(item, paused=False)
        active = next(
            other for other in self._resource.repository.all(request.person.team) if other.handle == item.handle
        )
        text = " ".join([f"The {self._resource.noun} {item.name} is active again.", *self._notes(request, active)])
        self._context.reply(request, plain_message.sentence(text))

    def _notes(self, request: Request, item: T) -> list[str]:
        return self._resource.on_saved(request, item)

    # --- its form ---------------------------------------------------------------------------------------------

    def open_new(self, request: Request, trigger: str, opening: Opening) -> None:
        """Opens the form for a new item."""
        self._context.open(request.destination, trigger, self.form_view(request, opening))

    def form_view(self, request: Request, opening: Opening) -> Block:
        """The modal of a new item."""
        metadata = fields.metadata(request.destination, **opening.carry)
        form = replace(self._resource.form(request), intro=opening.intro)
        return form.view(f"New {self._resource.noun}", opening.values, metadata)

    def _edit(self, request: Request, item: T, trigger: str) -> None:
        if not self._resource.is_editable(item):
            raise AccessDenied(f"{item.name} is declared in a file.", "The bot's operator can change it there.")
        self._require_owner(request, item)
        metadata = fields.metadata(request.destination, **{_REPLACES: item.handle})
        view = self._resource.form(request).view(
            f"Change {self._resource.noun}", self._resource.values(request, item), metadata
        )
        self._context.open(request.destination, trigger, view)

    def on_submitted(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Saves what was entered, once however often Slack sends it; or says at the field what is wrong with it."""
        carried = fields.read_metadata(body["view"])
        try:
            request = self._request(body, client, "modal")
            entered = self._entered(request, body, carried)
        except CostError as error:
            entered = [FieldError(_first_field(body), str(error))]
        if isinstance(entered, list):
            ack(response_action="errors", errors=fields.errors(entered))
            return
        ack()
        if is_first_delivery(self._context, body):
            self._save(request, entered, carried.get(_REPLACES, ""))

    def _entered(self, request: Request, body: Body, carried: dict[str, str]) -> T | list[FieldError]:
        before = self._find(request, carried[_REPLACES]) if _REPLACES in carried else None
        if before is not None:
            self._require_owner(request, before)
        form = self._resource.form(request)
        values = form.read(body["view"]["state"]["values"])
        if isinstance(values, list):
            return values
        try:
            item = self._resource.build(request, values, before, carried)
        except Rejected as rejected:
            return list(rejected.errors)
        except ValidationError as error:
            return [_of_validation(error, [field.name for field in form.fields])]
        others = [other for other in self.visible(request) if before is None or other.handle != before.handle]
        if item.name.casefold() in {other.name.casefold() for other in others}:
            return [FieldError(form.fields[0].name, f"There is already a {self._resource.noun} called {item.name}.")]
        return item

    def _save(self, request: Request, item: T, replaces: str) -> None:
        item = self._resource.repository.save(item, replaces=replaces)
        self._audit(request, "saved", item)
        notes = self._notes(request, item)
        line = f"{item.name} is saved: {self._resource.summary(item)}."
        blocks = [paragraph(line, self._menu(item)), *small(*notes)]
        self._context.reply(request, Message(escape(" ".join([line, *notes])), blocks))

    # --- how items are shown ----------------------------------------------------------------------------------

    @property
    def _command(self) -> str:
        return f"{self._context.settings.command} {self._resource.subcommands[0]}"

    @property
    def _help(self) -> str:
        words = " · ".join(f"{word} NAME" for word in ["edit", *self._actions])
        return f"{self._command} new · list · {words}"

    def list_message(self, request: Request) -> Message:
        """Every item that the person may know of, each with its menu."""
        items, plural = self.visible(request), self._resource.plural
        title = f"{plural[:1].upper()}{plural[1:]}"
        blocks = [header(title), *self._blocks(request, items[:_MAX_LISTED])]
        blocks += small(f"and {len(items) - _MAX_LISTED} more" if len(items) > _MAX_LISTED else "")
        blocks += [*actions(self._new_button()), *small(self._help)]
        lines = [f"{item.name}: {self._resource.summary(item)}" for item in items]
        return Message(escape("\n".join([f"{title}:", *lines] if lines else [self._none, self._help])), blocks)

    @property
    def _none(self) -> str:
        return self._resource.none or f"There are no {self._resource.plural} yet."

    def _new_button(self) -> Block:
        return button(f"New {self._resource.noun}", f"{self._resource.key}_new")

    def _blocks(self, request: Request, items: Sequence[T]) -> list[Block]:
        details = self._resource.details(request, items)
        blocks: list[Block] = []
        for item in items:
            texts = details.get(item.handle) or [plain(self._resource.summary(item), 2000)]
            blocks.append(self._resource.heading(item, self._menu(item)))
            blocks.append({"type": "context", "elements": texts})
        return blocks or small(self._none)

    def _menu(self, item: T) -> Block:
        """At most five: what Slack takes."""
        offered = {word: action.label for word, action in self._actions.items()}
        offered.pop("pause" if self._resource.is_paused(item) else "resume", None)
        delete = offered.pop("delete")
        if self._resource.is_editable(item):
            offered |= {"edit": "Change…", "delete": delete}
        return overflow(
            f"{self._resource.key}_menu", [(label, f"{word}:{item.handle}") for word, label in offered.items()]
        )

    def home_section(self, request: Request) -> list[Block]:
        """Somebody's own items, for App Home."""
        mine = [item for item in self.visible(request) if self._resource.is_mine(request, item)]
        heading = section(f"*My {self._resource.plural}*", self._new_button())
        return [heading, *(self._blocks(request, mine[:_MAX_AT_HOME]) if mine else small("You have none yet."))]

    def admin_home_section(self, destination: Destination) -> list[Block]:
        """Every item, for the App Home of admins."""
        request = self._context.authorize_admin(destination, "home")
        plural = self._resource.plural
        heading = section(f"*{plural[:1].upper()}{plural[1:]}*", self._new_button())
        return [heading, *self._blocks(request, self.visible(request)[:_MAX_AT_HOME])]


def _first_field(body: Body) -> str:
    blocks = [block for block in body["view"].get("blocks") or () if block.get("type") == "input"]
    return str(blocks[0]["block_id"]) if blocks else "name"


def _of_validation(error: ValidationError, names: Sequence[str]) -> FieldError:
    """The first thing wrong with an item, at the field that holds it."""
    first = error.errors(include_input=False, include_url=False)[0]
    part = str(first["loc"][0]) if first["loc"] else ""
    return FieldError(part if part in names else names[0], str(first["msg"]).removeprefix("Value error, "))
