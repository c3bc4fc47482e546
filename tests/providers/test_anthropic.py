"""Anthropic: against the simulated organization in both of its series, and against replies no one should send."""

import json
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from wires import Canned, Counter, late, sums

from bot.domain.errors import AccessDenied, Unavailable, UnexpectedReply
from bot.domain.period import Period
from bot.providers.anthropic import Anthropic, AnthropicSettings
from simulators.anthropic import bill
from simulators.anthropic.server import (
    ADMIN_KEY,
    BETA,
    OVERLOADED,
    THROTTLED,
    WORKSPACE_KEY,
    AnthropicSimulator,
    failure,
)
from simulators.company import NOW
from simulators.http_server import cut, garble, half, hang_up, json_reply

DAY = timedelta(days=1)
DAYS = Period(start=date(2026, 11, 6), end=date(2026, 11, 12))
TURN = Period(start=date(2025, 12, 30), end=date(2026, 1, 3))
"""Around the first day that the analytics tell of."""
ANALYTICS, REPORTS = {}, {"analytics": False}
SERIES = pytest.mark.parametrize("series", [ANALYTICS, REPORTS], ids=["analytics", "reports"])


def adapter(sim, key=ADMIN_KEY, **more):
    """The adapter, pointed at a simulator."""
    return Anthropic(AnthropicSettings(admin_key=key, base_url=sim.url, **more), meter=Counter(), clock=lambda: NOW)


def pulled(provider, days=DAYS, feed=0):
    """All charges of one feed."""
    return list(provider.charges(provider.feeds()[feed], days))


ITEMS = {
    bill.INPUT: "input",
    bill.READ: "cached input",
    bill.WRITE: "5m cache write",
    bill.WRITE_HOUR: "1h cache write",
    bill.OUTPUT: "output",
}


def item(line):
    """The name under which a line is priced."""
    return f"{line.model}, {ITEMS[line.token_type]}" if line.token_type else line.cost_type.replace("_", " ")


def asked(sim, path):
    """The days that a path was asked for, by request."""
    return [
        (request.query["starting_at"][0][:10], request.query["ending_at"][0][:10])
        for request in sim.log
        if urlsplit(request.path).path.endswith(path)
    ]


def page(amount="1250.375", **group):
    """A page of the analytics with one row whose amount is written as given."""
    row = {
        "starting_at": "2026-11-10T00:00:00Z",
        "ending_at": "2026-11-11T00:00:00Z",
        "group": {"model": "claude-opus-5", "cost_type": "tokens", "token_type": "output_tokens", **group},
        "cost": {"amount": "@", "list_amount": "1300", "currency": "USD", "requests": None},
    }
    return json.dumps({"data": [row], "has_more": False, "next_page": None}).replace('"@"', amount)


@pytest.fixture(scope="module")
def anthropic():
    """The organization of the demo."""
    with AnthropicSimulator(lambda: NOW) as sim:
        yield sim


@SERIES
@pytest.mark.parametrize("feed", [0, 1, 2])
def test_each_feed_adds_up_to_the_bill_of_each_day(series, feed):
    """Every feed of either series comes to the truth of every day, to the last digit, over small pages."""
    with AnthropicSimulator(lambda: NOW, page=6, **series) as sim:
        found = sums(pulled(adapter(sim), feed=feed), "day")
    assert found == {(day,): sim.truth(Period(start=day, end=day + DAY))["USD"] for day in DAYS}


@SERIES
def test_the_bill_tells_workspace_model_and_token_type(series):
    """Money of each workspace, model and token type equals what was used; token types are in common words."""
    with AnthropicSimulator(lambda: NOW, **series) as sim:
        charges = pulled(adapter(sim))
    truth = sim.truth_by(DAYS, lambda entry: (bill.WORKSPACES[entry.workspace], entry.model or "", item(entry)))
    assert sums(charges, "sub_account_name", "x_model", "sku_id") == truth
    assert {charge.x_token_type for charge in charges} == {"", "input", "cached_input", "cache_write", "output"}


@SERIES
def test_tokens_stand_where_bill_and_meter_agree(series):
    """Tokens of each workspace and type equal what was used; what is no token has no quantity."""
    with AnthropicSimulator(lambda: NOW, **series) as sim:
        charges = pulled(adapter(sim))
    found = {}
    for charge in charges:
        if charge.consumed_unit == "Tokens":
            key = charge.sub_account_name, charge.sku_id
            found[key] = found.get(key, 0) + charge.consumed_quantity
    truth = {}
    for line in (line for day in DAYS for line in sim.lines(day) if line.token_type):
        key = bill.WORKSPACES[line.workspace], item(line)
        truth[key] = truth.get(key, 0) + line.tokens
    assert found == truth
    assert {charge.consumed_unit for charge in charges if charge.billed_cost and not charge.x_token_type} == {""}


def test_keys_are_exact_in_the_analytics(anthropic):
    """The analytics tell keys apart, the workbench without one included; nothing is estimated."""
    charges = pulled(adapter(anthropic), feed=1)
    truth = anthropic.truth_by(DAYS, lambda line: bill.KEYS[line.key][0] if line.key else "")
    assert sums(charges, "x_api_key_name") == {(name,): amount for name, amount in truth.items()}
    assert {charge.x_estimate for charge in charges} == {""}


def test_people_are_exact_in_the_analytics(anthropic):
    """The analytics name who used what; a bare key is nobody."""
    charges = pulled(adapter(anthropic), feed=2)
    truth = anthropic.truth_by(DAYS, lambda line: bill.USERS[line.user][0] if line.user else "")
    assert sums(charges, "x_user_name") == {(name,): amount for name, amount in truth.items()}


def test_keys_are_estimated_from_the_reports():
    """Without the analytics, lines are split by the tokens each key metered, at the same tier and context."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        charges = pulled(adapter(sim), feed=1)
    keyed = sums([charge for charge in charges if charge.x_token_type], "x_api_key_name")
    truth = sim.truth_by(DAYS, lambda entry: bill.KEYS[entry.key][0] if entry.key and entry.token_type else "")
    tools = sum(line.cents for day in DAYS for line in sim.lines(day) if not line.token_type) / 100
    truth[""] -= tools
    assert keyed == {(name,): amount for name, amount in truth.items()}
    assert {charge.x_estimate for charge in charges if charge.x_api_key_name} == {"metered usage"}


def test_claude_code_is_split_among_people_by_its_own_analytics():
    """Without the cost analytics, who used Claude Code is told by the tokens it counted for each."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        charges = [entry for entry in pulled(adapter(sim), feed=2) if entry.sub_account_name == "Claude Code"]
    truth = sim.truth_by(DAYS, lambda line: bill.USERS[line.user][0] if line.workspace == bill.CODE else None)
    del truth[None]
    assert sums(charges, "x_user_name") == {(name,): amount for name, amount in truth.items()}


def test_no_day_comes_from_both_series(anthropic):
    """Days before 2026 come from the reports, later ones from the analytics, each day from one of them."""
    anthropic.log.clear()
    charges = pulled(adapter(anthropic), TURN)
    assert sums(charges, "day") == {(day,): anthropic.truth(Period(start=day, end=day + DAY))["USD"] for day in TURN}
    assert asked(anthropic, "/cost_report") == [("2025-12-30", "2026-01-01")]
    assert asked(anthropic, "/analytics/cost") == [("2026-01-01", "2026-01-03")]


def test_an_organization_with_the_analytics_alone_has_nothing_before_them():
    """Where the reports are refused (Claude Enterprise), days before the analytics are empty, not an error."""
    with AnthropicSimulator(lambda: NOW, reports=False) as sim:
        provider = adapter(sim)
        charges = pulled(provider, TURN)
        assert {charge.day for charge in charges} == {date(2026, 1, 1), date(2026, 1, 2)}
        assert pulled(provider, Period(start=date(2025, 11, 1), end=date(2025, 11, 3))) == []
        assert provider.horizon(provider.feeds()[0], NOW).floor == date(2026, 1, 1)


@pytest.mark.parametrize("refusal", [failure(403, "No."), failure(404, "Not found"), None])
def test_without_the_analytics_the_reports_serve(refusal):
    """403, 404 and "not enrolled" of the beta mean the older reports, for all days of the pull."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        if refusal:
            sim.fail(refusal, times=9, when=lambda request: "/analytics/" in request.path)
        charges = pulled(adapter(sim))
    assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]


def test_analytics_that_hold_nothing_yet_leave_it_to_the_reports():
    """Just after enrolment the analytics are open but empty; the bill then still comes from the reports."""
    blank = json_reply({"data": [], "has_more": False, "next_page": None, "data_refreshed_at": None})
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.fail(blank, times=99, when=lambda request: "/analytics/" in request.path)
        charges = pulled(adapter(sim))
        assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]


def test_the_reports_are_not_asked_for_today():
    """The reports tell complete days only: asked for today alone, nothing is asked and nothing told."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        assert pulled(adapter(sim), Period(start=NOW.date(), end=NOW.date() + DAY)) == []
        assert asked(sim, "/cost_report") == []


def test_the_analytics_tell_today_in_part(anthropic):
    """Today's part comes in, and the last day told of is that of the vendor's refresh."""
    provider = adapter(anthropic)
    today = Period(start=NOW.date(), end=NOW.date() + DAY)
    assert sum(entry.billed_cost for entry in pulled(provider, today)) == anthropic.truth(today)["USD"] > 0
    assert provider.data_through(provider.feeds()[0]) == NOW.date()
    horizon = provider.horizon(provider.feeds()[0], NOW)
    assert (horizon.moving, horizon.end) == (date(2026, 10, 22), date(2026, 11, 23))


def test_a_cursor_that_expired_begins_again():
    """HTTP 410 on the way restarts the window, and no row comes twice."""

    def expire(reply):
        sim.expire()
        return reply

    with AnthropicSimulator(lambda: NOW, page=6) as sim:
        sim.fail(expire, when=lambda request: "page" in request.query)
        charges = pulled(adapter(sim))
        assert sums(charges, "day") == {(day,): sim.truth(Period(start=day, end=day + DAY))["USD"] for day in DAYS}


def test_cursors_that_always_expire_are_unavailable():
    """Pages that expire faster than they are read end the pull instead of going round forever."""
    with AnthropicSimulator(lambda: NOW, page=6) as sim:
        sim.fail(failure(410, "expired"), times=99, when=lambda request: "page" in request.query)
        with pytest.raises(Unavailable):
            pulled(adapter(sim))


@pytest.mark.parametrize(
    ("cents", "dollars"),
    [
        ('"1250.375"', "12.50375"),
        ('"40"', "0.4"),
        ("5", "0.05"),
        ("1e-3", "0.00001"),
        ('"-300"', "-3"),
        ('"0.0000000000000123"', "0.000000000000000123"),
        ('"9999999999.99"', "99999999.9999"),
    ],
)
def test_cents_are_divided_once(cents, dollars):
    """Fractional cents become exact dollars, whatever form they are written in."""
    with Canned(page(cents), "analytics/cost") as sim:
        [charge] = pulled(adapter(sim))
    assert (charge.billed_cost, charge.list_cost) == (Decimal(dollars), Decimal(13))


@pytest.mark.parametrize("amount", ["NaN", "true", "null", '"$3"', "1e400", "{}"])
def test_what_is_no_amount_is_refused(amount):
    """An amount that is no number is an unexpected reply, never a zero."""
    with Canned(page(amount), "analytics/cost") as sim, pytest.raises(UnexpectedReply):
        pulled(adapter(sim))


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "<html>",
        '{"data": [7]}',
        '{"data": [], "has_more": true, "next_page": null}',
        '{"data": [], "has_more": true, "next_page": "again"}',
        '{"data": [{"starting_at": "2026-11-10T00:00:00", "group": {}, "cost": {"amount": "1", "currency": "USD"}}]}',
        '{"data": [{"starting_at": "2026-11-10T00:00:00Z", "group": {}, "cost": {"amount": "1"}}]}',
    ],
)
def test_a_strange_body_is_unexpected(body):
    """A whole reply of an unknown shape, a time without zone, a missing currency: an unexpected reply."""
    with Canned(body, "analytics/cost") as sim, pytest.raises(UnexpectedReply):
        pulled(adapter(sim))


def test_new_words_break_nothing():
    """Unknown cost types, token types, actors and fields come in under the vendor's own words."""
    actor = {"type": "martian_actor", "name": "Zog", "tentacles": 8}
    with Canned(page(cost_type="tokens", token_type="dream_tokens", actor=actor), "analytics/cost") as sim:
        [charge] = pulled(adapter(sim), feed=2)
    assert (charge.x_token_type, charge.sku_id) == ("dream_tokens", "claude-opus-5, dream_tokens")
    assert (charge.x_user_name, charge.sub_account_name) == ("Zog", "Default")


@SERIES
def test_the_default_workspace_has_one_name(series):
    """The workbench is in "Default", by the same id, whichever series tells it."""
    with AnthropicSimulator(lambda: NOW, **series) as sim:
        charges = pulled(adapter(sim))
    assert {charge.sub_account_id for charge in charges if charge.sub_account_name == "Default"} == {bill.DEFAULT}


def test_the_beta_is_asked_for_where_it_is_needed(anthropic):
    """Only the analytics get the beta header; keys go in x-api-key, access tokens as bearer."""
    anthropic.log.clear()
    pulled(adapter(anthropic), TURN)
    for request in anthropic.log:
        assert (request.headers.get("anthropic-beta") == BETA) is ("/analytics/" in request.path)
        assert request.headers["x-api-key"] == ADMIN_KEY
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.keys = {"sk-ant-oat01-0123456789": True}
        assert pulled(adapter(sim, "sk-ant-oat01-0123456789"))
        assert "x-api-key" not in sim.log[0].headers


def test_a_throttled_pull_says_when_to_come_back(anthropic):
    """HTTP 429 is unavailable, with the seconds of retry-after."""
    anthropic.fail(THROTTLED)
    with pytest.raises(Unavailable) as caught:
        pulled(adapter(anthropic))
    assert caught.value.retry_after == 12


@SERIES
@pytest.mark.parametrize("fault", [OVERLOADED, failure(504, "timeout"), hang_up, cut, half])
def test_a_failing_vendor_is_unavailable_even_in_mid_pages(series, fault):
    """529, 504, a closed line and half a body end the pull of either series, whatever page they strike."""
    with AnthropicSimulator(lambda: NOW, page=4, **series) as sim:
        sim.fail(fault, after=4)
        with pytest.raises(Unavailable):
            pulled(adapter(sim))


def test_a_slow_vendor_and_a_strange_one(anthropic):
    """A late reply is unavailable; JSON that is not a page is no empty page."""
    anthropic.fail(late)
    with pytest.raises(Unavailable, match=r"0\.1 seconds"):
        pulled(adapter(anthropic, timeout=0.1))
    anthropic.fail(garble, when=lambda request: "cost" in request.path)
    with pytest.raises(UnexpectedReply):
        pulled(adapter(anthropic))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            WORKSPACE_KEY,
            "this is an API key; costs need an admin key",
        ),
        ("sk-ant-admin01-expired0123456789", "does not recognize the admin key"),
    ],
)
def test_a_refused_key_is_named_by_kind_and_never_shown(anthropic, key, words):
    """Access denied says what the key is and what is needed; at most its last four characters appear."""
    with pytest.raises(AccessDenied, match=words) as caught:
        pulled(adapter(anthropic, key))
    assert "ANTHROPIC_ADMIN_KEY" in caught.value.hint
    assert key[-5:] not in str(caught.value)
    assert key[:20] not in str(caught.value)


def test_two_keys_may_overlap():
    """While one of two keys is refused the other serves, and doctor names the refused one by its end."""
    with AnthropicSimulator(lambda: NOW) as sim:
        provider = adapter(sim, f"sk-ant-admin01-outgoing0123456789zyxw,{ADMIN_KEY}")
        assert sum(entry.billed_cost for entry in pulled(provider)) == sim.truth(DAYS)["USD"]
        stale = [check.message for check in provider.checks() if not check.ok]
    assert stale == ["The key ending in …zyxw is refused; another key is used."]


@SERIES
def test_doctor_tries_costs_and_names(series):
    """Every permission is tried; that the analytics are missing is said with what it means."""
    with AnthropicSimulator(lambda: NOW, **series) as sim:
        checks = {check.what: check for check in adapter(sim).checks()}
        assert all(check.ok for check in checks.values())
        assert ("Priority Tier is missing" in checks["Anthropic costs"].message) is bool(series)
        assert not any(check.ok for check in adapter(sim, WORKSPACE_KEY).checks())


def test_a_restated_day_and_a_vanished_row_are_told_anew():
    """A second pull tells what the vendor tells now, and nothing from before."""
    with AnthropicSimulator(lambda: NOW) as sim:
        provider = adapter(sim)
        before = sums(pulled(provider), "day")
        sim.restate(date(2026, 11, 8))
        sim.vanish(date(2026, 11, 9), bill.CODE)
        after = pulled(provider)
    assert sums(after, "day")[date(2026, 11, 8),] == before[date(2026, 11, 8),] * Decimal("1.1")
    assert not [entry for entry in after if entry.day == date(2026, 11, 9) and entry.sub_account_id == bill.CODE]


def test_every_setting_is_described():
    """Each setting has a sentence and the variable that sets it; the key never shows."""
    for field in AnthropicSettings.model_fields.values():
        assert field.description.endswith(".")
        assert field.json_schema_extra["env"].startswith("ANTHROPIC_")
    assert ADMIN_KEY not in repr(AnthropicSettings(admin_key=ADMIN_KEY))


def test_importing_the_provider_imports_no_vendor_library():
    """Listing providers costs nothing: httpx and the price catalogue come with the first pull."""
    code = "import sys, bot.providers.anthropic; print({'httpx', 'genai_prices', 'anthropic'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
