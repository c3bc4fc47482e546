"""Access rules: who may see which costs. Admins make them; ``bot.slack.access`` decides by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bot import render
from bot.blockkit.build import Block, cut, section
from bot.domain.question import Filter
from bot.domain.scope import EVERYTHING, Scope
from bot.render.slack import plain_message
from bot.slack.access import Access, AccessRule
from bot.slack.context import AppContext, Request
from bot.slack.modals import choices
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import Channel, Choice, FiltersField, Form, PersonField, Several, Toggle, UserGroup, Values
from bot.slack.resources.base import Action, Opening, Rejected, Resource

_SUBJECTS = (("everyone", "Everyone"), ("user", "A person"), ("group", "A user group"), ("channel", "A channel"))
_IDENTITY = {"user": "user", "group": "group", "channel": "conversation"}
"""By subject, the field that says which one."""
_MISSING = {"user": "Choose the person.", "group": "Choose the user group.", "channel": "Choose the channel."}
_ORDER = (
    "Without rules, every full member may see everything.",
    "A rule for a person overrides rules for their user groups, which override the rule for everyone.",
    "If several user groups match, the first rule in the list applies.",
    "A channel's rule further limits what is shown there.",
)
_MAX_SUMMARY, _MAX_VALUES = 1500, 8


@dataclass(frozen=True)
class AccessRuleItem:
    """A rule of a workspace, as a resource's item: one for each subject."""

    team: str
    rule: AccessRule

    @property
    def name(self) -> str:
        """Its subject."""
        return " ".join(filter(None, (self.rule.subject, self.rule.id)))

    @property
    def handle(self) -> str:
        """Its subject: no two rules have the same."""
        return self.name

    @property
    def owner(self) -> str:
        """Nobody: admins look after it."""
        return ""


class AccessRuleRepository:
    """The rules of workspaces in their order."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def all(self, team: str) -> list[AccessRuleItem]:
        """Those of a workspace."""
        return [AccessRuleItem(team, rule) for rule in self._access.rules(team)]

    def save(self, item: AccessRuleItem, *, replaces: str = "") -> AccessRuleItem:
        """Stores a rule, in place of the one whose handle is ``replaces``, else as the last one."""
        rules = self.all(item.team)
        place = next((index for index, rule in enumerate(rules) if rule.handle == replaces), len(rules))
        rules[place : place + 1] = [item]
        self._change(item.team, rules)
        return item

    def delete(self, item: AccessRuleItem) -> None:
        """Deletes a rule."""
        self._change(item.team, [rule for rule in self.all(item.team) if rule.handle != item.handle])

    def move_up(self, item: AccessRuleItem) -> None:
        """Puts a rule before the one above it."""
        rules = self.all(item.team)
        place = rules.index(item)
        rules.insert(max(place - 1, 0), rules.pop(place))
        self._change(item.team, rules)

    def erase(self, team: str) -> None:
        """Deletes those of a workspace."""
        self._access.erase(team)

    def _change(self, team: str, rules: Sequence[AccessRuleItem]) -> None:
        self._access.change(team, tuple(item.rule for item in rules))


class AccessRules(Resource[AccessRuleItem]):
    """Access rules in Slack, for admins."""

    key: ClassVar[str] = "access"
    noun: ClassVar[str] = "access rule"
    plural: ClassVar[str] = "access rules"
    subcommands: ClassVar[tuple[str, ...]] = ("access",)
    for_admins: ClassVar[bool] = True

    def __init__(self, context: AppContext) -> None:
        self._rules = AccessRuleRepository(context.access)
        super().__init__(context, self._rules)

    # --- an item in words -----------------------------------------------------------------------------------------

    def about(self, request: Request, item: AccessRuleItem) -> Scope:
        """Everything."""
        return EVERYTHING

    def summary(self, item: AccessRuleItem) -> str:
        """What it lets somebody see."""
        return summary(item.rule)

    def heading(self, item: AccessRuleItem, menu: Block) -> Block:
        """Whom it is for, as Slack shows them."""
        match item.rule.subject:
            case "user":
                return section(f"<@{item.rule.id}>", menu)
            case "channel":
                return section(f"<#{item.rule.id}>", menu)
            case "group":
                return section(f"<!subteam^{item.rule.id}>", menu)
        return section("Everyone", menu)

    def audit_text(self, item: AccessRuleItem) -> str:
        """Its subject and what it lets them see."""
        return f"{item.name}: {summary(item.rule)}"

    # --- its form ---------------------------------------------------------------------------------------------

    def form(self, request: Request) -> Form:
        """Whom it is for, and what they may see."""
        memory = self.context.workspace_memory(request.destination.client)
        sources = choices.sources(self.context, request.scope)
        named = [(source, source) for source in sources[: choices.MAX_OPTIONS]]
        return Form(
            self.key,
            (
                Choice(name="subject", label="Rule for", required=True, options=_SUBJECTS),
                PersonField(name="user", label="Person"),
                UserGroup(name="group", label="User group"),
                Channel(name="conversation", label="Channel"),
                *([Several(name="sources", label="May see only these sources", options=named)] if named else []),
                FiltersField(name="only", label="May see only these", memory=memory),
                FiltersField(name="without", label="May not see these", memory=memory, exclude=True),
                Toggle(name="deny", label="Or", text="May see nothing"),
            ),
            notes=_ORDER,
        )

    def opening(self, request: Request) -> Opening:
        """A rule for everyone."""
        return Opening({"subject": "everyone"})

    def values(self, request: Request, item: AccessRuleItem) -> Values:
        """Its parts."""
        rule = item.rule
        identity: dict[str, object] = {}
        if rule.subject == "group":
            groups = self.context.people.named_groups(request.destination.client, request.person.team)
            identity = {"group": (rule.id, f"@{groups.get(rule.id, rule.id)}")}
        elif rule.subject != "everyone":
            identity = {_IDENTITY[rule.subject]: rule.id}
        return {
            "subject": rule.subject,
            **identity,
            "sources": rule.scope.sources or (),
            "only": rule.scope.where,
            "without": rule.scope.where,
            "deny": rule.deny,
        }

    def build(
        self,
        request: Request,
        values: Values,
        before: AccessRuleItem | None,
        carried: Mapping[str, str],
    ) -> AccessRuleItem:
        """The rule."""
        entered: Mapping[str, Any] = values
        subject = entered["subject"] or "everyone"
        identity = entered[_IDENTITY[subject]] if subject in _IDENTITY else ""
        if subject in _IDENTITY and not identity:
            raise Rejected(FieldError(_IDENTITY[subject], _MISSING[subject]))
        where = (*entered["only"], *entered["without"])
        sources = entered.get("sources") or ()
        if entered["deny"] and (where or sources):
            raise Rejected(FieldError("deny", "Choose nothing or some costs, not both."))
        scope = Scope(sources=tuple(sources) or None, where=where)
        rule = AccessRule.model_validate({"subject": subject, "id": identity, "deny": entered["deny"], "scope": scope})
        return AccessRuleItem(request.person.team, rule)

    # --- what else it can do ----------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Action[AccessRuleItem]]:
        """Of several user groups the first rule counts."""
        return {"up": Action("Move up", self._move_up)}

    def _move_up(self, request: Request, item: AccessRuleItem) -> None:
        self._rules.move_up(item)
        self.context.reply(request, plain_message.sentence("The rule is moved up."))


def summary(rule: AccessRule) -> str:
    """What a rule lets somebody see."""
    if rule.deny:
        return "may see nothing"
    parts = [f"sources {render.listed(rule.scope.sources)}"] if rule.scope.sources is not None else []
    parts += [_filter(item) for item in rule.scope.where]
    return cut(f"may see {'; '.join(parts)}" if parts else "may see everything", _MAX_SUMMARY)


def _filter(item: Filter) -> str:
    names = [render.value(value, item.dimension) for value in item.values]
    listed = render.listed(names, most=_MAX_VALUES, last="or")
    return f"{render.dimension(item.dimension)} {'not ' if item.exclude else ''}{listed}"
