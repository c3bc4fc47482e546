import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from bills import BILL, NOW, amount, daily, fill, office, tell, until

from bot.digests.service import KIND, Digest, declared
from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, Period, month_of
from bot.ledger.kv_store import INVOICE, month_key
from bot.render.digest import words
from simulators.slack import ADMIN

COSTS = "#cloud-costs"
OCTOBER = month_of(date(2026, 10, 1))


@pytest.fixture
def digests(ledger, ws, clock):
    """One replica with a daily digest of the file, over a ledger that is told all up to yesterday."""
    fill(ledger)
    slack, digests = office(ledger, ws, clock, daily(), admins=frozenset({ADMIN}))
    yield digests
    slack.close()


def another(ledger, ws, clock, **more):
    """Digests of a file that says something else."""
    return office(ledger, ws, clock, daily(**more))[1]


def posted(ws):
    """The digests' own messages in the channel."""
    return ws.from_bot(COSTS)


def spent(day, sources=tuple(BILL)):
    return sum(amount(source, key, day) for source in sources for key in BILL[source][1])


def test_posts_once_however_often_it_is_asked(digests, ws):
    """Clock and hand, again and again: one message for a digest and its day, with both as metadata."""
    assert [item.state for item in digests.tick()] == ["posted"]
    assert digests.tick() == []
    assert digests.run("daily").state == "already"
    (message,) = posted(ws)
    assert message["metadata"] == {
        "event_type": "spend_digest",
        "event_payload": {"digest": "daily", "period": "2026-11-23"},
    }


def test_again_posts_again(digests, ws):
    """What is asked for expressly is posted once more, and counts as none."""
    digests.tick()
    assert digests.run("daily", again=True).state == "posted"
    assert len(posted(ws)) == 2
    assert digests.tick() == []


def test_dry_run_posts_nothing(digests, ws):
    """A dry run composes all of it and asks nothing of Slack's channels."""
    ran = digests.run("daily", dry_run=True)
    assert ran.state == "composed"
    assert "Sun 22 Nov 2026" in words(ran.content).headline
    assert posted(ws) == []
    assert [item.state for item in digests.tick()] == ["posted"]


def test_holds_what_a_digest_holds(digests, ws):
    """Yesterday against the same weekday and the average, the month like for like, movers with a cause, a chart."""
    digests.tick()
    (message,) = posted(ws)
    yesterday, before = date(2026, 11, 22), date(2026, 11, 15)
    assert f"${spent(yesterday):.2f} on Sun 22 Nov 2026" in message["text"]
    change = spent(yesterday) - spent(before)
    assert f"vs Sun 15 Nov: up {change / spent(before) * 100:.1f}% (+${change:.2f})" in message["text"]
    mean = sum(spent(yesterday - n * DAY) for n in range(1, 8)) / 7
    assert f"average ${mean:.2f}" in message["text"]
    assert "Month to date, 1–22 Nov" in message["text"]
    assert "vs 1–22 Oct" in message["text"]
    assert "Amazon S3 +$7.00" in message["text"]
    assert "production" in message["text"]
    assert "provisional" in message["text"]
    assert [block["type"] for block in message["blocks"]].count("data_visualization") == 1


def test_details_are_in_the_thread_once(digests, ws):
    """Each question's whole answer stands in the thread, with its table."""
    digests.tick()
    (message,) = posted(ws)
    thread = ws.from_bot(COSTS, message["ts"])[1:]
    assert [item["metadata"]["event_payload"]["part"] for item in thread] == [1, 2, 3, 4]
    assert any(block["type"] == "data_table" for block in thread[0]["blocks"])


def test_questions_of_its_own_are_answered(ledger, ws, clock):
    """Named questions are told in a line and answered in the thread; one that is not understood says so."""
    fill(ledger)
    found = another(ledger, ws, clock, questions=["yesterday by provider", "bluh"])
    found.tick()
    (message,) = posted(ws)
    thread = ws.from_bot(COSTS, message["ts"])[1:]
    assert "AWS" in thread[0]["text"]
    assert "bluh" in thread[1]["text"]


def test_questions_alone_lead_without_the_overview(ledger, ws, clock):
    """A digest of one question is that question's answer, chart and table."""
    fill(ledger)
    another(ledger, ws, clock, questions=["last 7 days by service by day"], overview=False).tick()
    (message,) = posted(ws)
    types = [block["type"] for block in message["blocks"]]
    assert "Month to date" not in message["text"]
    assert "data_visualization" in types
    assert ws.from_bot(COSTS, message["ts"])[1:] == []


def test_scope_narrows_every_number(ledger, ws, clock):
    """Accounts and tags of the scope narrow total, table, movers and thread."""
    fill(ledger)
    another(ledger, ws, clock, scope={"accounts": ["PRODUCTION"], "tags": {"team": ["core"]}}).tick()
    (message,) = posted(ws)
    assert f"${spent(date(2026, 11, 22), ('aws',)):.2f} on" in message["text"]
    assert "OpenAI" not in json.dumps(ws.from_bot(COSTS, message["ts"]))


def test_unknown_name_in_the_scope_is_said(ledger, ws, clock):
    """A scope that names nothing the ledger knows is no zero: the digest says which name it is."""
    fill(ledger)
    another(ledger, ws, clock, scope={"accounts": ["prodution"]}).tick()
    assert "prodution" in json.dumps(posted(ws)[0]["blocks"])
    assert "$0" not in posted(ws)[0]["text"]


def test_waits_for_late_data_until_its_deadline(ledger, ws, clock):
    """It holds while a source is behind, comes as soon as it has told the day, at the latest at the deadline."""
    fill(ledger)
    tell(ledger, "openai", until(date(2026, 11, 21)))
    found = another(ledger, ws, clock, wait_until="11:00")
    assert [item.state for item in found.tick()] == ["waiting"]
    clock.on(hours=1)
    tell(ledger, "openai", until(date(2026, 11, 22)))
    assert [item.state for item in found.tick()] == ["posted"]


def test_posts_at_the_deadline_and_says_what_is_missing(ledger, ws, clock):
    """At the deadline it comes without the late source, left out on both sides so that like meets like."""
    fill(ledger)
    tell(ledger, "openai", until(date(2026, 11, 21)))
    found = another(ledger, ws, clock, wait_until="11:00")
    clock.to(2026, 11, 23, 11, 0, 1)
    found.tick()
    text = posted(ws)[0]["text"]
    yesterday, before = (spent(date(2026, 11, day), ("aws",)) for day in (22, 15))
    assert "OpenAI has no data after 21 Nov yet, so it is left out of both periods." in text
    assert f"${yesterday:.2f} on" in text
    assert f"(+${yesterday - before:.2f})" in text


def test_late_source_outside_the_scope_is_not_waited_for(ledger, ws, clock):
    """Only sources that the digest is about hold it up."""
    fill(ledger)
    tell(ledger, "openai", until(date(2026, 11, 21)))
    found = another(ledger, ws, clock, wait_until="11:00", scope={"providers": ["aws"]})
    assert [item.state for item in found.tick()] == ["posted"]


def test_restates_the_last_one(digests, ledger, ws, clock):
    """A figure that changed after it was posted is said in the next digest: was when posted, is now."""
    digests.tick()
    clock.on(days=1)
    tell(ledger, "aws", Period(start=date(2026, 11, 22), end=date(2026, 11, 24)), clock(), factor=2)
    tell(ledger, "openai", until(date(2026, 11, 23)), clock())
    digests.tick()
    was, now = spent(date(2026, 11, 22)), spent(date(2026, 11, 22)) + spent(date(2026, 11, 22), ("aws",))
    assert f"Sun 22 Nov 2026 was ${was:.2f} when posted and is ${now:.2f} now." in posted(ws)[-1]["text"]


def test_no_data_is_no_zero(ledger, ws, clock):
    """With nothing told of the day by any source the digest says so and gives no zero."""
    fill(ledger, through=date(2026, 11, 20))
    another(ledger, ws, clock).tick()
    text = posted(ws)[0]["text"]
    assert "no data after 20 Nov" in text
    assert not re.search(r"\$0(\.00)? on", text)


def test_missed_run_is_made_up_within_twelve_hours(digests, ws, clock):
    """The machine slept from before nine till the evening: the digest comes once, late."""
    clock.to(2026, 11, 23, 20, 59)
    assert [item.state for item in digests.tick()] == ["posted"]
    assert digests.tick() == []


def test_run_missed_for_longer_is_skipped_and_said_in_the_next(digests, ledger, ws, clock):
    """After more than twelve hours it is not made up; the next one says which days have none."""
    digests.tick()
    clock.to(2026, 11, 25, 21, 1)
    assert digests.tick() == []
    clock.to(2026, 11, 26, 9, 0, 5)
    fill(ledger, clock())
    digests.tick()
    assert len(posted(ws)) == 2
    assert "No digest was posted for Tue 24 Nov and Wed 25 Nov" in posted(ws)[-1]["text"]


def test_weekly_and_monthly_digests_are_about_whole_weeks_and_months(ledger, ws, clock):
    """On Mondays the last week against the one before, on the first the last month."""
    fill(ledger)
    assert "16–22 Nov 2026" in words(another(ledger, ws, clock, days="mon").run("daily", dry_run=True).content).title
    clock.to(2026, 12, 1, 9)
    fill(ledger, clock())
    edition = words(another(ledger, ws, clock, days="1").run("daily", dry_run=True).content)
    assert "November 2026" in edition.title
    assert edition.facts[0][0] == "vs October"


def test_days_off_are_off(digests, ledger, ws, clock):
    """On a day that is not among its days nothing comes, and none is missed."""
    found = another(ledger, ws, clock, days="tue-fri")
    assert found.tick() == []
    assert found.listing()[0].next_run.isoformat() == "2026-11-24T09:00:00+00:00"


def test_line_cut_after_slack_took_it_posts_no_second(digests, ws):
    """The reply of Slack was lost: the message is found by its stamp, in the channel and in the thread."""
    for _ in range(5):
        ws.lose_reply("chat.postMessage")
    digests.tick()
    (message,) = posted(ws)
    assert len(ws.from_bot(COSTS, message["ts"])) == 5


def test_failure_before_slack_took_it_posts_once(digests, ws):
    """Slack broke before it stored the message: it is looked for, not found, and posted."""
    ws.fail("chat.postMessage", "internal_error", status=500)
    digests.tick()
    assert len(posted(ws)) == 1


def test_channel_it_is_not_in_is_joined_to_look(digests, ws):
    """A public channel can be posted in from outside but not read: it is joined where it must be looked in."""
    ws.kick("U0SPEND", COSTS)
    ws.lose_reply("chat.postMessage")
    digests.tick()
    assert len(posted(ws)) == 1
    assert ws.called("conversations.join")


def test_where_nobody_can_tell_it_is_not_posted_twice(digests, ws):
    """Where Slack does not let it look, nothing is posted again and the admin is told once."""
    ws.lose_reply("chat.postMessage")
    ws.fail("conversations.history", "missing_scope")
    assert [item.state for item in digests.tick()] == ["failed"]
    assert digests.tick() == []
    assert len(posted(ws)) == 1
    result = ws.from_bot(ws.dm_channel(ADMIN))
    assert len(result) == 1
    assert "can't tell" in result[0]["text"]


def test_archived_channel_is_told_once_and_tried_again(digests, ws, ledger):
    """It cannot be posted: the admin is told once what to do; when it can, it comes."""
    ws.archive(COSTS)
    assert digests.tick()[0].state == "failed"
    assert digests.run("daily").state == "failed"
    assert len(ws.from_bot(ws.dm_channel(ADMIN))) == 1
    ws.archive(COSTS, archived=False)
    assert digests.tick() == []
    assert digests.run("daily").state == "posted"
    assert len(posted(ws)) == 1


def test_channel_that_others_read_gets_no_numbers(ledger, ws, clock):
    """Nothing is posted where people of other organizations read."""
    fill(ledger)
    _, found = office(ledger, ws, clock, declared({"digest": [{"name": "d", "channel": "#umbra-partnership"}]}))
    assert found.tick()[0].state == "failed"
    assert ws.from_bot("#umbra-partnership") == []


def test_a_person_gets_theirs_in_direct_messages(ledger, ws, clock):
    """A digest for a person comes to them alone."""
    fill(ledger)
    _, found = office(ledger, ws, clock, declared({"digest": [{"name": "d", "channel": ADMIN}]}))
    assert found.tick()[0].state == "posted"
    assert "Sun 22 Nov" in ws.from_bot(ws.dm_channel(ADMIN))[0]["text"]


def test_paused_digest_rests_and_misses_nothing(digests, ws, clock):
    """While paused nothing comes; resumed it runs from then on, making nothing up."""
    digests.pause(digests.find("daily"))
    assert digests.tick() == []
    clock.on(hours=1)
    digests.pause(digests.find("daily"), paused=False)
    assert digests.tick() == []
    clock.on(days=1)
    assert [item.state for item in digests.tick()] == ["posted"]
    assert "No digest" not in posted(ws)[0]["text"]


def test_made_in_slack_is_equal_to_declared(digests, ws, clock):
    """One made in Slack is kept, runs from when it was made, and is let go."""
    digests.save(Digest(name="mine", channel="C0COSTS", at="10:00", owner=ADMIN, team="T0LUMEN"))
    assert {item.digest.name for item in digests.listing("T0LUMEN")} == {"daily", "mine"}
    clock.on(hours=1)
    assert [item.digest.name for item in digests.tick()] == ["daily", "mine"]
    digests.delete(digests.find("mine"))
    with pytest.raises(NotUnderstood, match="mine"):
        digests.find("mine")


def test_two_replicas_at_once_post_once(ledger, ws, clock, digests):
    """Two that tick at the same moment: one posts, the other lets it."""
    _, other = office(ledger, ws, clock, daily())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda item: item.tick(), [digests, other]))
    assert len(posted(ws)) == 1
    assert len(ws.from_bot(COSTS, posted(ws)[0]["ts"])) == 5


def test_old_history_is_forgotten(digests, clock):
    """What became of periods before a day is let go of."""
    digests.tick()
    assert digests.forget_before((NOW + timedelta(days=1)).date()) == 1
    assert digests.history(digests.find("daily")) == []


def test_claims_say_nothing_of_amounts_in_their_keys(digests, ledger):
    """What stands in the ledger about a post: its state, its message, what the next one may restate."""
    digests.tick()
    (found,) = ledger.memory.all(KIND).values()
    assert found["state"] == "done"
    assert found["said"]["totals"] == {"USD": f"{spent(date(2026, 11, 22)):.2f}"}


def test_questions_with_parts_are_answered_as_anywhere(ledger, ws, clock):
    """Averages, shares and what moved: each in the thread, to the cent, with the days that an average leaves out."""
    fill(ledger)
    asked = ["average daily spend this month", "openai as a % of last month", "running total this month"]
    another(ledger, ws, clock, questions=asked).tick()
    (message,) = posted(ws)
    texts = " ".join(item["text"] for item in ws.from_bot(COSTS, message["ts"])[1:])
    days = [date(2026, 11, day) for day in range(1, 23)]
    assert f"${sum(map(spent, days)) / 22:.2f} a day on average" in texts
    october = [date(2026, 10, day) for day in range(1, 32)]
    part, whole = sum(spent(day, ["openai"]) for day in october), sum(map(spent, october))
    assert f"OpenAI is {part / whole * 100:.1f}% of October 2026: ${part:,.2f} of ${whole:,.2f}." in texts
    assert f"${sum(map(spent, days)):,.0f} in total" in texts


def test_the_invoice_of_the_closed_month_is_compared_once(digests, ws, clock, ledger):
    """In the first digest after it exists, to the cent; later digests do not repeat it, and another invoice is told."""

    def invoiced(source, total):
        kept = {"invoices": [{"id": f"{source}-1", "amount": str(total), "currency": "USD"}], "at": NOW.isoformat()}
        ledger.memory.put(INVOICE, month_key(source, OCTOBER), kept)

    def compared():
        digests.tick()
        [*_, message] = posted(ws)
        clock.on(days=1)
        fill(ledger, clock())
        return re.findall(r"October 2026: [^;\n]*", message["text"])

    assert compared() == []
    days = [date(2026, 10, day) for day in range(1, 32)]
    invoiced("aws", sum(spent(day, ["aws"]) for day in days))
    total = f"{sum(spent(day, ['aws']) for day in days):,.2f}"
    assert compared() == [f"October 2026: the charges match the invoice, ${total} (AWS invoice aws-1)"]
    assert compared() == []
    invoiced("openai", 1)
    [sentence] = compared()
    assert sentence.startswith("October 2026: the invoice is $1.00, ")
    assert compared() == []
