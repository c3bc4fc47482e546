"""The admins' window on access: the rules there are, and a form for one more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import render
from bot.blockkit.build import Block, cut, escape, input_block, modal, option, plain, section, select, small
from bot.domain.errors import AccessDenied
from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.slack.access import Rule
from bot.slack.context import AppContext, Body, team_of
from bot.slack.delivery import Destination
from bot.slack.listeners import options
from bot.slack.listeners.buttons import deduplicated
from bot.slack.modals import fields
from bot.slack.modals.fields import Entered, Field
from bot.slack.workspace_memory import WorkspaceMemory

CALLBACK = "access"
_SUBJECTS = (("everyone", "Everyone"), ("user", "A person"), ("group", "A user group"), ("channel", "A channel"))
_MOST = 60


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners; ``access`` after the slash command opens the window."""
    context.exact_commands["access"] = lambda destination, trigger: show(context, destination, trigger)
    app.action("access")(deduplicated(context, press_access))
    app.action("rule")(deduplicated(context, press_rule))

    @app.view(CALLBACK)
    def added(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        submit(context, ack, body, client)


def show(context: AppContext, destination: Destination, trigger: str) -> None:
    """Opens the window, for admins.

    Raises:
        AccessDenied: the person is none.
    """
    context.admin(destination)
    context.open(destination, trigger, view(context, destination))


def press_access(context: AppContext, body: Body, client: WebClient) -> None:
    """Opens the window from a button."""
    show(context, _place(body, client), str(body["trigger_id"]))


def _place(body: Body, client: WebClient) -> Destination:
    return Destination(client, team_of(body), user=str(body["user"]["id"]))


def view(context: AppContext, destination: Destination) -> Block:
    """The rules, each with what can be done to it, and the fields of a new one."""
    rules = context.access.rules(destination.team)
    groups = context.people.named_groups(destination.client, destination.team)
    blocks = [section("*Who may see what.* Full members see everything unless a rule says otherwise.")]
    blocks += [
        {"block_id": f"rule:{at}", **section(_told(rule, groups), _handle(at, len(rules)))}
        for at, rule in enumerate(rules[:_MOST])
    ] or small("No rules yet.")
    blocks += small(
        "A rule for a person beats those for their user groups, those beat the one for everyone; of several "
        "groups the first rule counts. A channel's rule narrows further whatever is said there."
    )
    sources = options.sources(context, context.access.workspace(destination.team))
    named = [option(each, each) for each in sources[:100]]
    values = {"type": "multi_external_select", "min_query_length": 0}
    denial = {"type": "checkboxes", "options": [option("May see nothing", "deny")]}
    blocks += [
        {"type": "divider"},
        input_block("subject", "New rule for", select(_SUBJECTS, "everyone"), optional=False),
        input_block("user", "Person", {"type": "users_select"}),
        input_block("group", "User group", {"type": "external_select", "min_query_length": 0}),
        input_block(
            "conversation",
            "Channel",
            {"type": "conversations_select", "filter": {"include": ["public", "private"]}},
        ),
    ]
    if named:
        blocks.append(input_block("sources", "Only these sources", {"type": "multi_static_select", "options": named}))
    blocks += [
        input_block("only", "Only these", {**values, "placeholder": plain("Accounts, tags, services …")}),
        input_block("without", "Without these", values),
        input_block("deny", "Or", denial),
    ]
    return modal(CALLBACK, "Access", fields.edition(blocks, rules), submit="Add rule")


def _handle(at: int, count: int) -> Block:
    options = [option("Remove", f"remove:{at}")]
    options += [option("Move up", f"up:{at}")] if 0 < at < count else []
    return {"type": "overflow", "action_id": "rule", "options": options}


def _told(rule: Rule, groups: Mapping[str, str]) -> str:
    return f"*{_subject(rule, groups)}*: {escape(words(rule))}"


def _subject(rule: Rule, groups: Mapping[str, str]) -> str:
    match rule.subject:
        case "user":
            return f"<@{rule.id}>"
        case "channel":
            return f"<#{rule.id}>"
        case "group":
            return f"@{escape(groups.get(rule.id, rule.id))}"
    return "Everyone"


def words(rule: Rule) -> str:
    """What a rule lets see, in words."""
    if rule.deny:
        return "may see nothing"
    told = [f"sources {render.listed(rule.scope.sources)}"] if rule.scope.sources is not None else []
    told += [_filter(each) for each in rule.scope.where]
    return cut(f"may see {'; '.join(told)}" if told else "may see everything", 1500)


def _filter(each: Filter) -> str:
    values = render.listed([render.value(one, each.dimension) for one in each.values], most=8, last="or")
    return f"{render.dimension(each.dimension)} {'not ' if each.exclude else ''}{values}"


def press_rule(context: AppContext, body: Body, client: WebClient) -> None:
    """Removes a rule or moves it up, and shows what is left.

    Raises:
        AccessDenied: the person is no admin.
    """
    destination = _place(body, client)
    context.admin(destination)
    act, _, told = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    rules, at = list(context.access.rules(destination.team)), int(told)
    if at < len(rules):
        rule = rules.pop(at)
        if act == "up":
            rules.insert(max(at - 1, 0), rule)
        change(context, destination, rules, f"{act} {rule.subject} {rule.id}: {words(rule)}")
    seen = body["view"]
    client.views_update(view_id=seen["id"], hash=seen.get("hash"), view=view(context, destination))


def change(context: AppContext, destination: Destination, rules: Sequence[Rule], told: str) -> None:
    """Keeps the rules and writes the change into the log."""
    context.access.change(destination.team, tuple(rules))
    context.audit.note(destination.team, destination.user, "changed access", entry_point="modal", shown=told)


def submit(context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Adds the rule (in place of an older one for the same subject), or says what is wrong with it."""
    destination = _place(body, client)
    state = body["view"]["state"]["values"]
    try:
        context.admin(destination)
        found = read(context.kept(client), state)
    except AccessDenied as error:
        found = [Field("subject", error.message)]
    if isinstance(found, list):
        ack(response_action="errors", errors=fields.errors(found, state))
        return
    rules = [
        each for each in context.access.rules(destination.team) if (each.subject, each.id) != (found.subject, found.id)
    ]
    change(context, destination, [*rules, found], f"add {found.subject} {found.id}: {words(found)}")
    ack(response_action="update", view=view(context, destination))


def read(memory: WorkspaceMemory, state: fields.State) -> Rule | list[Field]:
    """The rule that was entered, or what is wrong with it."""
    entered = Entered(state)
    subject = entered.option("subject") or "everyone"
    named = {
        "user": ("user", entered.whom("user"), "Choose the person."),
        "group": ("group", entered.option("group"), "Choose the user group."),
        "channel": ("conversation", entered.whom("conversation"), "Choose the channel."),
    }
    block, identity, missing = named.get(subject, ("", "-", ""))
    if not identity:
        return [Field(block, missing)]
    only, without, chosen = (entered.options(name) for name in ("only", "without", "sources"))
    where = (
        *options.filters(memory, only, exclude=False),
        *options.filters(memory, without, exclude=True),
    )
    deny = bool(entered.options("deny"))
    if deny and (where or chosen):
        return [Field("deny", "Either nothing, or only some: not both.")]
    return Rule.model_validate(
        {
            "subject": subject,
            "id": "" if subject == "everyone" else identity,
            "deny": deny,
            "scope": Scope(sources=tuple(chosen) or None, where=where),
        }
    )


def summary(context: AppContext, team: str) -> str:
    """How many rules there are, for App Home."""
    count = len(context.access.rules(team))
    return f"{count} access {'rule' if count == 1 else 'rules'}" if count else "No access rules: every member sees all"
