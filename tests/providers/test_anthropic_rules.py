"""What Anthropic really refuses, hides and repeats, and that the adapter works all the same."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from test_anthropic import DAY, DAYS, adapter, pulled
from wires import sums

from bot.domain.errors import AccessDenied, CostError
from bot.domain.feed import choose
from bot.domain.period import Period
from simulators.anthropic import bill
from simulators.anthropic.server import ADMIN_KEY, THROTTLED, AnthropicSimulator, failure
from simulators.company import NOW
from simulators.http_server import json_reply

TODAY = Period(start=NOW.date() - DAY * 3, end=NOW.date() + DAY)
"""As a sync asks: to the end of today, which lies ahead."""


def analytics(request):
    """Whether a request asks the analytics."""
    return "/analytics/" in request.path


@pytest.mark.parametrize("feed", [1, 2])
def test_usage_by_owner_groups_by_five_dimensions(feed):
    """The older report refuses six dimensions: owners are told all the same, without a note of theirs."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        provider = adapter(sim)
        charges = pulled(provider, feed=feed)
        groups = [request.query["group_by[]"] for request in sim.log if request.path.endswith("/messages")]
    assert max(map(len, groups)) == 5
    assert any(charge.x_api_key_name or charge.x_user_name for charge in charges)
    assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]
    assert not any(note.columns & {"x_ApiKeyName", "x_UserName"} for note in missing(provider))


@pytest.mark.parametrize(
    ("path", "feed", "column"), [("/messages", 1, "x_ApiKeyName"), ("/usage", 0, "ConsumedQuantity")]
)
def test_a_refused_view_is_noted_and_granted_later_without_a_restart(path, feed, column):
    """No 4xx is swallowed: the bill lands, the note says what is missing and why; once granted, it is gone."""
    with AnthropicSimulator(lambda: NOW, analytics=path != "/messages") as sim:
        provider = adapter(sim)
        sim.fail(failure(400, "Not today."), times=99, when=lambda request: request.path.endswith(path))
        assert sum(item.billed_cost for item in pulled(provider, feed=feed)) == sim.truth(DAYS)["USD"]
        assert {column} <= {name for note in missing(provider) for name in note.columns}
        assert all("Not today." in note.message for note in missing(provider))
        sim.heal()
        assert any(item.consumed_quantity for item in pulled(provider, feed=feed))
        assert missing(provider) == []


def missing(provider):
    """The notes of columns that are missing; that the older report serves is none of them."""
    return [note for note in provider.notes() if note.columns]


def nameless(days, amounts):
    """Two pages of analytics, each ending or beginning with rows whose actor cannot be rendered."""
    rows = [
        {
            "starting_at": f"{days.start}T00:00:00Z",
            "ending_at": f"{days.start + DAY}T00:00:00Z",
            "group": {"actor": None, "model": "claude-opus-5", "cost_type": "tokens", "token_type": "output_tokens"},
            "cost": {"amount": amount, "list_amount": amount, "currency": "USD", "requests": None},
        }
        for amount in amounts
    ]
    half = len(rows) // 2
    return [
        json_reply({"data": rows[:half], "has_more": True, "next_page": "page_2"}),
        json_reply({"data": rows[half:], "has_more": False, "next_page": None}),
    ]


@pytest.mark.parametrize("amounts", [("100", "100"), ("100", "250")], ids=["equal", "different"])
def test_actors_that_cannot_be_rendered_keep_a_row_each(amounts):
    """Rows without a visible actor are as many identities, whatever their amounts and wherever pages are cut."""
    day = Period(start=date(2026, 11, 10), end=date(2026, 11, 11))
    with AnthropicSimulator(lambda: NOW) as sim:
        first, second = nameless(day, amounts)
        sim.fail(first, when=lambda request: request.path.endswith("/cost"))
        sim.fail(second, when=lambda request: request.path.endswith("/cost"))
        charges = pulled(adapter(sim), day, feed=2)
    assert sum(charge.billed_cost for charge in charges) == sum(map(Decimal, amounts)) / 100


def test_an_anonymous_organization_adds_up_over_small_pages():
    """Where nobody can be rendered, the user feed still comes to the bill of each day, pages repeated or not."""
    for repeat in (False, True):
        with AnthropicSimulator(lambda: NOW, page=6, anonymous=True, repeat=repeat) as sim:
            found = sums(pulled(adapter(sim), feed=0), "day")
        assert found == {(day,): sim.truth(Period(start=day, end=day + DAY))["USD"] for day in DAYS}


def test_hipaa_readiness_leaves_the_older_report():
    """Any 400 that even one finished day gets means that the organization has no analytics; a note says so."""
    with AnthropicSimulator(lambda: NOW, hipaa=True) as sim:
        sim.analytics = False
        provider = adapter(sim)
        assert sum(item.billed_cost for item in pulled(provider)) == sim.truth(DAYS)["USD"]
    assert ["HIPAA" in note.message for note in provider.notes()] == [True]


@pytest.mark.parametrize("status", [400, 410])
@pytest.mark.parametrize("path", ["/cost", "/usage"])
def test_an_expired_cursor_begins_the_window_anew(status, path):
    """400 or 410 on a further page is its cursor: the window is read again, whole, tokens included."""
    with AnthropicSimulator(lambda: NOW, page=6) as sim:
        whole = pulled(adapter(sim))
        expired = failure(status, "The page cursor has expired; discard it and start again.")
        sim.fail(expired, times=2, when=lambda item: item.path.endswith(path) and "page" in item.query)
        assert pulled(adapter(sim)) == whole


def test_the_older_report_goes_on_where_its_cursor_expired():
    """A cursor of the older report that expires costs no day, and no day is read twice."""
    with AnthropicSimulator(lambda: NOW, page=2, analytics=False) as sim:
        sim.fail(
            failure(400, "page is invalid"),
            when=lambda item: item.path.endswith("cost_report") and "page" in item.query,
        )
        assert sum(item.billed_cost for item in pulled(adapter(sim))) == sim.truth(DAYS)["USD"]


def test_an_end_in_the_future_is_clamped_where_it_is_refused():
    """An end ahead of now is asked first; refused, what there is of today comes by an end of now."""
    with AnthropicSimulator(lambda: NOW) as taken:
        whole = pulled(adapter(taken), TODAY)
    with AnthropicSimulator(lambda: NOW, future=False) as sim:
        provider = adapter(sim)
        assert pulled(provider, TODAY) == whole
        refused = sum(
            request.query["ending_at"] == [f"{TODAY.end}T00:00:00Z"] for request in sim.log if analytics(request)
        )
    assert refused == 1
    assert provider.notes() == []


def test_a_throttled_page_is_asked_for_again_alone():
    """After a 429 in the middle, asking again goes on at that page: what was read is not paid for twice."""
    with AnthropicSimulator(lambda: NOW, page=6) as sim:
        whole = pulled(adapter(sim))
        asked = sim.count
        provider = adapter(sim)
        sim.fail(THROTTLED, after=1, when=lambda item: item.path.endswith("/cost") and "page" in item.query)
        with pytest.raises(Exception, match="rate limiting"):
            pulled(provider)
        assert pulled(provider) == whole
        assert sim.count <= 2 * asked + 1


def test_namesakes_are_told_apart():
    """Two people of one name stay two; everyone whose account was deleted is somebody else."""
    first, second = list(bill.USERS)[:2]
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.people = [
            {"id": key, "type": "user", "name": "Sam Lee", "email": bill.USERS[key][1]} for key in (first, second)
        ]
        sim.fail(
            lambda reply: replace(
                reply,
                body=reply.body.replace(bill.USERS[first][0].encode(), b"Sam Lee").replace(
                    bill.USERS[second][0].encode(), b"Sam Lee"
                ),
            ),
            times=99,
            when=analytics,
        )
        names = {item.x_user_name for item in pulled(adapter(sim), feed=2)}
    assert {f"Sam Lee ({bill.USERS[key][1]})" for key in (first, second)} <= names
    assert "Sam Lee" not in names


def test_a_key_of_enterprise_without_its_scope_is_told_what_it_lacks():
    """Such a key gets 404 from everything: the error names the scope, not a version of spend to look for."""
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.fail(failure(404, "Not found"), times=99)
        with pytest.raises(AccessDenied, match="read:analytics"):
            pulled(adapter(sim, ADMIN_KEY))


def limit(amount, period="monthly", *, enabled=True, **scope):
    """A spend limit as the API lists it."""
    result = {
        "id": f"spl_{amount}{period}",
        "amount": amount,
        "currency": "USD",
        "period": period,
        "is_enabled": enabled,
    }
    return {**result, "scope": scope, "type": "spend_limit"}


def test_spend_limits_are_budgets_with_what_members_used():
    """Limits come in dollars with their scope and period; what caps nothing is none; members' use stands beside."""
    user = next(iter(bill.USERS))
    with AnthropicSimulator(lambda: NOW, reports=False) as sim:
        sim.limits = [
            limit("50000", type="organization"),
            limit(None, type="organization"),
            limit("700", type="organization", enabled=False),
            limit("2500", "weekly", type="user", user_id=user),
            limit("9900", type="workspace", workspace_id=bill.CODE),
        ]
        actor = {"type": "user_actor", "user_id": user}
        sim.spent = [{"actor": actor, "period": "weekly", "amount": "2500", "period_to_date_spend": "1205.5"}]
        found = list(adapter(sim).advice())
    budgets = {item.name: item.details for item in found if item.kind == "budget"}
    assert len(budgets) == 3
    assert budgets["Spend limit, organization (monthly)"]["limit"] == "500"
    assert budgets["Spend limit, Claude Code (monthly)"]["projects"] == "Claude Code"
    person = budgets[f"Spend limit, {bill.USERS[user][0]} (weekly)"]
    assert (person["limit"], person["spent"], person["every"]) == ("25", "12.055", "weekly")


def test_limits_of_many_are_budgets_of_those_who_used_something():
    """A limit that a seat has is each member's: told with what they used, and alone where the list is refused.

    "0" stands there too while the reading is unavailable (``BetaSpendSummary.period_to_date_spend``): it is no amount.
    """
    amara, other = list(bill.USERS)[:2]

    def row(user, spent, amount="10000"):
        actor = {"type": "user_actor", "user_id": user, "name": bill.USERS.get(user, ["Nobody"])[0]}
        return {"actor": actor, "period": "monthly", "amount": amount, "period_to_date_spend": spent}

    with AnthropicSimulator(lambda: NOW, reports=False) as sim:
        sim.limits = [limit("2500", type="user", user_id=other), limit("10000", type="seat_tier", seat_tier="premium")]
        sim.spent = [row(amara, "5000.5"), row(other, "0"), row("user_idle", "0"), row("user_free", "7", amount=None)]
        found = {item.name: item.details for item in adapter(sim).advice() if item.kind == "budget"}
        sim.fail(failure(403, "A preview."), times=9, when=lambda request: request.path.endswith("/spend_limits"))
        alone = {item.name: item.details for item in adapter(sim).advice() if item.kind == "budget"}
    name = f"Spend limit, {bill.USERS[amara][0]} (monthly)"
    assert {key: details.get("spent") for key, details in found.items()} == {
        f"Spend limit, {bill.USERS[other][0]} (monthly)": None,
        "Spend limit, premium (monthly)": None,
        name: "50.005",
    }
    assert list(alone) == [name]
    assert (alone[name]["limit"], alone[name]["labels"]) == ("100", f"user={bill.USERS[amara][0]}")


def test_an_organization_without_spend_limits_says_so_once():
    """The preview refused is what came of asking, in words of spend limits; the bill is not concerned."""
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.limits = None
        [asked] = adapter(sim).advice()
    assert asked.kind == "asked"
    assert "spend limits" in asked.details["message"]


ERRORS = [
    (400, "Invalid request.", "RequestRefused"),
    (401, "Unknown key.", "AccessDenied"),
    (403, "Not allowed.", "AccessDenied"),
    (404, "Not found.", "AccessDenied"),
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
    with AnthropicSimulator(lambda: NOW) as sim:
        sim.fail(failure(status, words), times=99)
        with pytest.raises(CostError) as caught:
            pulled(adapter(sim))
    assert type(caught.value).__name__ == kind
    assert caught.value.hint


@pytest.mark.parametrize("beta", [True, False])
def test_nulls_where_the_sdk_says_optional_count_nothing(beta):
    """Counts that are null in usage, and Claude Code without models or tokens, cost no line of the bill."""
    empty = {"starting_at": f"{DAYS.start}T00:00:00Z", "group": {}, "usage": {"cache_creation": None, "requests": None}}
    nothing = {"starting_at": f"{DAYS.start}T00:00:00Z", "results": [{"output_tokens": None, "cache_creation": None}]}
    person = {"actor": {"type": "user_actor", "email_address": None}, "model_breakdown": None}
    with AnthropicSimulator(lambda: NOW, analytics=beta) as sim:
        for path, rows in {"/usage": [empty], "/messages": [nothing], "/claude_code": [person]}.items():
            reply = json_reply({"data": rows, "has_more": False, "next_page": None})
            sim.fail(reply, times=99, when=lambda request, path=path: request.path.endswith(path))
        charges = pulled(adapter(sim), feed=2)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]


def test_what_members_used_may_be_refused_alone():
    """A key that may read spend limits, and not what members have used of them, still has the limits as budgets."""
    with AnthropicSimulator(lambda: NOW, reports=False) as sim:
        sim.limits = [limit("50000", type="user", user_id="user_amara")]
        sim.fail(failure(403, "No."), times=9, when=lambda request: request.path.endswith("/effective"))
        [budget, asked] = adapter(sim).advice()
    assert budget.details["limit"] == "500"
    assert asked.details["message"] == ""


def test_products_tiers_speeds_and_places_are_told_with_the_bill_whole():
    """What the analytics tell apart beside workspaces and models comes as tags; every feed adds up to the bill."""
    with AnthropicSimulator(lambda: NOW) as sim:
        provider = adapter(sim)
        truth = sim.truth(DAYS)["USD"]
        products, places, users = (pulled(provider, feed=feed) for feed in (3, 4, 2))
        batch = sim.truth_by(DAYS, lambda line: line.service_tier)["batch"]
        code = sim.truth_by(DAYS, lambda line: (line.product, line.user))
        groups = [request.query["group_by[]"] for request in sim.log if request.path.endswith("/cost")]
    for charges in (products, places, users):
        assert sum(charge.billed_cost for charge in charges) == truth
    assert sum(product.billed_cost for product in products if product.tags.get("service tier") == "batch") == batch
    amara = [user for user in users if user.x_user_name == "Amara Obi" and user.tags.get("product") == "Claude Code"]
    assert sum(item.billed_cost for item in amara) == code["claude_code", "user_amara"]
    assert {"0-200k", "200k-1M"} <= {place.tags.get("context window") for place in places}
    assert max(len(set(group) - {"cost_type", "token_type"}) for group in groups) == 5


def test_users_come_without_products_where_these_are_refused():
    """An organization whose analytics do not know the product still has its costs by user, exact, and a note."""
    with AnthropicSimulator(lambda: NOW) as sim:
        provider = adapter(sim)

        def product(request):
            return "product" in request.query.get("group_by[]", [])

        sim.fail(failure(400, "group_by: product is not supported"), times=99, when=product)
        charges = pulled(provider, feed=2)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]
        assert {charge.x_estimate for charge in charges} == {""}
    assert [note.columns for note in missing(provider)] == [frozenset({"Tags/product"})]


def test_the_older_report_says_what_it_does_not_tell():
    """Without the analytics tiers and places come from the older report; that products and speeds do not, is noted."""
    with AnthropicSimulator(lambda: NOW, analytics=False) as sim:
        provider = adapter(sim)
        charges = pulled(provider, feed=3)
        assert sum(charge.billed_cost for charge in charges) == sim.truth(DAYS)["USD"]
    assert {charge.tags.get("service tier") for charge in charges} >= {"standard", "batch"}
    assert [note.columns for note in missing(provider)] == [frozenset({"Tags/product", "Tags/speed"})]


def test_only_the_feed_that_tells_a_product_answers_for_it():
    """Who asks by product, tier or geography is never answered with a bill that names none."""
    with AnthropicSimulator(lambda: NOW) as sim:
        feeds = adapter(sim).feeds()
    assert choose(feeds, {"Tags/product"}) == feeds[2]
    assert choose(feeds, {"Tags/service tier", "Tags/product"}) == feeds[3]
    assert choose(feeds, {"Tags/inference geography"}) == feeds[4]
    assert choose(feeds, {"Tags/team"}) == feeds[0]


def test_what_is_billed_by_the_session_is_a_line_of_its_own():
    """Cost types that are no tokens (``session_usage``) keep their amount under their own name."""
    row = {
        "starting_at": f"{DAYS.start}T00:00:00Z",
        "group": {"cost_type": "session_usage"},
        "cost": {"amount": "150", "list_amount": "160", "currency": "USD"},
    }
    with AnthropicSimulator(lambda: NOW) as sim:

        def cost(request):
            return request.path.endswith("/cost")

        sim.fail(json_reply({"data": [row], "has_more": False, "next_page": None}), times=9, when=cost)
        charges = [item for item in pulled(adapter(sim)) if item.billed_cost]
    assert [(charge.sku_id, charge.billed_cost) for charge in charges] == [("session usage", Decimal("1.5"))]


@pytest.mark.parametrize("enterprise", [True, False])
def test_answers_about_claude_enterprise_say_that_seats_are_apart(enterprise):
    """Extra usage is all that the analytics tell of plans by seats: whoever asks for costs is told, the Console not."""
    with AnthropicSimulator(lambda: NOW, reports=not enterprise) as sim:
        provider = adapter(sim)
        assert sum(item.billed_cost for item in pulled(provider)) == sim.truth(DAYS)["USD"]
    notes = [note for note in provider.notes() if note.concerns({"BilledCost"})]
    words = "no fees of seats. In Claude Enterprise with seats, these costs are extra usage alone"
    assert [words in note.sentence("anthropic") for note in notes] == [True] * enterprise
