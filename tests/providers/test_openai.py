"""OpenAI: against the simulated organization, and against replies that no one should send."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from wires import Canned, Counter, late, sums

from bot.domain.errors import AccessDenied, Misconfigured, Unavailable, UnexpectedReply
from bot.domain.period import Period
from bot.providers.openai import OpenAI, OpenAISettings, read_line
from simulators.company import NOW
from simulators.http_server import Reply, cut, garble, half, hang_up, json_reply
from simulators.openai import bill
from simulators.openai.server import ADMIN_KEY, BROKEN, EVERYTHING, PROJECT_KEY, THROTTLED, OpenAISimulator

WEEK = Period(start=date(2026, 11, 14), end=date(2026, 11, 21))
SPRING = Period(start=date(2026, 2, 20), end=date(2026, 3, 6))


def adapter(sim, key=ADMIN_KEY, **more):
    """The adapter, pointed at a simulator."""
    settings = OpenAISettings(admin_key=key, base_url=f"{sim.url}/v1", **more)
    return OpenAI(settings, meter=Counter(), clock=lambda: NOW)


def pulled(provider, days=WEEK, feed=0):
    """All charges of one feed."""
    return list(provider.charges(provider.feeds()[feed], days))


def row(value="1.5", **more):
    """A body with one row of costs whose amount is written as given."""
    amount = {"value": "@", "currency": "usd"}
    cost = {"amount": amount, "line_item": "gpt-5, input", "project_id": "proj_1", **more}
    bucket = {"start_time": int(datetime(2026, 11, 15, tzinfo=UTC).timestamp()), "results": [cost]}
    return json.dumps({"data": [bucket], "has_more": False, "next_page": None}).replace('"@"', value)


@pytest.fixture(scope="module")
def openai():
    """The organization of the demo."""
    with OpenAISimulator(lambda: NOW) as sim:
        yield sim


@pytest.mark.parametrize("feed", [0, 1, 2])
@pytest.mark.parametrize("days", [WEEK, SPRING])
def test_each_feed_adds_up_to_the_bill_of_each_day(feed, days):
    """Every feed comes to the truth of every day, to the last digit, over many small pages that overlap."""
    with OpenAISimulator(lambda: NOW, page=2, repeat=True) as sim:
        found = sums(pulled(adapter(sim), days, feed), "day")
    assert found == {(day,): sim.truth(Period(start=day, end=day + timedelta(1)))["USD"] for day in days}


def test_the_bill_tells_project_model_and_token_type(openai):
    """Money and tokens of each project, model and token type equal what was used."""
    charges = pulled(adapter(openai))
    truth = openai.truth_by(WEEK, lambda line: (bill.PROJECTS[line.project], line.item))
    assert sums(charges, "sub_account_name", "sku_id") == truth
    tokens = [charge for charge in charges if charge.x_model == bill.NEW and charge.x_token_type == "cached_input"]
    used = [line for day in WEEK for line in openai.lines(day) if line.item == f"{bill.NEW}, cached input"]
    assert {token.consumed_unit for token in tokens} == {"Tokens"}
    assert sum(token.consumed_quantity for token in tokens) == sum(line.quantity for line in used)


def test_thousands_of_tokens_are_tokens(openai):
    """A quantity told in 1000_tokens comes in as tokens."""
    embedded = [item for item in pulled(adapter(openai)) if item.x_model == bill.EMBEDDING and item.billed_cost]
    used = [line for day in WEEK for line in openai.lines(day) if line.model == bill.EMBEDDING]
    assert sum(item.consumed_quantity for item in embedded) == sum(line.quantity for line in used)


@pytest.mark.parametrize("feed", [1, 2])
def test_requests_are_counted_and_cost_nothing(openai, feed):
    """How often each key and user asked models stands beside their cost, as a quantity of its own unit."""
    asked = [item for item in pulled(adapter(openai), feed=feed) if item.consumed_unit == "Requests"]
    used = sum(line.requests for day in WEEK for line in openai.lines(day))
    assert sum(item.consumed_quantity for item in asked) == used
    assert not any(item.billed_cost for item in asked)


def test_the_bill_does_not_wait_for_meters():
    """With the Usage API down, the bill itself still lands; only what needs the meters does not."""
    with OpenAISimulator(lambda: NOW) as sim:
        sim.fail(BROKEN, times=99, when=lambda request: "/usage/" in request.path)
        assert sums(pulled(adapter(sim)), "billing_currency") == {("USD",): sim.truth(WEEK)["USD"]}
        with pytest.raises(Unavailable):
            pulled(adapter(sim), feed=2)


def test_what_no_key_used_is_unattributed(openai):
    """By key OpenAI leaves out what was used without one; the rest is kept under no name."""
    found = sums(pulled(adapter(openai), feed=1), "x_api_key_name")
    truth = openai.truth_by(WEEK, lambda line: bill.KEYS[line.key][0] if line.key else "")
    assert found == {(name,): amount for name, amount in truth.items()}
    assert found[("",)] > 0


def test_users_are_told_where_openai_tells_them():
    """With an organization whose costs can be grouped by user, the split is no estimate."""
    with OpenAISimulator(lambda: NOW, tells_users=True) as sim:
        charges = pulled(adapter(sim), feed=2)
    truth = sim.truth_by(WEEK, lambda line: bill.USERS[line.user][0] if line.user else "")
    assert sums(charges, "x_user_name") == {(name,): amount for name, amount in truth.items()}
    assert not any(charge.x_estimate for charge in charges)


def test_users_are_estimated_where_openai_refuses_to_tell(openai):
    """Where costs by user are refused, lines are split by metered usage, say so, and still add up."""
    charges = pulled(adapter(openai), feed=2)
    assert sums(charges, "sku_id") == sums(pulled(adapter(openai)), "sku_id")
    shared = [charge for charge in charges if charge.x_user_name and charge.billed_cost]
    assert {item.x_estimate for item in shared} == {"metered usage"}
    truth = openai.truth_by(WEEK, lambda line: bill.USERS[line.user][0] if line.user else "")
    assert sums(charges, "x_user_name") == {(name,): amount for name, amount in truth.items()}


def by_user(openai):
    """How often costs were asked for by user."""
    return sum(item.path.endswith("/costs") and "user_id" in str(item.query) for item in openai.log)


def test_what_openai_refuses_to_tell_is_asked_once_a_pull():
    """Costs by user are refused for the organization, not for some days: a pull of months asks once, the next anew."""
    days = Period(start=NOW.date() - timedelta(days=100), end=NOW.date())
    with OpenAISimulator(lambda: NOW) as sim:
        first = adapter(sim)
        feed = first.feeds()[2]
        assert sum(charge.billed_cost for charge in first.charges(feed, days)) == sim.truth(days)["USD"]
        assert list(first.charges(feed, WEEK))
        assert by_user(sim) == 2


def test_meters_a_key_may_not_read_are_asked_once_each():
    """A key without usage is refused once by each meter, however many months are pulled."""

    class Metered(OpenAISimulator):
        def answer(self, request):
            denied = json_reply({"error": {"message": "Missing scopes: api.usage.read", "code": None}}, 403)
            return denied if "/usage/" in request.path else super().answer(request)

    days = Period(start=NOW.date() - timedelta(days=100), end=NOW.date())
    with Metered(lambda: NOW) as sim:
        assert sum(item.billed_cost for item in pulled(adapter(sim), days, feed=2)) == sim.truth(days)["USD"]
        asked = [item.path for item in sim.log if "/usage/" in item.path]
    assert len(asked) == len(set(asked)) == 9


def test_owners_that_costs_leave_out_are_estimated_too():
    """Where costs take the grouping but name nobody, what was metered says who used what."""

    class Nameless(OpenAISimulator):
        def answer(self, request):
            reply = super().answer(request)
            return (
                replace(reply, body=reply.body.replace(b'"user_id": "user', b'"nobody": "user'))
                if (request.path.endswith("/costs"))
                else reply
            )

    with Nameless(lambda: NOW, tells_users=True) as sim:
        found = sums(pulled(adapter(sim), feed=2), "x_user_name")
    truth = sim.truth_by(WEEK, lambda line: bill.USERS[line.user][0] if line.user else "")
    assert found == {(name,): amount for name, amount in truth.items()}


def test_a_promotional_credit_is_a_credit(openai):
    """A negative line that says credit is one; it names no project and consumes nothing."""
    [credit] = [item for item in pulled(adapter(openai), SPRING) if item.charge_category == "Credit"]
    assert credit.billed_cost == Decimal("-25.5")
    assert (credit.sub_account_id, credit.sub_account_name, credit.consumed_unit) == ("", "", "")


def test_an_archived_project_keeps_its_name(openai):
    """What an archived project cost is still told under its name."""
    assert "Support Pilot" in {item.sub_account_name for item in pulled(adapter(openai), SPRING)}


def test_names_are_ids_where_the_key_may_not_read_them():
    """A key that may read costs only still brings the bill, under ids."""
    with OpenAISimulator(lambda: NOW) as sim:
        sim.keys[ADMIN_KEY] = frozenset({"api.usage.read"})
        assert {item.sub_account_name for item in pulled(adapter(sim))} >= {bill.CHAT, bill.SEARCH}


def test_a_restated_day_and_a_vanished_row_are_told_anew():
    """A second pull tells what the vendor tells now, and nothing from before."""
    with OpenAISimulator(lambda: NOW) as sim:
        provider = adapter(sim)
        before = sums(pulled(provider), "day")
        sim.restate(date(2026, 11, 16))
        sim.vanish(date(2026, 11, 17), bill.VISION)
        after = pulled(provider)
    assert sums(after, "day")[date(2026, 11, 16),] == before[date(2026, 11, 16),] * Decimal("1.1")
    assert not [e for e in after if e.day == date(2026, 11, 17) and e.sub_account_id == bill.VISION and e.billed_cost]


def test_an_account_without_use_has_no_charges():
    """Empty buckets are no charges, and no day is known to have been told of."""
    with OpenAISimulator(lambda: NOW, lines=lambda _: ()) as sim:
        provider = adapter(sim)
        days = Period(start=date(2025, 1, 1), end=date(2025, 3, 1))
        assert pulled(provider, days) == []
        assert provider.data_through(provider.feeds()[0]) is None


def test_a_range_is_the_sum_of_its_days(openai):
    """Pulling a week at once and day by day tells the same charges."""
    provider = adapter(openai)
    singly = [item for day in WEEK for item in pulled(provider, Period(start=day, end=day + timedelta(1)))]
    assert sorted(map(repr, singly)) == sorted(map(repr, pulled(provider)))


def test_today_is_partial_and_tomorrow_is_not_asked(openai):
    """The horizon ends after today, whose part is told; 13 whole months lie behind and 35 days move."""
    provider = adapter(openai)
    feed = provider.feeds()[0]
    horizon = provider.horizon(feed, NOW)
    assert horizon.deepest == date(2025, 10, 1)
    assert (horizon.moving, horizon.end) == (date(2026, 10, 18), date(2026, 11, 23))
    pulled(provider, Period(start=date(2026, 11, 20), end=horizon.end))
    assert provider.data_through(feed) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("0.06", "0.06"),
        ("1.1e-05", "0.000011"),
        ('"0.8958740000000000"', "0.895874"),
        ('"12345678.123456789012345678"', "12345678.123456789012345678"),
        ("0.00012600000000000002", "0.000126"),
        ("-3.25", "-3.25"),
        ("7", "7"),
    ],
)
def test_amounts_are_exact(value, amount):
    """Numbers, exponents and strings come in to the last digit that a ledger keeps (1e-18)."""
    with Canned(row(value), "costs") as sim:
        [charge] = pulled(adapter(sim))
    assert charge.billed_cost == Decimal(amount)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "true", '"$3"', "1e400", "[]"])
def test_what_is_no_amount_is_refused(value):
    """A body whose amount is no number is an unexpected reply, never a zero."""
    with Canned(row(value), "costs") as sim, pytest.raises(UnexpectedReply, match="OpenAI"):
        pulled(adapter(sim))


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        "null",
        "<html>busy</html>",
        '{"data": {}}',
        '{"data": [], "has_more": true, "next_page": null}',
        '{"data": [], "has_more": true, "next_page": "again"}',
        '{"data": [{"start_time": "soon", "results": []}]}',
        '{"data": [{"start_time": 1e30, "results": []}]}',
        '{"data": [{"start_time": 1794700800, "results": [{"amount": {"value": 1, "currency": 3}}]}]}',
    ],
)
def test_a_strange_body_is_unexpected(body):
    """A whole reply of an unknown shape, or pages without end, is an unexpected reply."""
    with Canned(body, "costs") as sim, pytest.raises(UnexpectedReply):
        pulled(adapter(sim))


@pytest.mark.parametrize(("again", "billed"), [("1.5", 5), ("2.5", None)])
def test_a_day_may_go_on_over_pages(again, billed):
    """A day that two pages share is added up; a row that both tell counts once, unless they contradict each other."""

    class Split(Canned):
        def answer(self, request):
            if "page" not in request.query:
                self.body = row("1.5").replace(
                    '"has_more": false, "next_page": null', '"has_more": true, "next_page": "b"'
                )
            else:
                first, second = json.loads(row(again)), json.loads(row("3.5", project_id="proj_2"))
                first["data"][0]["results"] += second["data"][0]["results"]
                self.body = json.dumps(first)
            return super().answer(request)

    with Split("", "costs") as sim:
        if billed is None:
            with pytest.raises(UnexpectedReply, match="two pages"):
                pulled(adapter(sim))
        else:
            assert sum(item.billed_cost for item in pulled(adapter(sim))) == billed


def test_a_key_with_odd_characters_is_misconfigured(openai):
    """A key that no header can carry is a setting to mend."""
    for key in ("sk-admin-ключ", "sk-admin-a\nb"):
        with pytest.raises(Misconfigured):
            pulled(adapter(openai, key))


def test_fields_not_known_break_nothing():
    """New fields, kinds of quantity and line items come in without a new version."""
    result = row("2", quantity=3, quantity_unit="light_years", line_item="warp drive", colour="red")
    with Canned(result, "costs") as sim:
        [charge] = pulled(adapter(sim))
    assert (charge.consumed_quantity, charge.consumed_unit) == (3, "Light Years")
    assert (charge.sku_id, charge.x_model, charge.sub_account_name) == ("warp drive", "", "proj_1")


@pytest.mark.parametrize(
    ("line", "model", "kind"),
    [
        ("gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06", "input"),
        ("gpt-6-astra, input_tokens", "gpt-6-astra", "input"),
        ("gpt-6-astra, output_tokens", "gpt-6-astra", "output"),
        ("gpt-5.6-luna, cached input", "gpt-5.6-luna", "cached_input"),
        ("gpt-6-astra, cached_input_tokens", "gpt-6-astra", "cached_input"),
        ("gpt-6-astra, input_cache_write_tokens", "gpt-6-astra", "cache_write"),
        ("gpt-4o-audio-preview, audio input", "gpt-4o-audio-preview", "audio input"),
        ("ft:gpt-4o, lumen, input", "ft:gpt-4o, lumen", "input"),
        ("gpt-image-1, 1024x1024", "gpt-image-1", "1024x1024"),
        ("GPT-4 Turbo", "GPT-4 Turbo", ""),
        ("whisper-1", "whisper-1", ""),
        ("assistants api | file search", "", ""),
        ("web search tool calls", "", ""),
        ("Promotional credit", "", ""),
        ("Text tokens", "", ""),
        ("", "", ""),
    ],
)
def test_a_line_item_names_model_and_token_type(line, model, kind):
    """The model stands before the last comma as the vendor writes it, the token type behind it."""
    assert read_line(line) == (model, kind)


def test_grouping_refused_falls_back_to_projects():
    """Where line items cannot be told apart, the bill still comes whole, by project."""

    class Coarse(OpenAISimulator):
        def answer(self, request):
            if "line_item" in request.query.get("group_by[]", []):
                return json_reply({"error": {"message": "Unsupported grouping."}}, 400)
            return super().answer(request)

    with Coarse(lambda: NOW) as sim:
        charges = pulled(adapter(sim))
    assert sum(charge.billed_cost for charge in charges) == sim.truth(WEEK)["USD"]
    assert {charge.sku_id for charge in charges if charge.billed_cost} == {""}


def test_a_throttled_pull_says_when_to_come_back(openai):
    """HTTP 429 is unavailable, with the seconds of retry-after."""
    openai.fail(THROTTLED)
    with pytest.raises(Unavailable) as caught:
        pulled(adapter(openai))
    assert caught.value.retry_after == 7
    assert pulled(adapter(openai))


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2.5", 2.5),
        ("Sun, 22 Nov 2026 09:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0),
        ("nan", None),
        ("-1", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(openai, told, seconds):
    """Either form of the header counts; nonsense is no advice."""
    openai.fail(Reply(503, b"", {"Retry-After": told} if told else {}))
    with pytest.raises(Unavailable) as caught:
        pulled(adapter(openai))
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("fault", [BROKEN, Reply(529), Reply(503, b"<html>"), hang_up, cut, half])
def test_a_failing_vendor_is_unavailable_even_in_mid_pages(fault):
    """5xx, a closed line and half a body end the pull, whatever page they strike."""
    with OpenAISimulator(lambda: NOW, page=2) as sim:
        sim.fail(fault, after=2)
        with pytest.raises(Unavailable):
            pulled(adapter(sim))


def test_a_body_of_something_else_is_unexpected(openai):
    """JSON that is not a page is no empty page."""
    openai.fail(garble)
    with pytest.raises(UnexpectedReply):
        pulled(adapter(openai))


def test_a_slow_vendor_is_unavailable(openai):
    """A reply that does not come in time is named with the time waited."""
    openai.fail(late)
    with pytest.raises(Unavailable, match=r"0\.1 seconds"):
        pulled(adapter(openai, timeout=0.1))


def test_nobody_there_is_unavailable():
    """A vendor that cannot be reached is unavailable."""
    with OpenAISimulator(lambda: NOW) as sim:
        provider = adapter(sim)
    with pytest.raises(Unavailable, match="cannot be reached"):
        pulled(provider)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (PROJECT_KEY, "this is a project key; costs need an admin key"),
        ("sk-svcacct-0123456789abcdef", "a service account's key"),
        ("sk-0123456789abcdefghijkl", "an ordinary API key"),
        ("sk-admin-expired0123456789", "does not recognize the admin key"),
    ],
)
def test_a_refused_key_is_named_by_kind_and_never_shown(openai, key, words):
    """Access denied says what the key is and what is needed; at most its last four characters appear."""
    with pytest.raises(AccessDenied, match=words) as caught:
        pulled(adapter(openai, key))
    assert "OPENAI_ADMIN_KEY" in caught.value.hint
    assert key[-5:] not in str(caught.value)
    assert key[:12] not in str(caught.value)


def test_a_missing_scope_is_named():
    """A restricted key without the permission is told which one it lacks."""
    with OpenAISimulator(lambda: NOW) as sim:
        sim.keys[ADMIN_KEY] = frozenset()
        with pytest.raises(AccessDenied, match=r"api\.usage\.read"):
            pulled(adapter(sim))


def test_two_keys_may_overlap():
    """While one of two keys is refused the other serves, and doctor says which one is refused since when."""
    with OpenAISimulator(lambda: NOW) as sim:
        provider = adapter(sim, f"sk-admin-outgoing0123456789zyxw, {ADMIN_KEY}")
        assert sums(pulled(provider), "billing_currency") == {("USD",): sim.truth(WEEK)["USD"]}
        stale = [check for check in provider.checks() if not check.ok]
    assert [check.message for check in stale] == ["The key ending in …zyxw is refused; another key is used."]


def test_a_new_key_is_taken_up_without_a_restart():
    """Settings are asked anew at every pull, so a key replaced in between is used."""
    key = "sk-admin-old0123456789abcdefgh"
    with OpenAISimulator(lambda: NOW) as sim:
        sim.keys = {key: EVERYTHING}
        provider = OpenAI(
            lambda: OpenAISettings(admin_key=key, base_url=f"{sim.url}/v1"), meter=Counter(), clock=lambda: NOW
        )
        assert pulled(provider)
        sim.keys = {ADMIN_KEY: EVERYTHING}
        with pytest.raises(AccessDenied, match="does not recognize the admin key …efgh"):
            pulled(provider)
        key = ADMIN_KEY
        assert pulled(provider)


def test_no_key_at_all_is_misconfigured(openai):
    """An empty key is a setting to mend, not a request to make."""
    with pytest.raises(Misconfigured):
        pulled(adapter(openai, " , "))


def test_doctor_tries_costs_usage_and_names(openai):
    """Every permission is tried for real and told one by one."""
    assert {check.what: check.ok for check in adapter(openai).checks()} == {
        "OpenAI costs": True,
        "OpenAI usage": True,
        "OpenAI projects": True,
        "OpenAI users": True,
        "OpenAI spend limits": True,
    }
    assert not any(check.ok for check in adapter(openai, PROJECT_KEY).checks())


def test_every_request_is_metered(openai):
    """The meter hears of each request, its path and its status, failed ones included."""
    provider = adapter(openai)
    openai.fail(THROTTLED)
    before = openai.count
    with pytest.raises(Unavailable):
        pulled(provider)
    pulled(provider)
    assert len(provider._meter.asked) == openai.count - before
    assert provider._meter.asked[0] == ("/organization/costs", "429")


def test_every_setting_is_described():
    """Each setting has a sentence and the variable that sets it; the key never shows."""
    for field in OpenAISettings.model_fields.values():
        assert field.description.endswith(".")
        assert field.json_schema_extra["env"].startswith("OPENAI_")
    assert ADMIN_KEY not in repr(OpenAISettings(admin_key=ADMIN_KEY))


def test_importing_the_provider_imports_no_vendor_library():
    """Listing providers costs nothing: httpx and the price catalogue come with the first pull."""
    code = "import sys, bot.providers.openai; print({'httpx', 'genai_prices'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
