"""Who may see what: rules as values, through the app, and in the admins' window."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_app import BILL, DIMENSIONS, Bookkeeper, running

from bot.domain.errors import AccessDenied
from bot.domain.question import Filter
from bot.domain.scope import EVERYTHING, Scope
from bot.ledger import Ledger
from bot.slack.access import Access, AccessRule, decide
from bot.slack.people import People, Person
from simulators.slack import ADMIN, GUEST, MEMBER

AWS = Scope(sources=("aws",))
PRODUCTION = Scope(where=(Filter(dimension="SubAccountName", values=("production",)),))
VALUES = {name: sorted({key[at + 1] for key in BILL}) for at, name in enumerate(DIMENSIONS)}


@st.composite
def scopes(draw):
    """Any scope over the bill."""
    sources = draw(st.none() | st.lists(st.sampled_from(["aws", "openai"]), unique=True).map(tuple))
    where = []
    for name in draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True)):
        values = tuple(draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, unique=True)))
        where.append(Filter(dimension=name, values=values, exclude=draw(st.booleans())))
    return Scope(sources=sources, where=tuple(where))


RULES = st.lists(
    st.builds(
        AccessRule,
        subject=st.just("user"),
        id=st.sampled_from([MEMBER, ADMIN]),
        deny=st.booleans(),
        scope=scopes(),
    )
    | st.builds(AccessRule, subject=st.just("group"), id=st.just("S0FINOPS"), deny=st.booleans(), scope=scopes())
    | st.builds(AccessRule, subject=st.just("everyone"), deny=st.booleans(), scope=scopes())
    | st.builds(AccessRule, subject=st.just("channel"), id=st.just("C0COSTS"), deny=st.booleans(), scope=scopes()),
    max_size=4,
)


def seen(scope):
    """The rows of the bill within a scope, by means of its own."""
    rows = set()
    for key in BILL:
        named = dict(zip(("source", *DIMENSIONS), key, strict=True))
        inside = all((named[item.dimension] in item.values) != item.exclude for item in scope.where)
        if inside and (scope.sources is None or named["source"] in scope.sources):
            rows.add(key)
    return rows


def test_whoever_is_named_most_closely_decides():
    """A person's rule beats their groups', those beat everyone's; of several groups the first counts."""
    person = Person("U1", "T1")
    rules = (
        AccessRule(subject="everyone", deny=True),
        AccessRule(subject="group", id="S1", scope=AWS),
        AccessRule(subject="group", id="S2", scope=PRODUCTION),
    )
    assert decide(rules, person, frozenset({"S2", "S1"}), "") == AWS
    assert decide((*rules, AccessRule(subject="user", id="U1")), person, frozenset({"S1"}), "") == EVERYTHING
    with pytest.raises(AccessDenied):
        decide(rules, person, frozenset(), "")


def test_channel_rule_narrows_further():
    """What is said in a channel lies within both the person's and the channel's scope."""
    rules = (AccessRule(subject="user", id="U1", scope=AWS), AccessRule(subject="channel", id="C1", scope=PRODUCTION))
    assert decide(rules, Person("U1", "T1"), frozenset(), "C1") == Scope(sources=("aws",), where=PRODUCTION.where)
    assert decide(rules, Person("U1", "T1"), frozenset(), "C2") == AWS


def test_guests_need_to_be_named():
    """A guest may ask where a rule names them, and not because it names everyone."""
    guest = Person("U1", "T1", guest=True)
    with pytest.raises(AccessDenied):
        decide((AccessRule(subject="everyone"),), guest, frozenset({"S1"}), "")
    assert decide((AccessRule(subject="user", id="U1", scope=AWS),), guest, frozenset(), "") == AWS
    with pytest.raises(AccessDenied):
        decide((AccessRule(subject="user", id="U1"),), Person("U1", "T1", outside=True), frozenset(), "")


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(scopes(), scopes())
def test_narrowing_is_what_lies_in_both(first, second):
    """A narrowed scope sees exactly the rows that both see."""
    assert seen(first.within(second)) == seen(first) & seen(second)


def test_workspace_without_sources_sees_nothing(memory):
    """Where workspaces are told apart, one that was given nothing sees nothing, and never another's."""
    access = Access(memory, People(memory), workspaces={"T1": AWS})
    assert access.workspace("T1") == AWS
    with pytest.raises(AccessDenied):
        access.workspace("T2")


def _rows(text, names):
    return {tuple(row[name] for name in names) for row in csv.DictReader(io.StringIO(text))}


def test_nothing_outside_the_scope_is_ever_shown(tmp_path):
    """For any rules: answers, files and menus hold nothing but rows the asker may see, totals included."""
    ledger = Ledger(tmp_path / "ledger.db")
    asker = Bookkeeper()
    with running(asker, ledger.memory) as run:
        person = Person(MEMBER, "T0LUMEN")

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(RULES)
        def hold(rules):
            run.slack.context.access.change("T0LUMEN", tuple(rules))
            before = len(run.ws.from_bot("#cloud-costs", None, MEMBER))
            run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
            shown = run.answer("#cloud-costs", MEMBER, count=before + 1)
            try:
                allowed = seen(decide(tuple(rules), person, frozenset(), "C0COSTS"))
            except AccessDenied:
                allowed = None
            hidden = {key[2] for key in BILL} - {key[2] for key in allowed or ()}
            result = json.dumps([shown["text"], shown["blocks"]])
            assert not [name for name in hidden if name in result]
            if allowed is None:
                assert "$" not in result
                return
            total = sum(BILL[key] for key in allowed) * 22
            assert shown["text"].startswith(f"${total:,.0f}" if total >= 1000 else f"${total:,.2f}")
            files = len(run.ws.files)
            run.ws.click(MEMBER, shown["ts"], "csv", _value(shown, "csv"))
            content = run.ws.wait_for(lambda: run.ws.files[files:])[0].content.decode()
            assert not [name for name in hidden if name in content]
            run.ws.click(MEMBER, shown["ts"], "change", _value(shown, "change"))
            modal = run.ws.wait_for(lambda: run.ws.views(MEMBER))[-1]
            offered = json.dumps(run.ws.suggest(MEMBER, modal["id"], "only", ""))
            run.ws.close(MEMBER, modal["id"])
            assert not [name for name in hidden if name in offered]

        hold()
    ledger.close()


def _value(message, action):
    every = [element for block in message["blocks"] if block["type"] == "actions" for element in block["elements"]]
    return next(item["value"] for item in every if item["action_id"] == action)


def _replied(run, words):
    """What an admin's command is answered with, once it holds these words."""
    return run.ws.wait_for(
        lambda: next((m for m in run.ws.from_bot("#cloud-costs", None, ADMIN)[::-1] if words in json.dumps(m)), None)
    )


def _new_rule(run, **fields):
    """Enters a rule into the modal that the command opens; the reply to its submission."""
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "access new")
    modal = run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]
    if "group" in fields:
        fields["group"] = run.ws.suggest(ADMIN, modal["id"], "group", fields["group"])[0]["value"]
    return run.ws.submit(ADMIN, modal["id"], fields)


def test_admins_make_rules_in_a_form(run):
    """An admin adds a rule, sees it listed, moves, changes and deletes it; each is in the log; it holds at once."""
    rules = run.slack.context.access.rules
    reply = _new_rule(run, subject="user")
    assert list(reply.body["errors"].values()) == ["Choose the person."]
    run.ws.close(ADMIN, run.ws.views(ADMIN)[-1]["id"])
    _new_rule(run, subject="user", user=MEMBER, sources=["aws"])
    run.ws.wait_for(lambda: rules("T0LUMEN") == (AccessRule(subject="user", id=MEMBER, scope=AWS),))
    _new_rule(run, subject="group", group="vis", deny=["yes"])
    run.ws.wait_for(lambda: len(rules("T0LUMEN")) == 2)
    reply = _new_rule(run, subject="user", user=MEMBER)
    assert "already" in reply.body["errors"]["subject"]
    run.ws.close(ADMIN, run.ws.views(ADMIN)[-1]["id"])
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    assert "OpenAI" not in run.answer("#cloud-costs", MEMBER)["text"]
    run.ws.slash("U0MEI", "#cloud-costs", "/spend", "by service")
    assert "$" not in run.answer("#cloud-costs", "U0MEI")["text"]
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "access")
    listed = _replied(run, "Access rules")
    assert "<!subteam^S0VISION>" in json.dumps(listed["blocks"])
    assert "may see nothing" in json.dumps(listed["blocks"])
    menu = "access_menu"
    run.ws.click(ADMIN, listed["ts"], menu, "up:group S0VISION", block_id=_block(listed, "S0VISION"))
    run.ws.wait_for(lambda: rules("T0LUMEN")[0].subject == "group")
    run.ws.click(ADMIN, listed["ts"], menu, f"edit:user {MEMBER}", block_id=_block(listed, MEMBER))
    modal = run.ws.wait_for(lambda: run.ws.views(ADMIN))[-1]
    run.ws.submit(ADMIN, modal["id"], {"sources": ["openai"]})
    run.ws.wait_for(lambda: rules("T0LUMEN")[1].scope == Scope(sources=("openai",)))
    run.ws.click(ADMIN, listed["ts"], menu, "delete:group S0VISION", block_id=_block(listed, "S0VISION"))
    run.ws.wait_for(lambda: len(rules("T0LUMEN")) == 1)
    acts = [entry["act"] for entry in run.slack.context.audit.entries("T0LUMEN")]
    assert [acts.count(f"access {word}") for word in ("saved", "up", "delete")] == [3, 1, 1]
    assert acts.count("refused") == 1


def _block(message, words):
    """The id of the block whose menu belongs to a rule."""
    return next(block["block_id"] for block in message["blocks"] if words in json.dumps(block) and "accessory" in block)


@pytest.mark.parametrize("words", ["access", "access new", "access delete everyone"])
def test_members_cannot_see_or_change_the_rules(run, words):
    """Somebody who is no admin is told so, and no form opens."""
    run.slack.context.access.change("T0LUMEN", (AccessRule(subject="everyone"),))
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", words)
    assert "admins" in run.answer("#cloud-costs", MEMBER)["text"]
    assert run.ws.views(MEMBER) == []


def test_an_admin_who_locked_everybody_out_gets_back_in(run):
    """With a rule that denies everyone, an admin still sees the rules and deletes it."""
    run.slack.context.access.change("T0LUMEN", (AccessRule(subject="everyone", deny=True),))
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "this month")
    assert "$" not in run.answer("#cloud-costs", ADMIN)["text"]
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "access")
    listed = _replied(run, "Access rules")
    run.ws.click(ADMIN, listed["ts"], "access_menu", "delete:everyone")
    run.ws.wait_for(lambda: run.slack.context.access.rules("T0LUMEN") == ())


def test_a_guest_who_is_named_may_ask(run):
    """An admin's rule lets a guest in by name, within its scope."""
    run.slack.context.access.change("T0LUMEN", (AccessRule(subject="user", id=GUEST, scope=AWS),))
    run.ws.mention(GUEST, "#site-refresh", "by service")
    text = run.ws.messages("#site-refresh")[-1]["ts"]
    assert "OpenAI" not in run.answer("#site-refresh", GUEST, text)["text"]
