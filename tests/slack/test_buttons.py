"""Every button on an answer and the modals they open, through the real app in the simulated workspace."""

import csv
import io
import json

import pytest
from slack_app import NOW, Bookkeeper, running

from bot.domain.question import Question
from simulators.slack import ADMIN, MEMBER


@pytest.fixture
def answered(run):
    """A public answer in a thread, and the thread."""
    text = run.ws.mention(MEMBER, "#cloud-costs", "by service")
    return run.answer("#cloud-costs", thread=text.ts), text.ts


def elements(message):
    """Every button and menu of a message, by its text or action."""
    found = {}
    for block in message["blocks"]:
        for item in block.get("elements", []) if block["type"] == "actions" else []:
            found[item["text"]["text"] if "text" in item else item["action_id"]] = item
    return found


def press(run, user, message, words):
    """Presses the button that reads so."""
    button = elements(message)[words]
    return run.ws.click(user, message["ts"], button["action_id"], button.get("value"))


def view(run, user):
    """The modal that has opened."""
    return run.ws.wait_for(lambda: run.ws.views(user))[-1]


def fields(modal):
    """The input blocks of a modal by name."""
    return {block["block_id"]: block["element"] for block in modal["blocks"] if block["type"] == "input"}


@pytest.mark.parametrize("words", ["By day", "By account", "By provider", "vs last month", "Why?", "Forecast"])
def test_buttons_lead_on_below_the_answer(run, answered, words):
    """Every button that leads on is answered in the same thread."""
    message, thread = answered
    assert press(run, MEMBER, message, words).acked
    assert run.answer("#cloud-costs", thread=thread, count=2)["ts"] != message["ts"]


def test_buttons_work_after_a_restart(run, answered, memory):
    """A button pressed on a message of an earlier process is answered by the next one."""
    message, thread = answered
    value = elements(message)["By day"]["value"]
    assert Question.model_validate(json.loads(value)["q"]).grain == "day"
    run.slack.context.delivery._transport._queues.clear()
    run.slack.context.people._cache.clear()
    press(run, MEMBER, message, "By day")
    assert "by day" in json.dumps(run.answer("#cloud-costs", thread=thread, count=2)["blocks"]).lower()


def test_private_answer_leads_on_privately(run):
    """What is pressed on an ephemeral answer is answered to the presser alone."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    message = run.answer("#cloud-costs", MEMBER)
    press(run, MEMBER, message, "By account")
    assert run.answer("#cloud-costs", MEMBER, count=2)["is_ephemeral"]
    assert run.ws.from_bot("#cloud-costs") == []


def test_csv_holds_exact_amounts_in_the_thread(run, answered):
    """The CSV is uploaded to the thread, with exact amounts that add up."""
    press(run, MEMBER, answered[0], "CSV")
    file = run.ws.wait_for(lambda: [file for file in run.ws.files if file.channels])[-1]
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    assert {row["ServiceName"]: row["Amount"] for row in rows}["Amazon S3"] == "17948.92"
    assert file.name == "cost_ServiceName_2026-11-01_2026-11-22.csv"


def test_csv_of_a_private_answer_comes_in_a_direct_message(run):
    """A file cannot be ephemeral, so it comes where only the asker reads."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    press(run, MEMBER, run.answer("#cloud-costs", MEMBER), "CSV")
    file = run.ws.wait_for(lambda: [file for file in run.ws.files if file.channels])[-1]
    assert file.channels == [run.ws.dm_channel(MEMBER)]
    assert "direct messages" in run.answer("#cloud-costs", MEMBER, count=2)["text"]


def test_share_posts_in_the_channel_in_the_sharers_name(run):
    """Sharing asks where, and posts there who shares it and what they say, escaped."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    press(run, MEMBER, run.answer("#cloud-costs", MEMBER), "Share")
    modal = view(run, MEMBER)
    run.ws.submit(MEMBER, modal["id"], {"where": "C0COSTS", "note": "look <!channel>"})
    posted = run.answer("#cloud-costs")
    assert f"<@{MEMBER}> shared this: look &lt;!channel&gt;" in posted["text"]
    assert "$50,942" in posted["text"]


def test_share_refuses_channels_that_others_read(run):
    """Nothing is shared where people of other organizations read."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    press(run, MEMBER, run.answer("#cloud-costs", MEMBER), "Share")
    modal = view(run, MEMBER)
    reply = run.ws.submit(MEMBER, modal["id"], {"where": "C0PARTNER"})
    assert "where" in reply.body["errors"]
    assert run.ws.from_bot("#umbra-partnership") == []


def test_change_is_prefilled_and_answers_what_was_changed(run, answered):
    """The modal shows every part of the question; what is changed in it is answered in the thread."""
    message, thread = answered
    press(run, MEMBER, message, "Change…")
    modal = view(run, MEMBER)
    shown = fields(modal)
    assert shown["start"]["initial_date"] == "2026-11-01"
    assert shown["last"]["initial_date"] == "2026-11-22"
    assert shown["by"]["initial_option"]["value"] == "ServiceName"
    option = run.ws.suggest(MEMBER, modal["id"], "only", "red")[0]
    assert option["text"]["text"] == "Amazon Redshift · service"
    run.ws.submit(MEMBER, modal["id"], {"start": "2026-11-20", "last": "2026-11-21", "only": [option["value"]]})
    assert "$2,174" in run.answer("#cloud-costs", thread=thread, count=2)["text"]


def test_change_says_at_the_field_what_is_wrong(run, answered):
    """A period that ends before it starts is refused at its field, and the modal stays."""
    press(run, MEMBER, answered[0], "Change…")
    modal = view(run, MEMBER)
    reply = run.ws.submit(MEMBER, modal["id"], {"start": "2026-11-20", "last": "2026-11-02"})
    assert reply.body["errors"] == {"last": "This day is before the first one."}
    assert run.ws.views(MEMBER)


def test_how_it_was_computed_shows_the_question(run, answered):
    """The window shows sources, freshness and the question as JSON."""
    more = elements(answered[0])["more"]
    run.ws.click(MEMBER, answered[0]["ts"], "more", more["options"][0]["value"])
    shown = json.dumps(view(run, MEMBER)["blocks"])
    assert "ServiceName" in shown
    assert "data through 21 Nov 2026" in shown


def test_wrong_number_is_kept_for_admins(run, answered):
    """A report keeps question, reading and answer; admins see it and put it away, others do not."""
    more = elements(answered[0])["more"]
    run.ws.click(MEMBER, answered[0]["ts"], "more", more["options"][1]["value"])
    run.ws.submit(MEMBER, view(run, MEMBER)["id"], {"note": "the console says <b>less</b>"})
    kept = run.ws.wait_for(lambda: run.memory.all("report"))
    report = next(iter(kept.values()))
    assert report["answer"]["totals"][0]["amount"] == "50942.1"
    assert report["question"]["by"] == ["ServiceName"]
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "reports")
    shown = run.answer("#cloud-costs", ADMIN)
    assert "<b>less" in json.dumps([b["text"] for b in shown["blocks"] if b["type"] == "section"])
    run.ws.click(ADMIN, shown["ts"], "report_done", next(iter(kept)))
    run.ws.wait_for(lambda: not run.memory.all("report"))
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "reports")
    assert "admins" in run.answer("#cloud-costs", MEMBER)["text"]


def test_schedule_opens_what_was_handed_in(run, answered):
    """Schedule this hands the question to the room that makes digests, or says that it is off."""
    more = elements(answered[0])["more"]
    run.ws.click(MEMBER, answered[0]["ts"], "more", more["options"][2]["value"])
    assert "turned off" in run.answer("#cloud-costs", thread=answered[1], count=2)["text"]
    asked = []

    def schedule(request, question):
        asked.append((request.person.id, question.by))
        blocks = [{"type": "section", "text": {"type": "plain_text", "text": "When?"}}]
        return {"type": "modal", "title": {"type": "plain_text", "text": "Digest"}, "blocks": blocks}

    run.slack.context.digest_modal = schedule
    run.ws.click(MEMBER, answered[0]["ts"], "more", more["options"][2]["value"])
    assert view(run, MEMBER)["title"]["text"] == "Digest"
    assert asked == [(MEMBER, ("ServiceName",))]


def test_unknown_words_get_suggestions_to_press(run):
    """What is not understood gets one sentence, a hint and a suggestion that answers when pressed."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "florps <!channel>")
    message = run.answer("#cloud-costs", MEMBER)
    assert "<!channel>" not in message["text"]
    assert "Closest: Amazon S3." in message["text"]
    press(run, MEMBER, message, "by service")
    assert "$50,942" in run.answer("#cloud-costs", MEMBER, count=2)["text"]


def test_help_has_examples(run):
    """Help and an empty command show what can be asked."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "")
    message = run.answer("#cloud-costs", MEMBER)
    assert len(elements(message)) >= 5
    text = run.ws.dm(MEMBER, "help")
    assert elements(run.answer(text.channel))


def test_message_shortcut_explains(run, answered):
    """Explain this cost on the bot's message explains its question; on other words those words."""
    run.ws.shortcut(MEMBER, "explain_cost", answered[0]["ts"])
    assert "compared with 1–22 Oct" in run.answer("#cloud-costs", MEMBER, answered[1], 2)["text"]
    text = run.ws.say(MEMBER, "#cloud-costs", "this month")
    run.ws.shortcut(MEMBER, "explain_cost", text.ts)
    assert "compared with" in run.answer("#cloud-costs", MEMBER)["text"]
    text = run.ws.say(MEMBER, "#cloud-costs", "lunch anyone")
    run.ws.shortcut(MEMBER, "explain_cost", text.ts)
    assert "recognize a cost in that message" in run.answer("#cloud-costs", MEMBER, count=2)["text"]


def test_bug_is_answered_with_a_reference_and_logged(memory, caplog):
    """A failure of ours gets a sentence and a reference; the log has the traceback under it."""
    asker = Bookkeeper()
    asker.broken = RuntimeError("boom")
    with running(asker, memory) as run:
        run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
        text = run.answer("#cloud-costs", MEMBER)["text"]
    assert "went wrong on our side" in text
    record = next(item for item in caplog.records if "a bug of ours" in item.message)
    assert record.exc_info
    assert record.args[0] in text


def test_asker_is_told_when_it_takes_long(memory):
    """After a second the asker reads that work is under way; the answer takes its place."""
    asker = Bookkeeper()
    asker.slow = 1.3
    with running(asker, memory) as run:
        run.ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
        (waiting,) = run.ws.wait_for(lambda: run.ws.from_bot("#cloud-costs", None, MEMBER))
        assert "Reading the ledger" in waiting["text"]
        text = run.ws.mention(MEMBER, "#cloud-costs", "this month")
        run.ws.wait_for(lambda: run.ws.status("#cloud-costs", text.ts))
        run.ws.wait_for(lambda: "$50,942" in run.answer("#cloud-costs", MEMBER)["text"])
        assert len(run.ws.from_bot("#cloud-costs", None, MEMBER)) == 1
        run.answer("#cloud-costs", thread=text.ts)


def test_direct_message_that_takes_long_is_answered_in_the_waiting_ones_place(memory):
    """In direct messages the answer takes the place of what said to wait; a refusal leaves no such thing behind."""
    asker = Bookkeeper()
    asker.slow = 1.3
    with running(asker, memory) as run:
        text = run.ws.dm(MEMBER, "this month")
        (waiting,) = run.ws.wait_for(lambda: run.ws.from_bot(text.channel))
        assert "Reading the ledger" in waiting["text"]
        run.ws.wait_for(lambda: "$50,942" in run.answer(text.channel)["text"])
        assert len(run.ws.from_bot(text.channel)) == 1
        run.ws.dm(MEMBER, "florps")
        run.ws.wait_for(lambda: "florps" in run.answer(text.channel)["text"])
        assert len(run.ws.from_bot(text.channel)) == 2


def test_audit_log_tells_who_asked_what_but_no_amounts(run, answered):
    """The log has who, where, what and what was shown, and an admin gets it as CSV."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "audit")
    assert "admins" in run.answer("#cloud-costs", MEMBER)["text"]
    run.ws.slash(ADMIN, "#cloud-costs", "/spend", "audit")
    file = run.ws.wait_for(lambda: [file for file in run.ws.files if file.channels])[-1]
    rows = list(csv.DictReader(io.StringIO(file.content.decode())))
    asked = next(row for row in rows if row["act"] == "asked")
    assert (asked["user"], asked["channel"], asked["entry_point"]) == (MEMBER, "C0COSTS", "mention")
    assert asked["question"] == "by service"
    assert "50,942" not in file.content.decode()
    assert "50942" not in file.content.decode()
    assert asked["at"].startswith(f"{NOW:%Y-%m-%dT}")
