"""Installs into many workspaces, through the real OAuth flow against the simulated workspace."""

import json
import time
import urllib.parse
from http.cookies import SimpleCookie

import httpx
import pytest
from cryptography.fernet import Fernet
from slack_app import NOW, Bookkeeper, over_http
from slack_bolt import BoltRequest
from slack_sdk.oauth.installation_store import Installation
from test_manifest import MANIFEST

from bot.domain.errors import Misconfigured
from bot.domain.scope import Scope
from bot.slack.app import build, client
from bot.slack.context import SlackSettings
from bot.slack.installation import SCOPES, Installations, Seal, States, forget_states, oauth
from simulators.slack import BOT_TOKEN, CLIENT_ID, CLIENT_SECRET, MEMBER, SIGNING_SECRET, Workspace

KEY = Fernet.generate_key().decode()


SECRET = "xoxb-secret-token"


def installation(team="T1", token=SECRET, user="U1"):
    """An installation."""
    return Installation(team_id=team, user_id=user, bot_token=token, bot_id="B1", bot_user_id="UB", installed_at=1.0)


def test_tokens_are_unreadable_in_the_ledger(memory, tmp_path):
    """What lies on the disk holds no token in the clear; with the key it is found again."""
    store = Installations(memory, Seal(KEY))
    store.save(installation())
    assert store.find_bot(enterprise_id=None, team_id="T1").bot_token == "xoxb-secret-token"
    assert store.find_installation(enterprise_id=None, team_id="T1", user_id="U1").bot_id == "B1"
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"xoxb-secret-token" not in on_disk
    assert "xoxb" not in json.dumps([memory.all("bot"), memory.all("installation")])


def test_keys_can_be_changed_and_a_foreign_one_opens_nothing(memory):
    """A new first key still opens what the old one sealed; another key finds nothing and fails nothing."""
    Installations(memory, Seal(KEY)).save(installation())
    newer = Fernet.generate_key().decode()
    assert Installations(memory, Seal(f"{newer},{KEY}")).find_bot(enterprise_id=None, team_id="T1")
    assert Installations(memory, Seal(newer)).find_bot(enterprise_id=None, team_id="T1") is None


@pytest.mark.parametrize("key", ["", "no key"])
def test_no_key_is_said_without_showing_it(key):
    """A missing or malformed key is a sentence on how to make one."""
    with pytest.raises(Misconfigured) as error:
        Seal(key)
    assert "generate_key" in error.value.hint
    assert "no key" not in error.value.hint


def test_workspaces_do_not_see_each_others_installations(memory):
    """An installation is found by its own workspace alone, and erased with it alone."""
    store = Installations(memory, Seal(KEY))
    store.save(installation("T1", "xoxb-1"))
    store.save(installation("T2", "xoxb-2"))
    assert store.find_bot(enterprise_id=None, team_id="T2").bot_token == "xoxb-2"
    store.delete_all(enterprise_id=None, team_id="T1")
    assert store.find_bot(enterprise_id=None, team_id="T1") is None
    assert store.find_installation(enterprise_id=None, team_id="T1", user_id="U1") is None
    assert store.find_bot(enterprise_id=None, team_id="T2")


def test_state_is_good_once_and_for_ten_minutes(memory):
    """A state that was used, is old, was sealed elsewhere or never issued is refused."""
    now = [1000.0]
    states = States(memory, Seal(KEY), lambda: now[0])
    first, second = states.issue(), states.issue()
    assert states.consume(first)
    assert not states.consume(first)
    now[0] += 601
    assert not states.consume(second)
    foreign = States(memory, Seal(Fernet.generate_key().decode()), lambda: now[0])
    for state in (foreign.issue(), "invented", "", "ÿ", "A" * 5_000, "null"):
        assert not states.consume(state)


def test_installs_that_nobody_finishes_leave_nothing(memory):
    """Begun two hundred times: not a row; finished ones are forgotten after ten minutes."""
    now = [1000.0]
    states = States(memory, Seal(KEY), lambda: now[0])
    begun = [states.issue() for _ in range(200)]
    assert memory.all("state") == {}
    assert states.consume(begun[0])
    assert len(memory.all("state")) == 1
    forget_states(memory, now[0] + 601)
    assert memory.all("state") == {}


def _get(url, headers=None):
    """Status, headers and page; where it leads is looked at, not followed."""
    answer = httpx.get(url, headers=headers)
    return answer.status_code, answer.headers, answer.text


@pytest.fixture
def rotates():
    """Whether tokens end after twelve hours."""
    return False


@pytest.fixture
def installed(memory, rotates):
    """The app, installed into the home workspace through the browser's way."""
    with Workspace(now=NOW.timestamp) as ws:
        ws.store.installs.clear()
        given = SlackSettings(now=lambda: NOW, workspaces={"T0LUMEN": Scope(sources=("aws",))})
        slack = build(
            client(None, ws.api_url),
            Bookkeeper(),
            memory,
            settings=given,
            signing_secret=SIGNING_SECRET,
            oauth=oauth(CLIENT_ID, CLIENT_SECRET, memory, KEY),
        )
        with over_http(slack, ws):
            base = ws.line.request_url.removesuffix("/slack/events")
            _, headers, page = _get(f"{base}/slack/install")
            cookie = SimpleCookie(headers["Set-Cookie"])
            state = next(iter(cookie.values())).value
            assert state in page
            code = ws.oauth_code("T0LUMEN", MEMBER, rotates=rotates)
            query = urllib.parse.urlencode({"code": code, "state": state})
            cookies = {"Cookie": "; ".join(f"{name}={item.value}" for name, item in cookie.items())}
            assert _get(f"{base}/slack/oauth_redirect?{query}", cookies)[0] == 200
            assert _get(f"{base}/slack/oauth_redirect?{query}", cookies)[0] == 401  # the state is used up
            yield ws, slack
        slack.close()


def test_installed_workspace_is_answered_within_what_it_was_given(installed):
    """After the install a slash command is answered with the workspace's own token and sources only."""
    ws, _ = installed
    ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    shown = ws.wait_for(lambda: ws.from_bot("#cloud-costs", None, MEMBER))[-1]
    assert "Amazon S3" in shown["text"]
    assert "OpenAI" not in json.dumps(shown["blocks"])


@pytest.mark.parametrize("rotates", [True])
def test_tokens_that_end_are_renewed_and_kept(installed, memory):
    """A token about to end is renewed before it is used, and the new one is kept, sealed."""
    ws, slack = installed
    store = slack.app.installation_store
    old = store.find_bot(enterprise_id=None, team_id="T0LUMEN")
    assert old.bot_refresh_token
    old.bot_token_expires_at = int(time.time()) + 60
    store.save_bot(old)
    ws.slash(MEMBER, "#cloud-costs", "/spend", "by service")
    ws.wait_for(lambda: ws.from_bot("#cloud-costs", None, MEMBER))
    new = store.find_bot(enterprise_id=None, team_id="T0LUMEN")
    assert new.bot_token != old.bot_token
    assert new.bot_token not in json.dumps(memory.all("bot"))


def test_uninstalling_erases_everything_of_the_workspace(installed, memory):
    """Taken out of a workspace, the app forgets its token, threads, settings, rules, reports and log."""
    ws, slack = installed
    text = ws.mention(MEMBER, "#cloud-costs", "this month")
    ws.wait_for(lambda: ws.from_bot("#cloud-costs", text.ts))
    memory.put("access", "T0LUMEN", {"rules": []})
    memory.put("preferences", "T0OTHER:U1", {"timezone": "UTC"})
    left = []
    slack.context.on_uninstall.append(left.append)
    body = {"team_id": "T0LUMEN", "type": "event_callback", "event": {"type": "app_uninstalled"}}
    slack.app.dispatch(BoltRequest(mode="socket_mode", body=body))
    ws.wait_for(lambda: left)
    for kind in ("installation", "bot", "thread", "access", "audit", "report"):
        assert memory.all(kind) == {}, kind
    assert memory.get("preferences", "T0OTHER:U1")


def test_revoked_bot_token_erases_too(run):
    """A revoked bot token ends the workspace's data; a person's own token does not."""
    team = run.slack.context.memory
    team.put("access", "T0LUMEN", {"rules": []})
    run.ws.event({"type": "tokens_revoked", "tokens": {"oauth": [MEMBER]}})
    run.ws.event({"type": "tokens_revoked", "tokens": {"bot": ["U0SPEND"]}})
    run.ws.wait_for(lambda: team.get("access", "T0LUMEN") is None)


def test_workspace_that_was_given_nothing_is_told_so(memory):
    """With installs into many workspaces, one without sources sees no number."""
    with Workspace(now=NOW.timestamp) as ws:
        given = oauth(CLIENT_ID, CLIENT_SECRET, memory, KEY)
        given.installation_store.save(
            Installation(
                team_id="T0LUMEN", user_id=MEMBER, bot_token=BOT_TOKEN, bot_id="B0SPEND", bot_user_id="U0SPEND"
            )
        )
        slack = build(client(None, ws.api_url), Bookkeeper(), memory, signing_secret=SIGNING_SECRET, oauth=given)
        with over_http(slack, ws):
            ws.slash(MEMBER, "#cloud-costs", "/spend", "this month")
            shown = ws.wait_for(lambda: ws.from_bot("#cloud-costs", None, MEMBER))[-1]
            assert "no cost sources" in shown["text"]
        slack.close()


def test_scopes_are_the_manifests():
    """Installs ask for exactly the scopes that the manifest lists."""
    assert sorted(SCOPES) == sorted(MANIFEST["oauth_config"]["scopes"]["bot"])
