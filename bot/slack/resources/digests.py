"""Digests from Slack: ``digest …`` after the command, the modal, the menu of each digest, "schedule this", App Home."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import render
from bot.blockkit.build import Block, Message, actions, button, escape, header, option, section, small
from bot.digests.model import Asked
from bot.digests.scope import resolved
from bot.digests.service import Digest, DigestListItem, Digests
from bot.domain.errors import AccessDenied, CostError, NotUnderstood, Unavailable
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope
from bot.render.slack import answer_message, followups
from bot.slack.context import AppContext, Body, Request
from bot.slack.digest_publisher import readable
from bot.slack.listeners import buttons
from bot.slack.modals import fields
from bot.slack.modals.fields import Field
from bot.slack.resources import base, digest_form
from bot.slack.workspace_memory import WorkspaceMemory

_MOST = 40
_HISTORY = 30
_WORDS = "new · list · test NAME · pause NAME · resume NAME · history NAME · delete NAME"


def listen(app: App, context: AppContext, digests: Digests) -> None:
    """Registers the listeners and joins the desk: ``digest`` after the command, "schedule this", App Home."""
    office = _Office(context, digests)
    context.subcommands["digest"] = context.subcommands["digests"] = office.hear
    context.digest_modal = office.schedule
    context.home_sections.append(office.home)
    context.on_uninstall.append(digests.erase)
    digests.apart = context.settings.workspaces is not None
    app.action("digest_new")(buttons.deduplicated(context, office.press_new))
    app.action("digest_menu")(buttons.deduplicated(context, office.press_menu))

    @app.view(digest_form.CALLBACK)
    def submitted(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        office.submit(ack, body, client)


@dataclass(frozen=True)
class _Office:
    context: AppContext
    digests: Digests

    # --- what is heard ----------------------------------------------------------------------------------------

    def hear(self, request: Request, rest: str, trigger: str) -> None:
        """A command: its first word says what, the rest names the digest."""
        word, _, name = rest.partition(" ")
        word = word.lower()
        if word in {"", "list"}:
            self.context.reply(request, self.listed(request))
        elif word == "new":
            self.open_new(request, trigger)
        elif word in _DEEDS:
            self.do(request, word, self._found(request, name), trigger)
        else:
            raise NotUnderstood(f"{word!r} is nothing I can do with digests.", self._words)

    def press_new(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Opens the modal from a button."""
        self.open_new(base.opened(self.context, body, client), str(body["trigger_id"]))

    def press_menu(self, _context: AppContext, body: Body, client: WebClient) -> None:
        """Something chosen from a digest's menu."""
        word, name = base.chosen(body)
        request = base.opened(self.context, body, client)
        self.do(request, word, self._found(request, name), str(body["trigger_id"]))

    def do(self, request: Request, word: str, digest: Digest, trigger: str) -> None:
        """One of the deeds, as far as the person may do it."""
        if word in {"pause", "resume", "delete", "edit"}:
            self._mine(request, digest)
        _DEEDS[word](self, request, digest, trigger)
        self.context.audit.note(
            request.person.team,
            request.person.id,
            f"digest {word}",
            entry_point=request.entry_point,
            question=digest.name,
        )

    @property
    def _words(self) -> str:
        return f"{self.context.settings.command} digest {_WORDS}"

    def _found(self, request: Request, name: str) -> Digest:
        """One that the person may know of: of others it is not even said that there are any."""
        if not name.strip():
            raise NotUnderstood("Which digest?", self._words)
        known = self._seen(request)
        base.named(known, name, "digests")
        return self.digests.find(name, request.person.team, among=known)

    def _seen(self, request: Request) -> list[Digest]:
        """Those that somebody is told of: their own, and those of which they see all that is told in them."""
        mine = self.digests.all(request.person.team)
        return [each for each in mine if self._visible(request, each)]

    def _visible(self, request: Request, digest: Digest) -> bool:
        return base.visible(self.context, request, digest.owner, partial(self._about, request, digest))

    def _about(self, request: Request, digest: Digest) -> Scope:
        """All that a digest tells of: what its readers see of its scope."""
        try:
            seen = self.digests.publisher.scope(digest) if self.digests.publisher else EVERYTHING
        except CostError:
            # It goes nowhere now, and where it went once is not known.
            seen = self.context.access.workspace(request.person.team)
        return resolved(digest.scope, self.context.asker, seen)[0]

    def _memory(self, request: Request) -> WorkspaceMemory:
        return self.context.kept(request.destination.client)

    @staticmethod
    def _mine(request: Request, digest: Digest) -> None:
        hint = "Ask one of them." if digest.owner else "Ask an admin: whoever runs me declared it in a file."
        base.mine(request, digest.owner, hint)

    # --- what is done -----------------------------------------------------------------------------------------

    def test(self, request: Request, digest: Digest, _trigger: str) -> None:
        """Sends the digest as it would be now to the person alone."""
        ran = self.digests.test(digest.model_copy(update={"team": request.person.team}), request.person.id)
        if ran.state != "posted":
            raise Unavailable("The test could not be sent.", ran.why)
        self.context.reply(
            request, answer_message.sentence(f"A test of {digest.name} is in your direct messages with me.")
        )

    def pause(self, request: Request, digest: Digest, _trigger: str) -> None:
        """Stops it."""
        self.digests.pause(digest)
        resume = f"{self.context.settings.command} digest resume {digest.name}"
        self.context.reply(request, answer_message.sentence(f"{digest.name} is paused.", resume))

    def resume(self, request: Request, digest: Digest, _trigger: str) -> None:
        """Lets it run again."""
        self.digests.pause(digest, paused=False)
        found = self.digests.find(digest.handle, request.person.team)
        told = self._next(found.next_run(self.digests.zone, self.digests.now()), found)
        self.context.reply(request, answer_message.sentence(f"{digest.name} runs again: {told}."))

    def delete(self, request: Request, digest: Digest, _trigger: str) -> None:
        """Lets go of it."""
        self.digests.delete(digest)
        self.context.reply(request, answer_message.sentence(f"{digest.name} is deleted."))

    def history(self, request: Request, digest: Digest, _trigger: str) -> None:
        """What became of each of its periods."""
        told = [_became(period, found) for period, found in self.digests.history(digest)[:_HISTORY]]
        drawn = [header(f"{digest.name}: history"), section("\n".join(map(escape, told)) or "Nothing posted yet.")]
        self.context.reply(request, Message(escape("\n".join([f"{digest.name}:", *told])), drawn))

    def edit(self, request: Request, digest: Digest, trigger: str) -> None:
        """Opens the modal with all of it."""
        if digest.origin == "file":
            raise AccessDenied(f"{digest.name} is declared in a file.", "It is changed there.")
        told = fields.metadata(request.destination, digest=digest.handle)
        self.context.open(request.destination, trigger, digest_form.view(digest, self._memory(request), told))

    def open_new(self, request: Request, trigger: str) -> None:
        """Opens the modal for a new one."""
        told = fields.metadata(request.destination)
        view = digest_form.view(self._fresh(request), self._memory(request), told, here=base.here(request))
        self.context.open(request.destination, trigger, view)

    def schedule(self, request: Request, question: Question) -> Block:
        """The modal that makes a digest of a question."""
        key = buttons.keep(self.context, request.destination.client, question)
        told = fields.metadata(request.destination, question=key, asked=request.today.isoformat())
        currency = followups.currency_of(question) or None
        reply = self.context.asker.answer(question, scope=request.scope, today=request.today, currency=currency)
        digest = self._fresh(request).model_copy(update={"overview": False})
        return digest_form.view(digest, self._memory(request), told, about=reply.read_as, here=base.here(request))

    def _fresh(self, request: Request) -> Digest:
        zone = self.context.people.preferences(request.person).timezone or request.person.timezone
        taken = {each.name for each in self._seen(request)}
        name = next(each for each in ["daily", *(f"digest {n}" for n in range(1, len(taken) + 2))] if each not in taken)
        return Digest(name=name, channel=request.person.id, timezone=zone, at="09:00")

    def submit(self, ack: Ack, body: Body, client: WebClient) -> None:
        """Keeps what was entered, or says at the field what is wrong with it."""
        base.submitted(self.context, ack, body, client, "digest", self._entered, self._keep)

    def _keep(self, request: Request, digest: Digest, instead: str) -> None:
        self.digests.save(digest, instead=instead)
        self.context.audit.note(
            request.person.team, request.person.id, "digest saved", entry_point="modal", question=digest.name
        )
        told = self._next(digest.next_run(self.digests.zone, self.digests.now()), digest)
        line = f"{digest.name} is set: {digest.when()}, {told}."
        drawn = [section(escape(line), self._menu(digest)), *small("A test comes to you alone and counts as none.")]
        self.context.reply(request, Message(escape(line), drawn))

    def _entered(self, request: Request, told: Mapping[str, str], body: Body) -> Digest | list[Field]:
        asked: tuple[Asked, ...] = ()
        before = self._found(request, told["digest"]) if "digest" in told else None
        if before:
            self._mine(request, before)
            asked = tuple(each for each in before.questions if isinstance(each, Asked))
        if "question" in told:
            question, on = (
                buttons.kept(self.context, request.destination.client, told["question"]),
                date.fromisoformat(told["asked"]),
            )
            asked = (Asked(question=followups.bare(question), on=on, currency=followups.currency_of(question)),)
        found = digest_form.read(
            self._memory(request),
            body["view"]["state"]["values"],
            owner=before.owner if before else request.person.id,
            team=request.person.team,
            asked=asked,
            paused=bool(before and before.paused),
        )
        return found if isinstance(found, list) else self._sound(request, found, before)

    def _sound(self, request: Request, digest: Digest, before: Digest | None) -> Digest | list[Field]:
        """The digest, if it can be posted there, its name is free and its questions are understood."""
        if before and before.name == digest.name:
            digest = digest.model_copy(update={"id": before.id})
        elif wrong := base.free(digest.name, [each.name for each in self._seen(request)], "a digest"):
            return wrong
        try:
            readable(self.context, request.destination.client, digest.team, digest.channel, digest.owner)
        except CostError as error:
            return [Field("where", str(error)[:150])]
        for each in digest.questions:
            try:
                _ = isinstance(each, Asked) or self.context.asker.ask(each, today=request.today, scope=request.scope)
            except CostError as error:
                return [Field("questions", f"“{each}”: {error}"[:150])]
        return digest

    # --- what is shown ----------------------------------------------------------------------------------------

    def listed(self, request: Request) -> Message:
        """Every digest of the workspace that the person may know of, each with its menu."""
        found = [self.digests.listed(each) for each in self._seen(request)]
        drawn: list[Block] = [header("Digests")]
        drawn += [self._one(each) for each in found[:_MOST]] or [section("There are none yet.")]
        drawn += [*actions(button("New digest", "digest_new")), *small(self._words)]
        told = [f"{each.digest.name}: {each.digest.when()}" for each in found]
        lines = ["Digests:", *told] if told else ["There are no digests yet.", self._words]
        return Message(escape("\n".join(lines)), drawn)

    def home(self, request: Request) -> list[Block]:
        """Those that come to the person or are theirs, for App Home."""
        mine = {request.person.id}
        found = [self.digests.listed(each) for each in self._seen(request) if {each.owner, each.channel} & mine]
        drawn = [section("*My digests*", button("New digest", "digest_new"))]
        return drawn + ([self._one(each) for each in found[:10]] or small("None yet."))

    def _one(self, listed: DigestListItem) -> Block:
        digest = listed.digest
        last = _became(*listed.last) if listed.last else "not posted yet"
        told = f"{escape(digest.when())} to {_place(digest)}\n{self._next(listed.next_run, digest)} · {escape(last)}"
        return section(f"*{escape(digest.name)}*: {told}", self._menu(digest))

    def _next(self, run: datetime | None, digest: Digest) -> str:
        if run is None:
            return "paused" if digest.paused else "never again"
        local = run.astimezone(digest.zone(self.digests.zone))
        return f"next {local:%a} {render.day(local.date())} {local:%H:%M}"

    @staticmethod
    def _menu(digest: Digest) -> Block:
        deeds = [("Send me a test", "test"), ("Resume", "resume") if digest.paused else ("Pause", "pause")]
        deeds += [("History", "history")]
        deeds += [("Change…", "edit"), ("Delete", "delete")] if digest.origin == "slack" else []
        options = [option(words, f"{deed}:{digest.handle}") for words, deed in deeds]
        return {"type": "overflow", "action_id": "digest_menu", "options": options}


_Deed = Callable[[_Office, Request, Digest, str], None]
_DEEDS: Mapping[str, _Deed] = {
    "test": _Office.test,
    "pause": _Office.pause,
    "resume": _Office.resume,
    "delete": _Office.delete,
    "history": _Office.history,
    "edit": _Office.edit,
}
_STATES = {"done": "posted", "said": "posted", "failed": "not posted", "unsure": "perhaps posted"}


def _became(period: str, found: Mapping[str, Any]) -> str:
    state = _STATES.get(str(found.get("state")), "under way")
    return f"{_period(period)}: {state}" + (f" ({found['why']})" if found.get("why") else "")


def _period(name: str) -> str:
    """A day as people write it; weeks and months by their own names."""
    try:
        return render.day(date.fromisoformat(name), year=True) if name.count("-") > 1 else name
    except ValueError:
        return name


def _place(digest: Digest) -> str:
    if digest.channel[:1] in {"C", "G"}:
        return f"<#{digest.channel}>"
    return f"<@{digest.channel}>" if digest.channel[:1] in {"U", "W"} else escape(digest.channel)
