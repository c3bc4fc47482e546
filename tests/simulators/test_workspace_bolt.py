"""A real Bolt app lives in the simulated workspace: over sockets and over HTTP."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from simulators.slack import ADMIN, APP_TOKEN, BOT_TOKEN, GUEST, MEMBER, OUTSIDER, SIGNING_SECRET, Workspace


def plain(text):
    return {"type": "plain_text", "text": text}


def menu(kind, action, **more):
    return {
        "type": "input",
        "block_id": action,
        "label": plain("L"),
        "element": {"type": kind, "action_id": action, **more},
    }


OPTIONS = [{"text": plain("Service"), "value": "service"}, {"text": plain("Account"), "value": "account"}]
ANSWER = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "An answer"}},
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "change", "text": plain("Change…"), "value": "q1"},
            {"type": "static_select", "action_id": "by", "options": OPTIONS},
            {"type": "overflow", "action_id": "more", "options": OPTIONS},
            {"type": "datepicker", "action_id": "since"},
        ],
    },
]
FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Change"),
    "submit": plain("Ask"),
    "notify_on_close": True,
    "blocks": [
        menu("plain_text_input", "words"),
        menu("external_select", "service", min_query_length=0),
        menu("multi_static_select", "several", options=OPTIONS, initial_options=OPTIONS[:1]),
        {**menu("checkboxes", "boxes", options=OPTIONS), "optional": True},
    ],
}


def build(client, received):  # noqa: C901 - one app with a listener of every kind
    """A trivial app that answers everything and notes what it heard."""
    app = App(client=client, signing_secret=SIGNING_SECRET, process_before_response=False)

    @app.command("/spend")
    def _command(ack, respond, command):
        received.append(("command", command))
        if command["text"] == "silence":
            return
        ack("Working…")
        respond(text=f"You asked {command['text']}", blocks=ANSWER, replace_original=True)

    @app.action("change")
    def _change(ack, body, client):
        ack()
        received.append(("action", body))
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("by")
    @app.action("more")
    @app.action("since")
    def _choose(ack, body, respond):
        ack()
        received.append(("action", body))
        if "response_url" in body:
            respond(text=str(body["actions"][0]), replace_original=False)

    @app.options("service")
    def _options(ack, payload):
        ack(options=[{"text": plain(f"S3 {payload['value']}"), "value": "s3"}])

    @app.view("form")
    def _form(ack, view, body, client):
        values = view["state"]["values"]
        received.append(("view", body))
        if values["words"]["words"]["value"] == "bad":
            ack(response_action="errors", errors={"words": "I cannot read that."})
        elif values["words"]["words"]["value"] == "deeper":
            ack(response_action="push", view={**FORM, "callback_id": "form2", "notify_on_close": False})
        else:
            ack()
            client.chat_postMessage(channel=body["user"]["id"], text="Asked again")

    @app.view_closed("form")
    def _closed(ack, body):
        ack()
        received.append(("closed", body))

    @app.event("app_mention")
    def _mention(event, body, say, set_status, say_stream):
        received.append(("mention", {**body, "event": event}))
        set_status("is looking")
        stream = say_stream()
        stream.append(markdown_text="**Because** of S3. " * 30)
        stream.stop(blocks=ANSWER[1:])

    @app.event("message")
    def _message(event, say, request):
        received.append(("message", {**event, "retry": request.headers.get("x-slack-retry-num")}))
        say(f"You said {event['text']}", thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("app_home_opened")
    def _home(event, client):
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": ANSWER})

    @app.shortcut("explain_cost")
    def _shortcut(ack, body, respond):
        ack()
        received.append(("shortcut", body))
        respond("Explained")

    return app


@pytest.fixture(scope="module")
def office():
    """The workspace with the app connected over Socket Mode, and what the app has heard."""
    with Workspace(ack_seconds=1.0, retry_waits=(0.0, 0.1, 0.1), page_limit=3) as ws:
        received = []
        client = WebClient(token=BOT_TOKEN, base_url=ws.api_url)
        handler = SocketModeHandler(build(client, received), APP_TOKEN, web_client=client, ping_interval=1)
        handler.connect()
        ws.wait_connected()
        yield ws, received
        handler.close()


@pytest.fixture
def ws(office):
    return office[0]


@pytest.fixture
def received(office):
    office[1].clear()
    return office[1]


def asked(ws, text="yesterday"):
    """The final answer to a command, as its asker sees it."""
    before = {one["ts"] for one in ws.messages("#cloud-costs", as_user=MEMBER)}
    assert ws.slash(MEMBER, "#cloud-costs", "/spend", text).acked
    done = f"You asked {text}"
    return ws.wait_for(
        lambda: [
            one
            for one in ws.messages("#cloud-costs", as_user=MEMBER)
            if one["text"] == done and one["ts"] not in before
        ]
    )[0]


def test_a_command_is_acknowledged_and_answered_in_place(ws, received):
    """The acknowledgement's message is replaced by the answer, which only the asker sees."""
    answer = asked(ws)
    assert answer["is_ephemeral"]
    assert "Working…" not in str(ws.messages("#cloud-costs", as_user=MEMBER))
    assert answer["ts"] not in [one["ts"] for one in ws.messages("#cloud-costs", as_user=ADMIN)]
    command = received[0][1]
    assert (command["user_id"], command["channel_name"], command["team_id"]) == (MEMBER, "cloud-costs", "T0LUMEN")


def test_a_command_that_is_not_acknowledged_fails(ws):
    """The asker is told when no acknowledgement comes in time."""
    assert ws.slash(MEMBER, "#cloud-costs", "/spend", "silence").error == "operation_timeout"
    assert ws.slash(MEMBER, "#cloud-costs", "/nope").error == "unknown_command"
    assert ws.slash(OUTSIDER, "#umbra-partnership", "/spend").error == "unknown_command"


def test_mentions_in_commands_arrive_escaped(ws, received):
    """What people type becomes Slack's entities."""
    asked_as = ws.slash(MEMBER, "#cloud-costs", "/spend", "by @Mei Lin in #general & <more>")
    assert asked_as.acked
    assert received[0][1]["text"] == "by <@U0MEI> in <#C0GENERAL|general> &amp; &lt;more>"


@pytest.mark.parametrize(
    ("action", "value", "found"),
    [
        ("by", "account", ("selected_option", OPTIONS[1])),
        ("more", "service", ("selected_option", OPTIONS[0])),
        ("since", "2026-11-01", ("selected_date", "2026-11-01")),
    ],
)
def test_choices_in_a_message_reach_the_app(ws, received, action, value, found):
    """A click carries the element's value, where it happened, and a response_url that works."""
    answer = asked(ws)
    assert ws.click(MEMBER, answer["ts"], action, value).acked
    result = received[-1][1]
    assert result["actions"][0][found[0]] == found[1]
    assert result["container"] == {
        "type": "message",
        "message_ts": answer["ts"],
        "channel_id": "C0COSTS",
        "is_ephemeral": True,
    }
    assert "message" not in result
    ws.wait_for(lambda: [one for one in ws.messages("#cloud-costs", as_user=MEMBER) if value in one["text"]])


def test_nobody_clicks_what_they_do_not_see(ws):
    """An ephemeral message is no one else's; an element must be there; an option must be offered."""
    answer = asked(ws)
    with pytest.raises(LookupError, match="sees no message"):
        ws.click(ADMIN, answer["ts"], "change")
    with pytest.raises(LookupError, match="there are: by, change, more, since"):
        ws.click(MEMBER, answer["ts"], "nope")
    with pytest.raises(LookupError, match="there are: service, account"):
        ws.click(MEMBER, answer["ts"], "by", "region")


def test_a_modal_is_filled_in_corrected_and_submitted(ws, received):
    """Slack's own checks come first, then the app's errors, then the modal closes."""
    ws.click(MEMBER, asked(ws)["ts"], "change", "q1")
    (view,) = ws.wait_for(lambda: ws.views(MEMBER))
    refusal = ws.submit(MEMBER, view["id"], {"words": "bad"})
    assert refusal.error == "invalid_fields"
    assert set(refusal.body["errors"]) == {"service"}
    assert ws.suggest(MEMBER, view["id"], "service", "gla")[0]["text"]["text"] == "S3 gla"
    ws.submit(MEMBER, view["id"], {"service": "s3", "boxes": ["account"]})
    assert ws.views(MEMBER)[0]["errors"] == {"words": "I cannot read that."}
    assert ws.submit(MEMBER, view["id"], {"words": "good"}).acked
    assert ws.views(MEMBER) == []
    values = received[-1][1]["view"]["state"]["values"]
    assert values["service"]["service"]["selected_option"]["value"] == "s3"
    assert [one["value"] for one in values["several"]["several"]["selected_options"]] == ["service"]
    assert [one["value"] for one in values["boxes"]["boxes"]["selected_options"]] == ["account"]
    ws.wait_for(lambda: [one for one in ws.from_bot(ws.dm_channel(MEMBER)) if one["text"] == "Asked again"])


def test_modals_stack_and_closing_is_told(ws, received):
    """A pushed modal lies on top; closing everything tells the app, once for the one closed."""
    ws.click(ADMIN, _public(ws), "change", "q1")
    (view,) = ws.wait_for(lambda: ws.views(ADMIN))
    ws.suggest(ADMIN, view["id"], "service")
    ws.submit(ADMIN, view["id"], {"words": "deeper", "service": "s3"})
    top = ws.views(ADMIN)[-1]
    assert (top["previous_view_id"], top["root_view_id"]) == (view["id"], view["id"])
    ws.close(ADMIN, top["id"])
    ws.close(ADMIN, view["id"], everything=True)
    closed = [one for kind, one in received if kind == "closed"]
    assert closed[-1]["is_cleared"] is True
    assert ws.views(ADMIN) == []


def _public(ws):
    """A message of the app's that everyone sees."""
    client = WebClient(token=BOT_TOKEN, base_url=ws.api_url)
    return client.chat_postMessage(channel="C0COSTS", text="x", blocks=ANSWER)["ts"]


def test_a_mention_streams_an_answer_into_its_thread(ws, received):
    """The app hears the mention and answers in the thread, status and stream included."""
    sent = ws.mention(MEMBER, "#cloud-costs", "why is S3 up?")
    (answer,) = ws.wait_for(
        lambda: [one for one in ws.from_bot("#cloud-costs", sent.ts) if not one["streaming"] and "blocks" in one]
    )
    assert answer["text"].startswith("**Because** of S3.")
    assert answer["thread_ts"] == sent.ts
    event = received[0][1]["event"]
    assert (event["user"], event["channel"]) == (MEMBER, "C0COSTS")
    assert ws.click(ADMIN, answer["ts"], "by", "account").acked


def test_someone_from_elsewhere_is_recognisable(ws, received):
    """An event from a shared channel says so, and whose team the person is on."""
    ws.mention(OUTSIDER, "#umbra-partnership", "what do you spend?")
    body = ws.wait_for(lambda: [one for kind, one in received if kind == "mention"])[0]
    assert body["is_ext_shared_channel"] is True
    assert body["event"]["user_team"] == "T0UMBRA"
    assert body["team_id"] == "T0LUMEN"


def test_direct_messages_and_home(ws):
    """A direct message is answered in its thread; opening Home gets it published."""
    sent = ws.dm(GUEST, "hello")
    ws.wait_for(lambda: ws.from_bot(sent.channel, sent.ts))
    ws.open_home(GUEST)
    home = ws.wait_for(lambda: ws.home(GUEST))
    assert ws.click(GUEST, home["id"], "by", "account").acked


def test_shortcuts_reach_the_app(ws, received):
    """A message shortcut tells which message it was run on."""
    ts = ws.say(MEMBER, "#cloud-costs", "this bill is odd").ts
    assert ws.shortcut(ADMIN, "explain_cost", ts).acked
    result = received[-1][1]
    assert (result["type"], result["message"]["text"]) == ("message_action", "this bill is odd")
    ws.wait_for(lambda: [one for one in ws.messages("#cloud-costs", as_user=ADMIN) if one["text"] == "Explained"])


def test_events_are_repeated_on_cue(ws, received):
    """A repeated event is the same event, marked as a retry."""
    ws.repeat_next_event(3)
    ws.dm(MEMBER, "again")
    ws.wait_for(lambda: len([one for kind, one in received if kind == "message"]) == 3)
    assert [one["retry"] for kind, one in received if kind == "message"] == [["0"], ["1"], ["2"]]


def test_the_app_reconnects_when_asked(ws, received):
    """After a refresh everything goes over the new socket."""
    ws.refresh_sockets()
    ws.wait_connected()
    asked(ws, "after the refresh")
    assert received


def test_events_are_retried_over_http_until_they_are_taken():
    """Refused events come again, signed and numbered, until taken or told not to."""
    seen, verifier = [], SignatureVerifier(SIGNING_SECRET)

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            valid = verifier.is_valid_request(body, dict(self.headers))
            seen.append((valid, self.headers.get("X-Slack-Retry-Num"), self.headers.get("X-Slack-Retry-Reason")))
            self.send_response(200 if len(seen) == 3 else 500)
            if len(seen) == 4:
                self.send_header("x-slack-no-retry", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        with Workspace(retry_waits=(0, 0.05, 0.05)) as ws:
            ws.connect_http(f"http://127.0.0.1:{server.server_port}/slack/events")
            ws.dm(MEMBER, "hello")
            ws.wait_for(lambda: len(seen) == 3)
            assert seen == [(True, None, None), (True, "1", "http_error"), (True, "2", "http_error")]
            ws.dm(MEMBER, "again")
            ws.wait_for(lambda: len(seen) == 4)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert len(seen) == 4


def test_a_bolt_app_answers_over_http():
    """Commands, clicks and events reach a Bolt app behind a request URL, and its answers come back."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    received = []
    with Workspace() as ws:
        app = build(WebClient(token=BOT_TOKEN, base_url=ws.api_url), received)
        server = make_server("127.0.0.1", 0, SlackRequestHandler(app), handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            ws.connect_http(f"http://127.0.0.1:{server.server_port}/slack/events")
            assert ws.verify_url()
            answer = asked(ws)
            assert ws.click(MEMBER, answer["ts"], "change", "q1").acked
            view = ws.wait_for(lambda: ws.views(MEMBER))[0]
            assert ws.suggest(MEMBER, view["id"], "service")[0]["value"] == "s3"
            assert ws.submit(MEMBER, view["id"], {"words": "good", "service": "s3"}).acked
            sent = ws.mention(MEMBER, "#cloud-costs", "why?")
            ws.wait_for(lambda: ws.from_bot("#cloud-costs", sent.ts))
            ws.wait_for(lambda: not any(one["streaming"] for one in ws.messages("#cloud-costs", sent.ts)))
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
