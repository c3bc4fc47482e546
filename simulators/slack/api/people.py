"""``users.*``, ``usergroups.*``, ``bots.info`` and ``team.info``: who is here."""

from __future__ import annotations

from simulators.slack.api.call import Call, Refused, method
from simulators.slack.api.shapes import user as user_json
from simulators.slack.model import APP_ID, Json, Person


@method("users.info", scopes="users:read", required="user")
def info(call: Call) -> Json:
    """One person."""
    person = call.person(call.text("user"))
    user = user_json(person, home=call.install.team, now=call.store.now())
    return {"user": {**user, **_of_enterprise(call, person)}}


def _of_enterprise(call: Call, person: Person) -> Json:
    """Of somebody in an Enterprise Grid what ``@slack/web-api``'s UsersInfoResponse calls ``enterprise_user``."""
    enterprise = call.store.teams[person.team].enterprise
    if not enterprise:
        return {}
    teams = [team.id for team in call.store.teams.values() if team.enterprise == enterprise and team.id == person.team]
    identity: Json = {"enterprise_user": {"id": person.id, "enterprise_id": enterprise, "teams": teams}}
    own = call.store.teams[call.install.team].enterprise == enterprise
    return identity | ({"is_stranger": False} if own else {})


@method("users.list", scopes="users:read")
def listing(call: Call) -> Json:
    """Everyone of the workspace; people from elsewhere are not listed."""
    everyone = [one for one in call.store.people.values() if one.team == call.install.team]
    page, metadata = call.paged([user_json(one, home=call.install.team, now=call.store.now()) for one in everyone])
    return {"members": page, **metadata}


@method("usergroups.list", scopes="usergroups:read")
def groups(call: Call) -> Json:
    """The user groups."""
    groups = []
    for one in call.store.usergroups:
        group = {"team_id": call.install.team, "is_usergroup": True, "date_delete": 0, **one}
        group["user_count"] = len(one["users"])
        groups.append(group if call.flag("include_users") else {k: v for k, v in group.items() if k != "users"})
    return {"usergroups": groups}


@method("usergroups.users.list", scopes="usergroups:read", required="usergroup")
def group_users(call: Call) -> Json:
    """Who is in a user group."""
    group = next((one for one in call.store.usergroups if one["id"] == call.text("usergroup")), None)
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group["users"])}


@method("bots.info", scopes="users:read")
def bot(call: Call) -> Json:
    """The app's own bot."""
    if call.text("bot") not in ("", call.install.bot_id):
        raise Refused("bot_not_found")
    person = call.store.people[call.install.bot_user]
    known = {"id": call.install.bot_id, "name": person.name, "user_id": person.id, "app_id": APP_ID}
    return {"bot": {**known, "deleted": False, "icons": {}}}


@method("team.info", scopes="team:read")
def team(call: Call) -> Json:
    """The workspace."""
    own = call.store.teams.get(call.text("team") or call.install.team)
    if own is None:
        raise Refused("team_not_found")
    return {"team": {"id": own.id, "name": own.name, "domain": own.domain, "icon": {}}}
