"""What OpenAI really refuses, leaves out and nests, and that the adapter works all the same."""

import pytest
from test_openai import WEEK, adapter, pulled

from bot.domain.errors import CostError
from bot.domain.feed import choose
from bot.domain.period import DAY, Period
from simulators.company import NOW
from simulators.openai import bill
from simulators.openai.server import OpenAISimulator, failure


def test_nulls_where_the_sdk_says_optional_cost_nothing_and_are_noted():
    """Amount, value and currency may be null: the bill lands in dollars, and a note says what had no amount."""
    with OpenAISimulator(lambda: NOW, nulls=True) as sim:
        provider = adapter(sim)
        charges = pulled(provider)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(WEEK)["USD"]
    assert {charge.billing_currency for charge in charges} == {"USD"}
    assert [note.view for note in provider.notes()] == ["amounts"]


@pytest.mark.parametrize("feed", [0, 1, 2])
def test_an_expired_cursor_goes_on_with_the_next_day(feed):
    """A cursor that expires costs no day and no cent, and no day is read twice."""
    with OpenAISimulator(lambda: NOW, page=2) as sim:
        whole = pulled(adapter(sim), feed=feed)
        sim.fail(failure(400, "Invalid page"), times=2, when=lambda item: "page" in item.query)
        assert pulled(adapter(sim), feed=feed) == whole


@pytest.mark.parametrize(("scope", "feed"), [("/usage/", 1), ("/users", 2), ("/costs", 1)])
def test_what_is_refused_is_noted_and_granted_later_without_a_restart(scope, feed):
    """A refused meter, list or grouping is a note with the reason; the same adapter takes it up once granted."""
    with OpenAISimulator(lambda: NOW, tells_users=True) as sim:
        provider = adapter(sim)
        refusal = failure(400 if scope == "/costs" else 403, "Not for you.")

        def refused(request):
            return scope in request.path and (scope != "/costs" or "api_key_id" in request.query["group_by[]"])

        sim.fail(refusal, times=99, when=refused)
        assert sum(item.billed_cost for item in pulled(provider, feed=feed)) == sim.truth(WEEK)["USD"]
        assert provider.notes()
        sim.heal()
        assert sum(item.billed_cost for item in pulled(provider, feed=feed)) == sim.truth(WEEK)["USD"]
        assert provider.notes() == []


def test_keys_are_estimated_where_costs_refuse_them():
    """Costs by project, line item and key were refused to a live account: they are then split by what was metered."""
    with OpenAISimulator(lambda: NOW, tells_keys=False) as sim:
        provider = adapter(sim)
        charges = pulled(provider, feed=1)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(WEEK)["USD"]
    assert {charge.x_estimate for charge in charges if charge.x_api_key_name and charge.billed_cost} == {
        "metered usage"
    }
    assert [note.columns for note in provider.notes()] == [frozenset({"x_ApiKeyName"})]


def test_names_may_be_nested():
    """A user's name is found under ``user`` as well as at the top."""
    with (
        OpenAISimulator(lambda: NOW, tells_users=True) as flat,
        OpenAISimulator(lambda: NOW, tells_users=True, nested=True) as sim,
    ):
        assert pulled(adapter(sim), feed=2) == pulled(adapter(flat), feed=2)


def test_spend_limits_are_budgets():
    """Limits of the organization and of a project come in dollars; where none is set there is none, and no refusal."""
    with OpenAISimulator(lambda: NOW) as sim:
        project, name = next(iter(bill.PROJECTS.items()))
        sim.limits = {"": 500_000, project: 12_550}
        found = list(adapter(sim).advice())
        sim.limits = {}
        assert [item.details["message"] for item in adapter(sim).advice()] == [""]
    budgets = {item.name: item.details for item in found if item.kind == "budget"}
    assert budgets["Spend limit"] == {"limit": "5000", "currency": "USD", "every": "monthly"}
    assert budgets[f"Spend limit, {name}"]["limit"] == "125.5"
    assert budgets[f"Spend limit, {name}"]["projects"] == name


ERRORS = [
    (400, "Invalid request.", "RequestRefused"),
    (401, "Unknown key.", "AccessDenied"),
    (403, "Not allowed.", "AccessDenied"),
    (404, "Not found.", "RequestRefused"),
    (408, "Too slow.", "Unavailable"),
    (409, "Conflict.", "RequestRefused"),
    (413, "Too large.", "RequestRefused"),
    (422, "Unprocessable.", "RequestRefused"),
    (429, "Slow down.", "Throttled"),
    (500, "Our fault.", "Unavailable"),
    (503, "Overloaded.", "Unavailable"),
    (504, "Timed out.", "Unavailable"),
    (529, "Overloaded.", "Unavailable"),
]
"""The statuses that the documentation of errors and the SDK's exceptions list, and what each becomes."""


@pytest.mark.parametrize(("status", "words", "kind"), ERRORS, ids=[str(status) for status, *_ in ERRORS])
def test_each_documented_error_is_named_for_who_must_act(status, words, kind):
    """Retried, denied or refused: whatever every request gets is an error of its kind, with what to do."""
    with OpenAISimulator(lambda: NOW) as sim:
        sim.fail(failure(status, words), times=99)
        with pytest.raises(CostError) as caught:
            pulled(adapter(sim))
    assert type(caught.value).__name__ == kind
    assert caught.value.hint


def test_an_end_in_the_future_is_left_out_where_it_is_refused():
    """Whether an end that lies ahead is taken is not documented: where it is not, today comes all the same."""
    days = Period(start=WEEK.start, end=NOW.date() + DAY)
    with OpenAISimulator(lambda: NOW) as sim:

        def ahead(request):
            return int(request.query.get("end_time", ["0"])[0]) > NOW.timestamp()

        sim.fail(failure(400, "Invalid 'end_time': it lies in the future."), times=99, when=ahead)
        charges = pulled(adapter(sim), days)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(days)["USD"]
        assert NOW.date() in {charge.day for charge in charges}


@pytest.mark.parametrize("words", ["Invalid 'limit': expected a value <= 5, but got {}.", "limit is too large: {}"])
def test_pages_are_shorter_where_their_length_is_refused(words):
    """A limit that OpenAI no longer takes is lowered to what it names, or by halves; the bill and names are whole."""
    with OpenAISimulator(lambda: NOW) as sim:

        def long(request):
            return int(request.query.get("limit", ["0"])[0]) > 5

        sim.fail(failure(400, words.format(7)), times=99, when=long)
        charges = pulled(adapter(sim))
        assert sum(charge.billed_cost for charge in charges) == sim.truth(WEEK)["USD"]
        assert {charge.sub_account_name for charge in charges} <= set(bill.PROJECTS.values())


def test_api_sources_are_told_and_tiers_are_shared_out_by_what_was_metered():
    """By API source the bill comes exact, by service tier as an estimate that says so; both add up to the bill."""
    with OpenAISimulator(lambda: NOW) as sim:
        provider = adapter(sim)
        source, tier = (pulled(provider, feed=feed) for feed in (3, 4))
        assert {item.tags.get("api source") for item in source if item.billed_cost} == {"agents_api", "unlabeled"}
        assert {item.tags["service tier"] for item in tier if item.tags} == {"default", "batch"}
        for charges in (source, tier):
            assert sum(charge.billed_cost for charge in charges) == sim.truth(WEEK)["USD"]
        truth = sim.truth_by(WEEK, lambda line: line.source)
        result = sum(item.billed_cost for item in source if item.tags.get("api source") == "agents_api")
        assert result == truth["agents_api"]
        shared = {item.x_estimate for item in tier if item.tags and item.billed_cost}
    assert {item.x_estimate for item in source} == {""}
    assert shared <= {"metered usage", "metered usage at list price"}


def test_no_other_feed_says_that_there_are_no_tiers():
    """Who asks by tier or API source is answered from the feed that tells them, never with a bill that names none."""
    with OpenAISimulator(lambda: NOW) as sim:
        feeds = adapter(sim).feeds()
    assert choose(feeds, {"Tags/service tier"}).name.endswith("service tier")
    assert choose(feeds, {"Tags/api source", "x_Model"}).name.endswith("api source")
    assert choose(feeds, {"Tags/team"}) == feeds[0]
    assert choose(feeds, {"Tags/service tier", "x_UserName"}) is None


@pytest.mark.parametrize("feed", [1, 2])
def test_tools_are_counted_once(feed):
    """Web searches are calls; the requests to models that they are told with are not counted a second time."""
    with OpenAISimulator(lambda: NOW) as sim:
        charges = pulled(adapter(sim), feed=feed)
        searches = sum(line.quantity for day in WEEK for line in sim.lines(day) if line.item == bill.SEARCHES)
        requests = sum(line.requests for day in WEEK for line in sim.lines(day))
    counted = {
        unit: sum(charge.consumed_quantity for charge in charges if charge.consumed_unit == unit) for unit in UNITS
    }
    assert counted == {"Calls": searches, "Requests": requests}


UNITS = ("Calls", "Requests")
