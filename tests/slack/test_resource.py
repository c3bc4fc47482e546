"""A resource is one class in one file: a toy one, added as docs/adding-a-resource.md says, has all the rest."""

import json
import re
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from bot.domain.scope import EVERYTHING, Scope
from bot.slack.access import AccessRule
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import Form, NumberField, TextField
from bot.slack.resources import controller
from bot.slack.resources.base import Action, Opening, Rejected, Resource
from simulators.slack import ADMIN, MEMBER

COSTS = "#cloud-costs"
DOCUMENT = Path(__file__).parents[2] / "docs" / "adding-a-resource.md"


@dataclass(frozen=True)
class Goal:
    """A saving that somebody means to make."""

    name: str
    amount: Decimal
    owner: str
    team: str
    paused: bool = False

    @property
    def handle(self):
        """Its name: names are unique here."""
        return self.name


class GoalRepository:
    """Goals in the bot's memory."""

    def __init__(self, memory):
        self._memory = memory

    def all(self, team):
        """Those of a workspace."""
        found = self._memory.all("goal", f"{team}:").values()
        return [Goal(**{**stored, "amount": Decimal(stored["amount"])}) for stored in found]

    def save(self, item, *, replaces=""):
        """Stores a goal."""
        if replaces and replaces != item.handle:
            self._memory.forget("goal", f"{item.team}:{replaces}")
        self._memory.put("goal", f"{item.team}:{item.handle}", {**asdict(item), "amount": str(item.amount)})
        return item

    def delete(self, item):
        """Deletes a goal."""
        self._memory.forget("goal", f"{item.team}:{item.handle}")

    def erase(self, team):
        """Deletes those of a workspace."""
        for goal in self.all(team):
            self.delete(goal)


class Goals(Resource[Goal]):
    """Goals in Slack."""

    key: ClassVar[str] = "goal"
    noun: ClassVar[str] = "goal"
    plural: ClassVar[str] = "goals"
    subcommands: ClassVar[tuple[str, ...]] = ("goal",)
    pausable: ClassVar[bool] = True

    def __init__(self, context):
        super().__init__(context, GoalRepository(context.memory))

    def about(self, request, item):
        """Everything."""
        return EVERYTHING

    def summary(self, item):
        """How much it is."""
        return f"save {item.amount}"

    def is_paused(self, item):
        """Whether it is paused."""
        return item.paused

    def pause(self, item, *, paused):
        """Pauses or resumes it."""
        self.repository.save(replace(item, paused=paused))

    def form(self, request):
        """Its name and amount."""
        return Form(
            self.key, (TextField(name="name", label="Name", required=True), NumberField(name="amount", label="Amount"))
        )

    def opening(self, request):
        """An empty form."""
        return Opening({})

    def values(self, request, item):
        """Its parts."""
        return {"name": item.name, "amount": item.amount}

    def build(self, request, values, before, carried):
        """The goal; nobody saves nothing."""
        if not values["amount"]:
            raise Rejected(FieldError("amount", "Enter how much to save."))
        owner = before.owner if before else request.person.id
        return Goal(values["name"], values["amount"], owner, request.person.team)

    def actions(self):
        """A cheer for everybody."""
        return {"cheer": Action("Cheer", self._cheer, owner_only=False)}

    def _cheer(self, request, item):
        self.context.audit.note(request.person.team, request.person.id, "cheered", question=item.name)


@pytest.fixture
def goals(run):
    """The toy resource, registered by one line."""
    controller.listen(run.slack.app, run.slack.context, resource := Goals(run.slack.context))
    return resource.repository


def worded(run, words, user=MEMBER):
    """The newest private reply that holds these words."""
    return run.ws.wait_for(
        lambda: next((m for m in run.ws.from_bot(COSTS, None, user)[::-1] if words in json.dumps(m)), None)
    )


def new(run, user=MEMBER, words="goal new", **entered):
    """Submits the form that a command opens."""
    run.ws.slash(user, COSTS, "/spend", words)
    modal = run.ws.wait_for(lambda: run.ws.views(user))[-1]
    return run.ws.submit(user, modal["id"], {"name": "less S3", "amount": "$1,000", **entered})


def test_it_is_made_listed_changed_paused_and_deleted(run, goals):
    """The controller gives it a form, a list with menus, pausing, deletion, App Home and audit entries."""
    new(run)
    worded(run, "less S3 is saved: save 1000.")
    run.ws.slash(MEMBER, COSTS, "/spend", "goal")
    listed = worded(run, "New goal")
    (menu,) = [block["accessory"] for block in listed["blocks"] if "accessory" in block]
    assert [option["value"] for option in menu["options"]] == [
        f"{word}:less S3" for word in ("cheer", "pause", "edit", "delete")
    ]
    new(run, words="goal edit less S3", name="far less S3")
    worded(run, "far less S3 is saved")
    assert [goal.name for goal in goals.all("T0LUMEN")] == ["far less S3"]
    for word, words in (("pause", "is paused"), ("resume", "is active again"), ("delete", "is deleted")):
        run.ws.slash(MEMBER, COSTS, "/spend", f"goal {word} far less S3")
        worded(run, words)
    assert goals.all("T0LUMEN") == []
    audit = run.slack.context.audit
    acts = run.ws.wait_for(lambda: (e := [entry["act"] for entry in audit.entries("T0LUMEN")])[4:] and e)
    assert sorted(acts) == ["goal delete", "goal pause", "goal resume", "goal saved", "goal saved"]


def test_what_is_entered_wrongly_is_said_at_its_field(run, goals):
    """The field's own check and the resource's both answer at the field; nothing is stored."""
    assert new(run, amount="much").body["errors"] == {"amount": "Enter a number, like 1,000."}
    assert new(run, amount="").body["errors"] == {"amount": "Enter how much to save."}
    assert goals.all("T0LUMEN") == []


def test_others_may_look_and_cheer_but_not_change(run, goals):
    """Only the owner and admins change it; an action may be for everybody."""
    new(run)
    worded(run, "is saved")
    run.ws.slash("U0MEI", COSTS, "/spend", "goal delete less S3")
    worded(run, "Only the owner of this goal or an admin", "U0MEI")
    run.ws.slash("U0MEI", COSTS, "/spend", "goal cheer less S3")
    run.ws.wait_for(lambda: "cheered" in [e["act"] for e in run.slack.context.audit.entries("T0LUMEN")])
    run.ws.slash(ADMIN, COSTS, "/spend", "goal delete less S3")
    worded(run, "is deleted", ADMIN)


def test_nothing_tells_that_one_exists_which_somebody_may_not_see(run, goals):
    """Asked for by name, one that is hidden and one that does not exist get the same sentence but for the name."""
    new(run, ADMIN, name="secret")
    worded(run, "is saved", ADMIN)
    narrow = AccessRule(subject="user", id=MEMBER, scope=Scope(sources=("openai",)))
    run.slack.context.access.change("T0LUMEN", (narrow,))
    sentences = []
    for name in ("secret", "nobody"):
        run.ws.slash(MEMBER, COSTS, "/spend", f"goal delete {name}")
        sentences.append(json.dumps(worded(run, f"'{name}'")["text"]).replace(name, "NAME"))
    assert sentences[0] == sentences[1]
    run.ws.slash(MEMBER, COSTS, "/spend", "goal")
    assert "secret" not in json.dumps(worded(run, "no goals yet"))


def test_it_is_in_app_home_and_leaves_with_the_workspace(run, goals):
    """App Home lists somebody's own; taken out of a workspace, the app forgets them."""
    new(run)
    worded(run, "is saved")
    run.ws.open_home(MEMBER)
    run.ws.wait_for(lambda: (home := run.ws.home(MEMBER)) and "My goals" in json.dumps(home["blocks"]))
    for forget in run.slack.context.on_uninstall:
        forget("T0LUMEN")
    assert goals.all("T0LUMEN") == []


def test_the_document_names_all_that_a_resource_must_have():
    """What docs/adding-a-resource.md lists is exactly what the class must define, and the line that registers it."""
    text = DOCUMENT.read_text()
    assert set(re.findall(r"^- `(\w+)`", text, re.MULTILINE)) == Resource.__abstractmethods__
    assert "controller.listen(" in text
