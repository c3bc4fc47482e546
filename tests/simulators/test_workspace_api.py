"""The simulated workspace's Web API refuses what Slack refuses, and remembers what it took."""

import time

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from simulators.slack import (
    ADMIN,
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    CLIENT_ID,
    CLIENT_SECRET,
    GUEST,
    MEMBER,
    OUTSIDER,
    Workspace,
)
from simulators.slack.model import OTHER_TEAM, SCOPES, Person, Team
from simulators.slack.store import ResponseUrl

BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go"}
MODAL = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Change"},
    "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}],
}
HOME = {"type": "home", "blocks": MODAL["blocks"]}


@pytest.fixture
def ws():
    with Workspace() as workspace:
        yield workspace


@pytest.fixture
def client(ws):
    return WebClient(token=BOT_TOKEN, base_url=ws.api_url, retry_handlers=[])


def refused(call, *args, **more):
    """The error with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        call(*args, **more)
    return caught.value.response["error"]


def test_tokens_are_looked_at(ws):
    """No token, a wrong one, and one of the wrong kind are told apart."""
    url = ws.api_url
    assert refused(WebClient(base_url=url).auth_test) == "not_authed"
    assert refused(WebClient("xoxb-wrong", base_url=url).auth_test) == "invalid_auth"
    assert refused(WebClient(APP_TOKEN, base_url=url).auth_test) == "not_allowed_token_type"
    assert refused(WebClient(base_url=url).apps_connections_open, app_token=BOT_TOKEN) == "not_allowed_token_type"
    assert WebClient(BOT_TOKEN, base_url=url).auth_test()["user_id"] == BOT_USER


def test_a_missing_scope_is_named():
    """A call beyond the token's scopes says which one it needs."""
    with Workspace(scopes="commands") as ws, pytest.raises(SlackApiError) as caught:
        WebClient(BOT_TOKEN, base_url=ws.api_url).chat_postMessage(channel="C0COSTS", text="x")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "chat:write"


@pytest.mark.parametrize(
    ("channel", "error"),
    [("C0NOWHERE", "channel_not_found"), ("C0OLD", "is_archived"), ("G0FINANCE", "channel_not_found")],
)
def test_messages_go_only_where_they_may(client, channel, error):
    """Unknown, archived, and private channels without the app take no message."""
    assert refused(client.chat_postMessage, channel=channel, text="x") == error


def test_public_channels_need_membership_without_the_scope_for_all():
    """Without chat:write.public the app must be invited."""
    with Workspace(scopes=SCOPES.replace("chat:write.public", "")) as ws:
        client = WebClient(BOT_TOKEN, base_url=ws.api_url)
        assert refused(client.chat_postMessage, channel="#general", text="x") == "not_in_channel"
        client.conversations_join(channel="C0GENERAL")
        assert client.chat_postMessage(channel="#general", text="x")["ok"]


def test_blocks_are_checked_strictly(client, ws):
    """What the checker finds wrong is refused as Slack refuses it, and nothing is posted."""
    wrong = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0COSTS", text="x", blocks=wrong)
    assert caught.value.response["error"] == "invalid_blocks"
    assert "json-pointer:/blocks/0/text/text" in caught.value.response["response_metadata"]["messages"][0]
    assert refused(client.views_publish, user_id=MEMBER, view={**HOME, "title": "x"}) == "invalid_arguments"
    assert refused(client.api_call, "chat.postMessage", json={"channel": "C0COSTS", "text": ""}) == "no_text"
    assert refused(client.chat_postMessage, channel="C0COSTS", text="x" * 40_001) == "msg_too_long"
    assert ws.messages("#cloud-costs") == []


def test_messages_are_changed_deleted_and_found_again(client, ws):
    """A message keeps its blocks and metadata through changes, and only the app's own can be changed."""
    metadata = {"event_type": "digest", "event_payload": {"period": "2026-11-21"}}
    posted = client.chat_postMessage(
        channel="C0COSTS", text="one", blocks=[{"type": "actions", "elements": [BUTTON]}], metadata=metadata
    )
    assert posted["message"]["blocks"][0]["block_id"]
    client.chat_update(channel="C0COSTS", ts=posted["ts"], text="two")
    (found,) = ws.messages("#cloud-costs")
    assert (found["text"], found["blocks"][0]["type"], "edited" in found) == ("two", "actions", True)
    plain = client.conversations_history(channel="C0COSTS")["messages"][0]
    assert "metadata" not in plain
    whole = client.conversations_history(channel="C0COSTS", include_all_metadata=True)["messages"][0]
    assert whole["metadata"] == metadata
    theirs = ws.say(MEMBER, "#cloud-costs", "hello").ts
    assert refused(client.chat_update, channel="C0COSTS", ts=theirs, text="x") == "cant_update_message"
    assert refused(client.chat_delete, channel="C0COSTS", ts="1.0") == "message_not_found"
    client.chat_delete(channel="C0COSTS", ts=posted["ts"])
    assert [one["text"] for one in ws.messages("#cloud-costs")] == ["hello"]


def test_ephemeral_messages_are_seen_by_one(client, ws):
    """An ephemeral message stands in nobody else's channel and in no history."""
    client.chat_postEphemeral(channel="C0COSTS", user=MEMBER, text="psst")
    assert [one["text"] for one in ws.messages("#cloud-costs", as_user=MEMBER)] == ["psst"]
    assert ws.messages("#cloud-costs", as_user=ADMIN) == []
    assert client.conversations_history(channel="C0COSTS")["messages"] == []
    assert refused(client.chat_postEphemeral, channel="C0COSTS", user=GUEST, text="x") == "user_not_in_channel"


def test_threads_hold_together(client):
    """Replies stand in their thread, not in the channel, and a thread must exist."""
    root = client.chat_postMessage(channel="C0COSTS", text="root")["ts"]
    client.chat_postMessage(channel="C0COSTS", text="reply", thread_ts=root)
    assert [one["text"] for one in client.conversations_history(channel="C0COSTS")["messages"]] == ["root"]
    thread = client.conversations_replies(channel="C0COSTS", ts=root)["messages"]
    assert [one["text"] for one in thread] == ["root", "reply"]
    assert thread[0]["reply_count"] == 1
    assert refused(client.chat_postMessage, channel="C0COSTS", text="x", thread_ts="1.0") == "thread_not_found"


def test_listings_come_in_pages():
    """Every listing is paged, as small as the workspace likes."""
    with Workspace(page_limit=2) as ws:
        client = WebClient(BOT_TOKEN, base_url=ws.api_url)
        users = [one["id"] for page in client.users_list() for one in page["members"]]
        assert len(users) == len(set(users)) == 7
        names = [one["name"] for page in client.conversations_list() for one in page["channels"]]
        assert names == ["cloud-costs", "general", "random", "umbra-partnership", "site-refresh", "aws-migration"]
        for index in range(5):
            client.chat_postMessage(channel="C0COSTS", text=str(index))
        result = [one["text"] for page in client.conversations_history(channel="C0COSTS") for one in page["messages"]]
        assert result == ["4", "3", "2", "1", "0"]


def test_people_are_told_apart(client):
    """Guests, admins, people from elsewhere and their timezones can be seen."""
    assert client.users_info(user=GUEST)["user"]["is_restricted"]
    assert client.users_info(user=ADMIN)["user"]["is_admin"]
    stranger = client.users_info(user=OUTSIDER)["user"]
    assert stranger["team_id"] == OTHER_TEAM.id
    assert stranger["is_stranger"]
    assert client.users_info(user=MEMBER)["user"]["tz"] == "Europe/Berlin"
    assert refused(client.users_info, user="U0NOBODY") == "user_not_found"
    assert client.conversations_info(channel="C0PARTNER")["channel"]["is_ext_shared"]
    assert ADMIN in client.usergroups_users_list(usergroup="S0FINOPS")["users"]


def test_a_file_is_uploaded_in_three_steps(client, ws):
    """A file appears in the channel once its bytes have arrived in full."""
    client.files_upload_v2(channel="C0COSTS", filename="a.csv", content="a,b\n", title="A", initial_comment="Here")
    (file,) = ws.files
    assert (file.name, file.content, file.channels) == ("a.csv", b"a,b\n", ["C0COSTS"])
    assert ws.messages("#cloud-costs")[0]["files"][0]["title"] == "A"
    picture = {"type": "image", "slack_file": {"id": file.id}, "alt_text": "a"}
    assert client.chat_postMessage(channel="C0COSTS", text="x", blocks=[picture])["ok"]
    picture["slack_file"] = {"id": "F0NONE"}
    assert refused(client.chat_postMessage, channel="C0COSTS", text="x", blocks=[picture]) == "invalid_blocks"
    promised = client.files_getUploadURLExternal(filename="b.csv", length=9)
    assert refused(client.files_completeUploadExternal, files=[{"id": promised["file_id"]}]) == "file_not_found"
    assert httpx.post(promised["upload_url"], content=b"short").is_error
    assert refused(client.files_upload_v2, channel="C0GENERAL", filename="a", content="x") == "not_in_channel"


def test_streams_grow_and_end(client, ws):
    """A streamed answer grows in its thread, ends with blocks, and cannot grow any more."""
    root = ws.say(MEMBER, "#cloud-costs", "why?").ts
    assert refused(client.chat_startStream, channel="C0COSTS", thread_ts=root) == "missing_recipient_user_id"
    whom = {"recipient_user_id": MEMBER, "recipient_team_id": "T0LUMEN"}
    ts = client.chat_startStream(channel="C0COSTS", thread_ts=root, markdown_text="**Oct", **whom)["ts"]
    assert ws.messages("#cloud-costs", root)[-1]["streaming"]
    client.chat_appendStream(channel="C0COSTS", ts=ts, markdown_text="ober**")
    task = {"type": "task_update", "id": "q", "title": "Query", "status": "complete"}
    client.chat_appendStream(channel="C0COSTS", ts=ts, chunks=[task])
    assert refused(client.chat_update, channel="C0COSTS", ts=ts, text="x") == "streaming_state_conflict"
    client.chat_stopStream(channel="C0COSTS", ts=ts, blocks=[{"type": "divider"}])
    last = ws.messages("#cloud-costs", root)[-1]
    assert (last["text"], last["streaming"], last["tasks"][0]["title"]) == ("**October**", False, "Query")
    again = refused(client.chat_appendStream, channel="C0COSTS", ts=ts, markdown_text="x")
    assert again == "message_not_in_streaming_state"


def test_a_status_goes_with_the_answer(client, ws):
    """What the app says it is at stands below the thread until it answers."""
    root = ws.say(MEMBER, "#cloud-costs", "why?").ts
    client.assistant_threads_setStatus(channel_id="C0COSTS", thread_ts=root, status="is reading")
    assert ws.status("#cloud-costs", root) == "is reading"
    client.chat_postMessage(channel="C0COSTS", thread_ts=root, text="because")
    assert ws.status("#cloud-costs", root) == ""


def test_triggers_open_one_view_and_soon(client, ws):
    """A trigger_id is spent by use and by time."""
    fresh = ws.store.trigger(MEMBER, 3)
    client.views_open(trigger_id=fresh, view=MODAL)
    assert refused(client.views_open, trigger_id=fresh, view=MODAL) == "exchanged_trigger_id"
    assert refused(client.views_open, trigger_id=ws.store.trigger(MEMBER, -1), view=MODAL) == "expired_trigger_id"
    assert refused(client.views_open, trigger_id="1.2", view=MODAL) == "invalid_trigger_id"


def test_views_are_updated_by_hash_and_pushed_three_deep(client, ws):
    """An update with an old hash loses; a fourth modal does not fit on a stack."""
    view = client.views_open(trigger_id=ws.store.trigger(MEMBER, 3), view={**MODAL, "external_id": "one"})["view"]
    later = client.views_update(view_id=view["id"], hash=view["hash"], view=MODAL)["view"]
    assert refused(client.views_update, view_id=view["id"], hash=view["hash"], view=MODAL) == "hash_conflict"
    assert later["id"] == view["id"]
    for _ in range(2):
        top = ws.views(MEMBER)[-1]["id"]
        client.views_push(trigger_id=ws.store.trigger(MEMBER, 3, top), view=MODAL)
    top = ws.views(MEMBER)[-1]["id"]
    assert refused(client.views_push, trigger_id=ws.store.trigger(MEMBER, 3, top), view=MODAL) == "push_limit_reached"
    assert refused(client.views_update, view_id="V0", view=MODAL) == "not_found"
    client.views_publish(user_id=MEMBER, view=HOME)
    assert ws.home(MEMBER)["type"] == "home"
    assert ws.home(ADMIN) is None


def test_faults_come_on_cue_and_go(client, ws):
    """The next calls of a method fail, are throttled or slow, as often as asked."""
    ws.fail("chat.postMessage", "not_in_channel", channel="C0COSTS")
    assert client.chat_postMessage(channel="#random", text="x")["ok"]
    assert refused(client.chat_postMessage, channel="#cloud-costs", text="x") == "not_in_channel"
    assert client.chat_postMessage(channel="C0COSTS", text="x")["ok"]
    ws.throttle("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0COSTS", text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    ws.throttle("chat.postMessage", retry_after=0)
    patient = WebClient(BOT_TOKEN, base_url=ws.api_url, retry_handlers=[RateLimitErrorRetryHandler()])
    assert patient.chat_postMessage(channel="C0COSTS", text="x")["ok"]
    assert [one.error for one in ws.called("chat.postMessage")].count("ratelimited") == 2


def test_a_lost_reply_leaves_the_message(client, ws):
    """When the line is cut after the work, the caller cannot know, but the message stands there."""
    ws.lose_reply("chat.postMessage")
    with pytest.raises(OSError, match=r"."):
        client.chat_postMessage(channel="C0COSTS", text="did it?")
    assert [one["text"] for one in ws.messages("#cloud-costs")] == ["did it?"]


def test_a_response_url_serves_five_times(ws):
    """A response_url posts, replaces and deletes, five times within half an hour."""
    handle = ResponseUrl("C0COSTS", MEMBER, time.monotonic() + 60)
    hook = WebhookClient(ws.url + ws.store.response_url(handle))
    assert hook.send(text="working").body == "ok"
    assert hook.send(text="done", replace_original=True).status_code == 200
    assert [one["text"] for one in ws.messages("#cloud-costs", as_user=MEMBER)] == ["done"]
    assert "invalid_blocks" in hook.send(text="x", blocks=[{"type": "section"}]).body
    assert hook.send(text="all", response_type="in_channel").status_code == 200
    assert [one["text"] for one in ws.messages("#cloud-costs")] == ["all"]
    hook.send_dict({"delete_original": True})
    hook.send(text="five")
    assert "used_url" in hook.send(text="six").body
    handle.until = 0
    assert "expired_url" in hook.send(text="late").body


def test_another_workspace_installs_the_app_and_sees_only_its_own(ws):
    """A code becomes a token of the other workspace; channels and people do not mix; tokens rotate."""
    team = Team("T0NORD", "Nordwind", "nordwind")
    general = ws.add_team(team, Person("U0FREYA", team.id, "freya", "Freya Holm", is_admin=True))
    anyone = WebClient(base_url=ws.api_url)
    code = ws.oauth_code(team.id, "U0FREYA", rotates=True)
    keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    assert refused(anyone.oauth_v2_access, client_id=CLIENT_ID, client_secret="x", code=code) == "bad_client_secret"
    grant = anyone.oauth_v2_access(**keys, code=code)
    assert refused(anyone.oauth_v2_access, **keys, code=code) == "invalid_code"
    theirs = WebClient(grant["access_token"], base_url=ws.api_url)
    assert theirs.auth_test()["team_id"] == team.id
    assert [one["id"] for one in theirs.conversations_list()["channels"]] == [general.id]
    assert refused(theirs.chat_postMessage, channel="C0COSTS", text="x") == "channel_not_found"
    assert refused(theirs.users_info, user=MEMBER) == "user_not_found"
    renewed = anyone.oauth_v2_access(**keys, grant_type="refresh_token", refresh_token=grant["refresh_token"])
    assert refused(theirs.auth_test) == "invalid_auth"
    assert WebClient(renewed["access_token"], base_url=ws.api_url).auth_test()["user_id"] == grant["bot_user_id"]


def test_an_uninstalled_app_is_shut_out(client, ws):
    """After the app is taken out its token is dead."""
    ws.uninstall()
    assert refused(client.auth_test) == "account_inactive"


def test_unknown_methods_and_missing_arguments_are_refused(client):
    """A method that is none, and one without what it needs, are refused."""
    assert refused(client.api_call, "chat.shout") == "unknown_method"
    assert refused(client.api_call, "chat.postMessage", json={"text": "x"}) == "invalid_arguments"
    assert (
        refused(client.api_call, "chat.postMessage", json={"channel": "C0COSTS", "blocks": "{"}) == "invalid_arguments"
    )
