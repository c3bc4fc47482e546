"""The app's manifest: the keys Slack knows, the scopes used, and a listener for everything it promises."""

import re
from pathlib import Path

import pytest
import yaml
from slack_app import Bookkeeper
from slack_bolt import BoltRequest

from bot.slack.app import build, client
from simulators.slack import BOT_TOKEN, Workspace, model

MANIFEST = yaml.safe_load((Path(__file__).parents[2] / "manifest.yml").read_text())
KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings", "functions", "workflows"},
    "_metadata": {"major_version", "minor_version"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "bot_user", "slash_commands", "shortcuts", "unfurl_domains", "agent_view"},
    "features.app_home": {"home_tab_enabled", "messages_tab_enabled", "messages_tab_read_only_enabled"},
    "features.bot_user": {"display_name", "always_online"},
    "features.slash_commands": {"command", "description", "url", "usage_hint", "should_escape"},
    "features.shortcuts": {"name", "type", "callback_id", "description"},
    "oauth_config": {"redirect_urls", "scopes", "token_management_enabled", "pkce_enabled"},
    "oauth_config.scopes": {"bot", "user", "bot_optional", "user_optional"},
    "settings": {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
        "allowed_ip_address_ranges",
    },
    "settings.event_subscriptions": {"request_url", "bot_events", "user_events", "metadata_subscriptions"},
    "settings.interactivity": {"is_enabled", "request_url", "message_menu_options_url"},
}
SCOPES = {"app_mention": "app_mentions:read", "message.im": "im:history"}


def parts(value, at=""):
    """Every mapping of the manifest with its path."""
    if isinstance(value, dict):
        yield at, value
        for key, item in value.items():
            yield from parts(item, f"{at}.{key}".strip("."))
    if isinstance(value, list):
        for item in value:
            yield from parts(item, at)


@pytest.fixture(scope="module")
def app():
    """The app as it is built, in a workspace."""
    with Workspace() as ws:
        slack = build(client(BOT_TOKEN, ws.api_url), Bookkeeper(), memory=None)
        yield slack.app
        slack.close()


def test_every_key_is_one_that_slack_knows():
    """Slack rejects keys it does not know, so there are none."""
    for at, found in parts(MANIFEST):
        assert set(found) <= KEYS[at], at


def test_lengths_are_within_slacks():
    """Names, descriptions and hints are as long as Slack takes them."""
    shown, features = MANIFEST["display_information"], MANIFEST["features"]
    assert 1 <= len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{3,6}", shown["background_color"])
    assert re.fullmatch(r"[a-z0-9-_.]{1,80}", features["bot_user"]["display_name"])
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/\S{1,31}", command["command"])
        assert len(command["description"]) <= 2000
        assert len(command["usage_hint"]) <= 1000
    for shortcut in features["shortcuts"]:
        assert len(shortcut["name"]) <= 24
        assert len(shortcut["description"]) <= 150
        assert shortcut["type"] in {"message", "global"}


def test_events_have_the_scope_they_need():
    """Every event's scope is asked for."""
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    events = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert {SCOPES[event] for event in events if event in SCOPES} <= set(scopes)
    assert len(set(scopes)) == len(scopes)


def test_what_may_be_declined_is_asked_for_and_nothing_more_is_granted_in_tests():
    """Optional scopes stand among the others; the simulated workspace grants what the manifest lists, and no more."""
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) <= set(scopes["bot"])
    assert set(model.SCOPES.split()) == set(scopes["bot"])


def bodies():
    """A payload for each thing the manifest subscribes to."""
    common = {"team_id": "T0LUMEN", "api_app_id": "A0SPEND", "is_enterprise_install": False}
    for name in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        kind, _, place = name.partition(".")
        event = {"type": kind, "channel_type": place, "subtype": "message_changed", "tab": "messages", "bot_id": "B1"}
        yield name, {**common, "type": "event_callback", "event": event}
    for command in MANIFEST["features"]["slash_commands"]:
        body = {**common, "command": command["command"], "user_id": "U0JONAS", "channel_id": "C1", "text": "help"}
        yield command["command"], body
    for shortcut in MANIFEST["features"]["shortcuts"]:
        user = {"id": "U0JONAS", "team_id": "T0LUMEN"}
        body = {"type": "message_action", "callback_id": shortcut["callback_id"], "user": user, "message": {}}
        yield shortcut["callback_id"], {**common, **body, "team": {"id": "T0LUMEN"}}


@pytest.mark.parametrize(("name", "body"), list(bodies()))
def test_everything_promised_has_a_listener(app, name, body):
    """Nothing that the manifest promises is answered 404."""
    assert app.dispatch(BoltRequest(mode="socket_mode", body=body)).status == 200
