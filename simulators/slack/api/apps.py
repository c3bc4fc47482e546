"""``auth.*``, ``apps.connections.open``, ``oauth.v2.access``: which app this is, and how it gets in."""

from __future__ import annotations

from bot.blockkit.validate import check_blocks, check_message, check_view
from simulators.slack.api.call import Call, Refused, method
from simulators.slack.model import APP_ID, CLIENT_ID, CLIENT_SECRET, Install, Json, Person
from simulators.slack.store import Store

LIFE = 43_200


@method("auth.test")
def test(call: Call) -> Json:
    """Whose token this is."""
    team = call.store.teams[call.install.team]
    person = call.store.people[call.install.bot_user]
    known = {"team": team.name, "team_id": team.id, "user": person.name, "user_id": person.id}
    # "When working against a team within an Enterprise organization, you'll also find their enterprise_id here."
    known |= {"enterprise_id": team.enterprise} if team.enterprise else {}
    return {**known, "url": f"{call.base_url}/", "bot_id": call.install.bot_id, "is_enterprise_install": False}


@method("auth.revoke")
def revoke(call: Call) -> Json:
    """Give the token up."""
    call.install.active = False
    return {"revoked": True}


@method("apps.connections.open")
def connect(call: Call) -> Json:
    """A place to open a socket at, once."""
    ticket = call.store.new_id("ticket")
    call.store.tickets.add(ticket)
    return {"url": f"{call.base_url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP_ID}"}


@method("api.test")
def echo(call: Call) -> Json:
    """What was sent."""
    return {"args": dict(call.args)}


@method("blocks.validate")
def validate(call: Call) -> Json:
    """What is wrong with blocks, a message or a view."""
    blocks, message, view = call.json("blocks"), call.json("message"), call.json("view")
    if sum(one is not None for one in (blocks, message, view)) != 1:
        raise Refused("invalid_arguments")
    if isinstance(view, dict):
        problems = check_view(view)
    elif isinstance(message, dict):
        problems = check_message(message)
    else:
        problems = check_blocks(blocks)
    if problems:
        errors = [{"pointer": one.pointer, "code": "failed_constraint", "message": one.message} for one in problems]
        raise Refused("invalid_blocks", errors=errors)
    return {}


@method("oauth.v2.access")
def access(call: Call) -> Json:
    """Exchange a code, or a refresh token, for a bot token of the workspace that gave it."""
    if (call.text("client_id"), call.text("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
        raise Refused("bad_client_secret" if call.text("client_id") == CLIENT_ID else "invalid_client_id")
    key = call.text("refresh_token") if call.text("grant_type") == "refresh_token" else call.text("code")
    grant = call.store.codes.pop(key, None)
    if grant is None:
        raise Refused("invalid_refresh_token" if call.text("grant_type") == "refresh_token" else "invalid_code")
    return issue(call.store, grant)


def issue(store: Store, grant: Json) -> Json:
    """Install the app for a grant: a token, and where tokens rotate, when it ends and what renews it."""
    install = install_app(store, grant["team"], frozenset(grant["scopes"]))
    rotates = bool(grant["rotates"])
    token = f"{'xoxe.' if rotates else ''}xoxb-{store.new_id('t')}"
    for old in [key for key, one in store.installs.items() if one.team == grant["team"] and rotates]:
        del store.installs[old]
    store.installs[token] = install
    team = store.teams[grant["team"]]
    answer: Json = {
        "app_id": APP_ID,
        "authed_user": {"id": grant["user"]},
        "scope": ",".join(sorted(install.scopes)),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": install.bot_user,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    if rotates:
        renewal = f"xoxe-1-{store.new_id('r')}"
        store.codes[renewal] = grant
        answer |= {"refresh_token": renewal, "expires_in": LIFE}
    return answer


def install_app(store: Store, team: str, scopes: frozenset[str]) -> Install:
    """The app's bot in a team, made when it is the first time."""
    held = next((one for one in store.installs.values() if one.team == team), None)
    if held is not None:
        held.active = True
        return held
    user = Person(store.new_id("UBOT"), team, "spend", "Spend", is_bot=True, role="App")
    store.people[user.id] = user
    return Install(team, user.id, store.new_id("B"), scopes)
