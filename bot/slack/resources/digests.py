"""Digests: questions that are answered in a channel at set times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from bot import render
from bot.blockkit.build import Block, Message, escape, header, mrkdwn, paragraph, plain
from bot.digests.model import Asked
from bot.digests.scope import resolved
from bot.digests.service import Digest, Digests, DigestScope
from bot.domain.errors import CostError, Unavailable
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope
from bot.render.slack import plain_message
from bot.slack import answers, stored_questions
from bot.slack.audience import audience_scope
from bot.slack.context import AppContext, Request
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import (
    Channel,
    Choice,
    Country,
    FiltersField,
    Form,
    LinesField,
    TextField,
    Time,
    Timezone,
    Toggle,
    Values,
)
from bot.slack.resources.base import Action, Opening, Rejected, Resource

_DAYS = (
    ("mon-fri", "Monday to Friday"),
    ("daily", "Every day"),
    ("mon", "Mondays (a weekly digest)"),
    ("fri", "Fridays (a weekly digest)"),
    ("1", "First of the month (a monthly digest)"),
    ("last", "Last of the month (a monthly digest)"),
)
_OVERVIEW = "Overview: cost, biggest changes, month, forecast, budgets, anomalies"
_CANVAS = "Keep a canvas in the channel that holds the newest digest"
_USUAL_TIME = "09:00"
_MAX_HISTORY = 30
_STATES = {"done": "posted", "said": "posted", "failed": "not posted", "unsure": "perhaps posted"}


class DigestResource(Resource[Digest]):
    """Digests in Slack."""

    key: ClassVar[str] = "digest"
    noun: ClassVar[str] = "digest"
    plural: ClassVar[str] = "digests"
    subcommands: ClassVar[tuple[str, ...]] = ("digest", "digests")
    pausable: ClassVar[bool] = True

    def __init__(self, context: AppContext, digests: Digests) -> None:
        super().__init__(context, digests)
        self._digests = digests
        digests.apart = context.settings.workspaces is not None

    def pause(self, item: Digest, *, paused: bool) -> None:
        """Pauses it, or lets it run again from now on."""
        self._digests.pause(item, paused=paused)

    # --- an item in words -----------------------------------------------------------------------------------------

    def about(self, request: Request, item: Digest) -> Scope:
        """What its readers see of its scope."""
        publisher = self._digests.publisher
        try:
            scope = publisher.scope(item) if publisher else EVERYTHING
        except CostError:  # it goes nowhere now; where it once went is not known
            scope = self.context.access.workspace(request.person.team)
        return resolved(item.scope, self.context.answer_service, scope)[0]

    def summary(self, item: Digest) -> str:
        """When it is posted."""
        return item.when()

    def details(self, request: Request, items: Sequence[Digest]) -> Mapping[str, list[Block]]:
        """When and where it is posted, when next, and what became of the last one."""
        return {item.handle: self._detail(item) for item in items}

    def _detail(self, digest: Digest) -> list[Block]:
        listed = self._digests.listed(digest)
        last = _outcome(*listed.last) if listed.last else "not posted yet"
        channel = digest.channel
        if channel[:1] in {"C", "G"}:
            target = mrkdwn(f"<#{channel}>")
        else:
            target = mrkdwn(f"<@{channel}>") if channel[:1] in {"U", "W"} else plain(channel)
        return [plain("Posted to"), target, plain(f"{digest.when()} · {self._next_run(digest)} · {last}", 1000)]

    def on_saved(self, request: Request, item: Digest) -> list[str]:
        """When it comes next."""
        next_run = self._next_run(item)
        return [f"{next_run[:1].upper()}{next_run[1:]}.", "“Send me a test” sends it only to you."]

    def _next_run(self, digest: Digest) -> str:
        run = digest.next_run(self._digests.zone, self._digests.now())
        if run is None:
            return "paused" if digest.paused else "never posted again"
        local = run.astimezone(digest.zone(self._digests.zone))
        return f"next {local:%a} {render.day(local.date())} {local:%H:%M}"

    def is_mine(self, request: Request, item: Digest) -> bool:
        """Whether somebody made it or receives it."""
        return request.person.id in {item.owner, item.channel}

    def is_paused(self, item: Digest) -> bool:
        """Whether it is paused."""
        return item.paused

    def is_editable(self, item: Digest) -> bool:
        """Whether it was made in Slack."""
        return item.origin == "slack"

    # --- its form ---------------------------------------------------------------------------------------------

    def form(self, request: Request) -> Form:
        """Where, when and what."""
        return Form(
            self.key,
            (
                TextField(name="name", label="Name", required=True),
                Channel(name="channel", label="Channel", hint="If empty, it is sent only to you."),
                Choice(name="days", label="Days", options=_DAYS),
                Time(name="at", label="Time"),
                TextField(name="cron", label="Or a cron line", hint="Instead of days and time: 0 9 * * 1-5"),
                Timezone(name="timezone", label="Time zone", required=True),
                Country(name="holidays", label="Not on public holidays of"),
                Time(name="wait_until", label="Wait for late data until"),
                Toggle(name="overview", label="Contents", text=_OVERVIEW),
                Toggle(name="canvas", label="Canvas", text=_CANVAS, hint="Needs the scope canvases:write."),
                LinesField(name="questions", label="Questions, one per line"),
                FiltersField(
                    name="only", label="Only these", memory=self.context.workspace_memory(request.destination.client)
                ),
            ),
            notes=("It shows what you may see, and is never posted to channels shared with other organizations.",),
        )

    def opening(self, request: Request) -> Opening:
        """Every workday at nine where the person is, with the overview."""
        return Opening(self._usual(request))

    def _usual(self, request: Request) -> dict[str, object]:
        used = {digest.name for digest in self.repository.all(request.person.team)}
        names = ["daily", *(f"digest {number}" for number in range(1, len(used) + 2))]
        return {
            "name": next(name for name in names if name not in used),
            "channel": request.destination.channel,
            "days": "mon-fri",
            "at": _USUAL_TIME,
            "timezone": self.context.people.preferences(request.person).timezone or request.person.timezone,
            "overview": True,
        }

    def opening_for(self, request: Request, question: Question) -> Opening:
        """How the form opens to schedule a question that was answered."""
        key = stored_questions.put(self.context, request.destination.client, question)
        read_as = answers.reply_to(self.context, request, question).read_as
        return Opening(
            {**self._usual(request), "overview": False},
            {"question": key, "asked": request.today.isoformat()},
            f"This question is asked again each time, with its dates moved forward: {read_as}",
        )

    def values(self, request: Request, item: Digest) -> Values:
        """Its parts."""
        return {
            **item.model_dump(include={"name", "channel", "cron", "wait_until", "overview", "canvas", "holidays"}),
            "timezone": item.timezone or self._digests.zone.key,
            "days": item.days if item.days or item.cron else "daily",
            "at": item.at or _USUAL_TIME,
            "questions": tuple(question for question in item.questions if isinstance(question, str)),
            "only": item.scope.where,
        }

    def build(self, request: Request, values: Values, before: Digest | None, carried: Mapping[str, str]) -> Digest:
        """The digest, once its channel may be posted to and its questions are understood."""
        parts = {name: value for name, value in values.items() if name not in {"only", "questions"}}
        if parts["cron"]:
            parts |= {"at": "", "days": ""}
        owner = before.owner if before else request.person.id
        typed: Any = values["questions"]
        digest = Digest.model_validate(
            {
                **parts,
                "channel": parts["channel"] or owner,
                "questions": (*self._asked(request, before, carried), *typed),
                "scope": DigestScope.model_validate({"where": values["only"]}),
                "owner": owner,
                "team": request.person.team,
                "id": before.id if before and before.name == parts["name"] else "",
                "paused": bool(before and before.paused),
            }
        )
        self._check(request, digest)
        return digest

    def _asked(self, request: Request, before: Digest | None, carried: Mapping[str, str]) -> tuple[Asked, ...]:
        """The questions that were scheduled from an answer: no field shows them."""
        if "question" in carried:
            question = stored_questions.get(self.context, request.destination.client, carried["question"])
            return (Asked(question=question, on=date.fromisoformat(carried["asked"])),)
        return tuple(question for question in before.questions if isinstance(question, Asked)) if before else ()

    def _check(self, request: Request, digest: Digest) -> None:
        client = request.destination.client
        if digest.canvas and digest.channel == digest.owner:
            raise Rejected(FieldError("canvas", "A canvas is kept in a channel: name one, or leave it out."))
        try:
            audience_scope(self.context, client, digest.team, digest.channel, digest.owner)
        except CostError as error:
            raise Rejected(FieldError("channel", str(error))) from None
        for question in digest.questions:
            if isinstance(question, Asked):
                continue
            try:
                self.context.answer_service.ask(question, today=request.today, scope=request.scope)
            except CostError as error:
                raise Rejected(FieldError("questions", f"“{question}”: {error}")) from None

    # --- what else it can do ----------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Action[Digest]]:
        """A test and its history are for everybody who may know of it."""
        return {
            "test": Action("Send me a test", self._test, owner_only=False),
            "history": Action("History", self._history, owner_only=False),
        }

    def _test(self, request: Request, digest: Digest) -> None:
        result = self._digests.test(digest.model_copy(update={"team": request.person.team}), request.person.id)
        if result.state != "posted":
            raise Unavailable("The test could not be sent.", result.why)
        sentence = f"A test of {digest.name} is in your direct messages with me."
        self.context.reply(request, plain_message.sentence(sentence))

    def _history(self, request: Request, digest: Digest) -> None:
        lines = [_outcome(period, entry) for period, entry in self._digests.history(digest)[:_MAX_HISTORY]]
        blocks = [header(f"{digest.name}: history"), paragraph("\n".join(lines) or "Nothing has been posted yet.")]
        self.context.reply(request, Message(escape("\n".join([f"{digest.name}:", *lines])), blocks))


def _outcome(period: str, entry: Mapping[str, Any]) -> str:
    """What became of a period."""
    state = _STATES.get(str(entry.get("state")), "in progress")
    return f"{_period(period)}: {state}" + (f" ({entry['why']})" if entry.get("why") else "")


def _period(name: str) -> str:
    """A day as people write it; weeks and months by their own names."""
    try:
        return render.day(date.fromisoformat(name), year=True) if name.count("-") > 1 else name
    except ValueError:
        return name
