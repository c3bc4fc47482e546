import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from watch import NOW, TEAM, Clock, FindingsBook, anomaly, budget, found, replica, rule

from bot.alerts.model import anomaly_finding, same_cause
from bot.alerts.service import AlertRule, Case
from bot.analytics.budget import Alert
from bot.domain.errors import AccessDenied, NotUnderstood
from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.slack.access import AccessRule
from simulators.slack import MEMBER, Workspace

COSTS = "#cloud-costs"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book():
    return FindingsBook()


@pytest.fixture
def ws(clock):
    with Workspace(now=lambda: clock().timestamp()) as found:
        yield found


@pytest.fixture
def slack(ledger, ws, clock, book):
    """The app and its alerts, with one rule."""
    found = replica(ledger, ws, clock, book)
    found[1].save(AlertRule(**rule()))
    yield found
    found[0].close()


@pytest.fixture
def alerts(slack):
    return slack[1]


@pytest.fixture(autouse=True)
def sound(caplog):
    """Nothing that was posted in the test was refused by the checker."""
    yield
    result = [record.getMessage() for record in caplog.get_records("call")]
    assert not [item for item in result if "not valid" in item or "plainer" in item]


def posted(ws, channel=COSTS):
    return ws.from_bot(channel)


def words(message):
    return json.dumps(message["blocks"], ensure_ascii=False)


def only(alerts):
    """The rule and its one case."""
    (found,) = alerts.rules()
    (case,) = alerts.cases(found).values()
    return found, case


def test_one_message_for_a_cause(alerts, book, ws):
    """Looked at again and again, a cause is one message: what, since when, what it comes to a month."""
    book.anomalies = [anomaly()]
    for _ in range(3):
        alerts.tick()
    (message,) = posted(ws)
    assert "Amazon Bedrock in data: $640.00 a day since Fri 20 Nov, usually $100.00" in message["text"]
    assert "$16,200 more a month" in message["text"]
    assert message["metadata"]["event_type"] == "spend_alert"


def test_message_is_updated_as_it_grows_and_ends(alerts, book, ws, clock):
    """The same message shows the newest figures, and in the end that it is over."""
    book.anomalies = [anomaly()]
    alerts.tick()
    book.anomalies = [anomaly(change="900", start=date(2026, 11, 19))]
    alerts.tick()
    assert "$1,000" in posted(ws)[0]["text"]
    book.anomalies = [anomaly(change="900", ongoing=False, end="2026-11-23")]
    clock.on(days=1)
    alerts.tick()
    (message,) = posted(ws)
    assert message["text"].startswith("Cost anomaly · Ended")
    assert "alert_snooze" not in words(message)


def test_cause_found_under_another_name_is_the_same(alerts, book, ws):
    """A finding that shares a key with what was told before is that cause, not a new one."""
    book.anomalies = [anomaly(also=[{"SubAccountName": "data"}])]
    alerts.tick()
    book.anomalies = [{**anomaly(), "key": {"SubAccountName": "data"}}]
    alerts.tick()
    assert len(posted(ws)) == 1


def test_restated_away_is_said_and_may_come_back(alerts, book, ws):
    """What the restated figures no longer show is no longer unusual; when it is again, the same message says so."""
    book.anomalies = [anomaly()]
    alerts.tick()
    book.anomalies = []
    alerts.tick()
    assert "No longer unusual" in posted(ws)[0]["text"]
    book.anomalies = [anomaly()]
    alerts.tick()
    (message,) = posted(ws)
    assert message["text"].startswith("Cost anomaly: ")


@pytest.mark.parametrize("small", [{"change": "9"}, {"expected": "5400", "amount": "5940"}])
def test_small_ones_are_not_told(alerts, book, ws, small):
    """Below the rule's amount a day or percentage nothing is said."""
    book.anomalies = [anomaly(**small)]
    alerts.tick()
    assert posted(ws) == []


def test_what_ended_long_ago_is_no_news(alerts, book, ws):
    """A rule that is new does not tell the past."""
    book.anomalies = [anomaly(start=date(2026, 11, 2), end="2026-11-05", ongoing=False)]
    alerts.tick()
    assert posted(ws) == []


def notes(ws, message):
    """What was said in a message's thread."""
    return [item["text"] for item in ws.from_bot(COSTS, message["ts"])[1:]]


def test_budget_is_one_message_and_a_note_for_each_threshold(alerts, book, ws):
    """A budget is told at its first threshold; at the next the message changes and its thread says so, once."""
    book.budgets = [budget("0.5")]
    alerts.tick()
    assert posted(ws) == []
    book.budgets = [budget("0.85", forecast="3400")]
    alerts.tick()
    ahead, message = sorted(posted(ws), key=lambda message: "85%" in message["text"])
    pace = "on pace to run out on the 26th, $400.00 over by the end"
    assert f"Chat App: $2,550 of $3,000 spent (85% with 77% of the month gone), {pace}" in message["text"]
    assert ahead["text"] == f"Budget: Chat App: {pace} ($3,400 of $3,000)."
    book.budgets = [budget("1.02")]
    for _ in range(2):
        alerts.tick()
    message = next(other for other in posted(ws) if other["ts"] == message["ts"])
    assert "$3,060 of $3,000 spent (102% with 77% of the month gone), over the limit" in message["text"]
    assert notes(ws, message) == [
        "Budget Chat App: $3,060 of $3,000 spent (102% with 77% of the month gone), over the limit."
    ]


def test_alerts_of_a_budget_go_to_its_own_channel(alerts, book, ws):
    """A budget that names a channel is posted and followed there; other alerts of the rule stay in the rule's."""
    book.budgets = [budget("0.85", channel="#general")]
    book.anomalies = [anomaly()]
    alerts.tick()
    assert [message["text"].startswith("Cost anomaly") for message in ws.from_bot("#cloud-costs")] == [True]
    assert "85%" in ws.from_bot("#general")[0]["text"]
    book.budgets = [budget("1.02", channel="#general")]
    alerts.tick()
    assert "102%" in ws.from_bot("#general")[0]["text"]


def test_a_budgets_channel_that_others_read_gets_nothing(alerts, book, ws):
    """Where other organizations read nothing is posted: the rule's channel gets it, and the owner is told why."""
    book.budgets = [budget("0.85", channel="C0PARTNER")]
    alerts.tick()
    alerts.tick()
    assert ws.from_bot("C0PARTNER") == []
    assert "85%" in ws.from_bot("#cloud-costs")[0]["text"]
    (result,) = ws.from_bot(ws.dm_channel(MEMBER))
    assert "names C0PARTNER for its alerts" in result["text"]


def test_budget_whose_forecast_recedes_is_told_when_it_is_spent(alerts, book, ws):
    """A threshold on the forecast and one on the spend are two: the one is not told in place of the other."""
    book.budgets = [budget("0.6", forecast="3400")]
    alerts.tick()
    book.budgets = [budget("0.7", forecast="2900")]
    alerts.tick()
    (message,) = posted(ws)
    assert notes(ws, message) == []
    book.budgets = [budget("0.81", forecast="2900")]
    for _ in range(2):
        alerts.tick()
    assert notes(ws, message) == []
    (spent,) = (other for other in posted(ws) if other["ts"] != message["ts"])
    assert "$2,430 of $3,000 spent (81% with 77% of the month gone)" in spent["text"]


def test_budget_that_asks_for_no_forecast_is_told_of_none(alerts, book, ws):
    """Its own thresholds decide: with none on the forecast, a forecast beyond the limit is not told."""
    book.budgets = [budget("0.6", forecast="3400", alert=Alert(forecast=()))]
    alerts.tick()
    assert posted(ws) == []


def test_budget_passed_in_quiet_hours_is_told_after_them(alerts, book, ws, clock):
    """A threshold passed in quiet hours is neither said then nor forgotten."""
    book.budgets = [budget("0.85")]
    alerts.tick()
    alerts.save(AlertRule(**rule(quiet_from="10:00", quiet_to="10:30")), replaces="alerts")
    book.budgets = [budget("1.02")]
    alerts.tick()
    (message,) = posted(ws)
    assert notes(ws, message) == []
    clock.on(minutes=31)
    for _ in range(2):
        alerts.tick()
    assert len(notes(ws, message)) == 1


def test_note_whose_reply_was_lost_is_said_once(alerts, book, ws):
    """Slack took the note and the line was cut: it is found in the thread, not said again."""
    book.budgets = [budget("0.85")]
    alerts.tick()
    book.budgets = [budget("1.02")]
    ws.lose_reply("chat.postMessage")
    for _ in range(2):
        alerts.tick()
    assert len(notes(ws, posted(ws)[0])) == 1


@pytest.mark.parametrize("what", ["budget", "drop"])
def test_expected_holds_for_what_is_below(alerts, book, ws, what):
    """A budget that is not yet over, or a cost that fell, stays expected once somebody has said so."""
    if what == "budget":
        book.budgets = [budget("0.85")]
    else:
        book.anomalies = [{**anomaly(change="-90"), "amount": "10"}]
    alerts.tick()
    alerts.expect(*only(alerts), "as planned", MEMBER)
    alerts.tick()
    assert "as planned" in words(posted(ws)[0])


@pytest.mark.parametrize(
    ("owner", "shown"), [(MEMBER, f"*Owner*\\n<@{MEMBER}>"), ("*Mei* <Lin>", "Owner\\n*Mei* <Lin>")]
)
def test_budget_says_whose_it_is(alerts, book, ws, owner, shown):
    """Whoever made it here is mentioned; whom a file names is named, and nothing of the name formats."""
    book.budgets = [budget("0.85", owner=owner)]
    alerts.tick()
    assert shown in words(posted(ws)[0])


def test_budget_forecast_to_go_over_is_told(alerts, book, ws):
    """Well before its first threshold, a forecast beyond the limit is told, with the day it runs out."""
    book.budgets = [budget("0.6", forecast="3400")]
    alerts.tick()
    assert "on pace to run out on the 26th, $400.00 over by the end" in posted(ws)[0]["text"]


def test_snooze_rests_and_then_goes_on(alerts, book, ws, clock):
    """Snoozed it grows in silence; afterwards it is open again and its thread says so, once."""
    book.anomalies = [anomaly()]
    alerts.tick()
    alerts.snooze(*only(alerts), "1d", MEMBER)
    assert f"<@{MEMBER}> snoozed this until Tue 24 Nov 10:00" in words(posted(ws)[0])
    book.anomalies = [anomaly(change="800")]
    alerts.tick()
    assert "Snoozed" in posted(ws)[0]["text"]
    clock.on(days=1, minutes=1)
    for _ in range(2):
        alerts.tick()
    (message,) = posted(ws)
    assert message["text"].startswith("Cost anomaly: ")
    assert [item["text"] for item in ws.from_bot(COSTS, message["ts"])[1:]] == [
        "The snooze has ended, and this is still going on."
    ]


def test_snooze_until_the_end_of_the_month_is_the_rules_month(alerts, book):
    """It ends at midnight of the first where the rule is."""
    book.anomalies = [anomaly()]
    alerts.tick()
    case = alerts.snooze(*only(alerts), "month", MEMBER)
    assert case.until.isoformat() == "2026-11-30T23:00:00+00:00"


def test_expected_is_remembered(alerts, book, ws, clock):
    """The like is not told again, with its note on the message, unless it becomes twice as much."""
    book.anomalies = [anomaly()]
    alerts.tick()
    alerts.expect(*only(alerts), "load <test>", MEMBER)
    assert "expected: load &lt;test&gt;" in words(posted(ws)[0])
    clock.on(days=40)
    later = {"start": "2027-01-01", "end": "2027-01-02"}
    book.anomalies = [{**anomaly(), **later}]
    alerts.tick()
    assert len(posted(ws)) == 1
    book.anomalies = [{**anomaly(change="1200"), **later}]
    alerts.tick()
    assert len(posted(ws)) == 2


def test_waking_forgets_that_it_was_expected(alerts, book, ws):
    """Woken it is as if nobody had said anything."""
    book.anomalies = [anomaly()]
    alerts.tick()
    alerts.expect(*only(alerts), "a test", MEMBER)
    alerts.wake(*only(alerts), MEMBER)
    assert posted(ws)[0]["text"].startswith("Cost anomaly: ")


def test_route_moves_it_once(alerts, book, ws):
    """It is told in the other channel, its old place says where to, and what becomes of it is told there."""
    book.anomalies = [anomaly()]
    alerts.tick()
    alerts.route(*only(alerts), "C0GENERAL", MEMBER)
    assert f"<@{MEMBER}> moved this to <#C0GENERAL>" in words(posted(ws)[0])
    book.anomalies = [anomaly(change="900")]
    for _ in range(2):
        alerts.tick()
    assert len(posted(ws)) == 1
    (moved,) = posted(ws, "#general")
    assert "$1,000" in moved["text"]


def test_route_shows_nobody_what_they_may_not_see(alerts, slack, book, ws):
    """A channel whose rules keep a cost out does not get it."""
    book.anomalies = [anomaly()]
    alerts.tick()
    only_prod = Scope(where=(Filter(dimension="SubAccountName", values=("prod",)),))
    slack[0].context.access.change(TEAM, (AccessRule(subject="channel", id="C0GENERAL", scope=only_prod),))
    with pytest.raises(AccessDenied):
        alerts.route(*only(alerts), "C0GENERAL", MEMBER)
    assert posted(ws, "#general") == []


def test_scopes_route_accounts_to_their_channels(alerts, book, ws):
    """A rule an account: each channel hears of its own alone."""
    alerts.delete(alerts.rule("alerts", TEAM))
    for name, channel in (("data", "C0COSTS"), ("prod", "C0GENERAL")):
        alerts.save(AlertRule(**rule(name=name, channel=channel, scope={"accounts": [name]})))
    book.anomalies = [anomaly(account="data"), anomaly("Amazon S3", account="prod")]
    alerts.tick()
    assert ["Bedrock" in item["text"] for item in posted(ws)] == [True]
    assert ["Amazon S3" in item["text"] for item in posted(ws, "#general")] == [True]


def test_quiet_hours_put_it_off(alerts, book, ws, clock):
    """What is found in quiet hours is told when they are over, by the clock of the rule's timezone."""
    alerts.save(AlertRule(**rule(quiet_from="20:00", quiet_to="10:30")), replaces="alerts")
    book.anomalies = [anomaly()]
    alerts.tick()
    assert posted(ws) == []
    clock.on(minutes=31)
    alerts.tick()
    assert len(posted(ws)) == 1


def test_ceiling_sums_up_the_rest(alerts, book, ws):
    """Beyond the day's ceiling one message holds the rest, and grows."""
    alerts.save(AlertRule(**rule(ceiling=2)), replaces="alerts")
    book.anomalies = [anomaly(f"Service {n}", change=str(1000 - n)) for n in range(4)]
    alerts.tick()
    assert len(posted(ws)) == 3
    assert "2 more alerts today" in posted(ws)[-1]["text"]
    book.anomalies += [anomaly("Service 9", change="50")]
    for _ in range(2):
        alerts.tick()
    assert len(posted(ws)) == 3
    assert "3 more alerts today" in posted(ws)[-1]["text"]
    assert "Service 9" in posted(ws)[-1]["text"]


def test_line_cut_after_slack_took_it_posts_no_second(alerts, book, ws):
    """The reply of Slack was lost: the message is found by its stamp."""
    ws.lose_reply("chat.postMessage")
    book.anomalies = [anomaly()]
    for _ in range(2):
        alerts.tick()
    assert len(posted(ws)) == 1
    assert only(alerts)[1].ts == posted(ws)[0]["ts"]


def test_replica_that_died_after_posting_is_found_out(alerts, book, ws, ledger):
    """The message stands but its holder died before it wrote so down: it is adopted and updated, not posted again."""
    book.anomalies = [anomaly()]
    alerts.tick()
    found, case = only(alerts)
    ledger.memory.put(
        "alert", f"{found.key}:{case.id}", case.model_copy(update={"ts": "", "shown": ""}).model_dump(mode="json")
    )
    text = ledger.memory.get("alert_said", f"{found.key}:{case.id}")
    ledger.memory.put("alert_said", f"{found.key}:{case.id}", {**text, "state": "saying", "ts": "", "until": 0})
    book.anomalies = [anomaly(change="900")]
    for _ in range(2):
        alerts.tick()
    (message,) = posted(ws)
    assert "$1,000" in message["text"]


def test_two_replicas_at_once_post_once(alerts, book, ws, clock, ledger):
    """Two that look at the same moment: each cause is one message."""
    other_slack, other = replica(ledger, ws, clock, book)
    book.anomalies = [anomaly(f"Service {n}") for n in range(5)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.tick(), [alerts, other]))
    alerts.tick()
    assert len({item["text"] for item in posted(ws)}) == len(posted(ws)) == 5
    other_slack.close()


def test_channel_that_others_read_gets_no_numbers(alerts, book, ws):
    """Nothing is posted where people of other organizations read, and the owner is told once."""
    alerts.save(AlertRule(**rule(channel="C0PARTNER")), replaces="alerts")
    book.anomalies = [anomaly()]
    for _ in range(2):
        alerts.tick()
    assert posted(ws, "#umbra-partnership") == []
    assert len(ws.from_bot(ws.dm_channel(MEMBER))) == 1


def test_cases_of_another_workspace_are_unknown(alerts, book):
    """What was told in one workspace cannot be pressed in another."""
    book.anomalies = [anomaly()]
    alerts.tick()
    found, case = only(alerts)
    with pytest.raises(NotUnderstood):
        alerts.find(f"{found.key}:{case.id}", "T0OTHER")


def test_over_and_old_is_forgotten(alerts, book, clock):
    """Cases that are over are let go of after a while; open ones are kept."""
    book.anomalies = [anomaly()]
    alerts.tick()
    later = (clock() + timedelta(days=200)).date()
    assert alerts.forget_before(later) == 0
    book.anomalies = []
    alerts.tick()
    assert alerts.forget_before(later) == 1


def test_causes_apart_in_time_or_direction_are_two():
    """The same service unusual again weeks later, or in the other direction, is another cause."""
    first, later, fall = (
        anomaly_finding(found(fields))
        for fields in (
            anomaly(),
            {**anomaly(), "start": "2026-12-20", "end": "2026-12-22"},
            {**anomaly(change="-90"), "amount": "10"},
        )
    )
    case = Case(id=first.id, rule="alerts", channel="C", finding=first, opened=NOW)
    assert same_cause(case, first)
    assert not same_cause(case, later)
    assert not same_cause(case, fall)


def test_a_case_stored_by_version_0_1_keeps_the_thresholds_it_announced():
    """What 0.1 stored as ``told`` is read as announced, so that no threshold is posted a second time."""
    first = anomaly_finding(found(anomaly()))
    stored = Case(id="x", rule="alerts", channel="C", finding=first, opened=NOW).model_dump(mode="json")
    stored["told"] = [*stored.pop("announced"), "actual 0.8"]
    assert Case.model_validate(stored).announced == ("actual 0.8",)
