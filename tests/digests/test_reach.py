"""Nobody reads in a digest, App Home or a menu what lies outside their scope: any rules, over a real ledger."""

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from bills import BILL, Clock, amount, fill, office
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from seen import seen

from bot.digests.service import Digest
from bot.domain.errors import AccessDenied
from bot.domain.period import DAY
from bot.domain.question import DIMENSIONS, Filter
from bot.domain.scope import Scope
from bot.render.slack import digest_message
from bot.slack.access import AccessRule
from bot.slack.app import client
from bot.slack.delivery import Destination
from bot.slack.listeners import home
from bot.slack.modals import choices
from bot.slack.workspace_memory import WorkspaceMemory
from simulators.slack import BOT_TOKEN, MEMBER

TEAM, CHANNEL = "T0LUMEN", "C0COSTS"
ROWS = {
    (source, provider, service, account): (source, (service, account))
    for source, (provider, parts) in BILL.items()
    for service, account in parts
}
AT = {"ServiceProviderName": 1, "ServiceName": 2, "SubAccountName": 3}


@st.composite
def scopes(draw):
    """Any scope over the bill."""
    sources = draw(st.none() | st.lists(st.sampled_from(list(BILL)), unique=True).map(tuple))
    where = []
    for name in draw(st.lists(st.sampled_from(list(AT)), max_size=2, unique=True)):
        values = draw(st.lists(st.sampled_from(sorted({row[AT[name]] for row in ROWS})), min_size=1, unique=True))
        where.append(Filter(dimension=name, values=tuple(values), exclude=draw(st.booleans())))
    return Scope(sources=sources, where=tuple(where))


def only(service, *, exclude=False):
    """The scope of one service, or of all others."""
    return Scope(where=(Filter(dimension="ServiceName", values=(service,), exclude=exclude),))


def within(scope):
    """The rows of the bill that a scope lets see, by means of its own."""
    return {
        row
        for row in ROWS
        if (scope.sources is None or row[0] in scope.sources)
        and all((row[AT[item.dimension]] in item.values) != item.exclude for item in scope.where)
    }


def hidden(rows):
    """Names that only rows outside these have."""
    return {name for row in ROWS for name in row[1:]} - {name for row in rows for name in row[1:]}


@pytest.fixture
def house(ledger, ws, clock):
    """The app, its digests, and a ledger that is told all up to yesterday."""
    fill(ledger)
    slack, digests = office(ledger, ws, clock)
    yield SimpleNamespace(context=slack.context, digests=digests, web=client(BOT_TOKEN, ws.api_url))
    slack.close()


def test_no_digest_home_or_menu_reveals_a_row_outside_the_scope(house):
    """For any rules of a person and a channel: names outside are nowhere, and the total is that of the rows inside."""
    context, yesterday = house.context, (Clock()() - DAY).date()
    digest = Digest(name="mine", channel=CHANNEL, team=TEAM, owner=MEMBER, questions=("last week by service",))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @example(deny_person=False, person=only("Amazon S3"), deny_channel=False, channel=only("Amazon S3", exclude=True))
    @given(st.booleans(), scopes(), st.booleans(), scopes())
    def hold(deny_person, person, deny_channel, channel):
        rules = (
            AccessRule(subject="user", id=MEMBER, deny=deny_person, scope=person),
            AccessRule(subject="channel", id=CHANNEL, deny=deny_channel, scope=channel),
        )
        context.access.change(TEAM, rules)
        _digest(within(person) & within(channel), refused=deny_person or deny_channel)
        if not deny_person:
            _own(within(person))

    def _digest(rows, *, refused):
        try:
            edition = house.digests.compose(digest, "2026-11-23", Clock()())
        except AccessDenied:
            assert refused
            return
        assert not refused
        result = json.dumps([[item.text, item.blocks] for item in digest_message.draw(edition)])
        assert not [name for name in hidden(rows) if name in result]
        total = sum((amount(*ROWS[row], yesterday) for row in rows), Decimal(0))
        assert sum((item.amount for item in seen(edition.lead).totals), Decimal(0)) == total

    def _own(rows):
        request = context.authorize(Destination(house.web, TEAM, user=MEMBER), "home")
        result = json.dumps(list(home.sections(context, request)))
        menu = json.dumps(choices.offer(context, WorkspaceMemory(context.memory, "T0LUMEN"), request.scope, ""))
        found = [context.answer_service.closest(name, "", scope=request.scope) for name in DIMENSIONS]
        assert not [name for name in hidden(rows) if name in result + menu + json.dumps(found)]

    hold()
