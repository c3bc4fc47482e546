"""``views.*``: modals on someone's stack, and their App Home."""

from __future__ import annotations

import time

from bot.blockkit.validate import check_view
from simulators.slack.api.call import Call, Refused, method, refuse_problems
from simulators.slack.api.shapes import view as view_json
from simulators.slack.forms import initial_state, kept_state
from simulators.slack.model import Json, View
from simulators.slack.store import Store, Trigger, name_parts

DEEPEST = 3


def payload(call: Call, surface: str) -> Json:
    """The view that a call brings, checked strictly."""
    view = call.json("view")
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", "must provide an object [json-pointer:/view]")
    refuse_surface(view, surface)
    return view


def refuse_surface(view: Json, surface: str) -> None:
    """Refuse a view that is wrong, or that belongs elsewhere."""
    problems = [one._replace(pointer=f"/view{one.pointer}") for one in check_view(view)]
    if any(one.message == "view_too_large" for one in problems):
        raise Refused("view_too_large")
    refuse_problems(problems, "invalid_arguments")
    if view["type"] != surface:
        raise Refused("invalid_arguments", f"must be a {surface} view [json-pointer:/view/type]")


def trigger(call: Call) -> Trigger:
    """The trigger that a call spends."""
    spent = call.store.triggers.get(call.text("trigger_id"))
    if spent is None:
        raise Refused("invalid_trigger_id")
    if spent.used:
        raise Refused("exchanged_trigger_id")
    if time.monotonic() > spent.until:
        raise Refused("expired_trigger_id")
    spent.used = True
    return spent


def make(store: Store, team: str, user: str, payload: Json) -> View:
    """A fresh view; its parts are named and its fields hold what they begin with."""
    name_parts(payload["blocks"], store.new_id)
    name = store.new_id("V")
    view = View(name, team, user, payload, store.new_id("h"), name)
    view.state = initial_state(payload)
    store.views[name] = view
    return view


def replace(store: Store, view: View, payload: Json) -> None:
    """Put another payload into a view; fields that stay keep what was typed into them."""
    name_parts(payload["blocks"], store.new_id)
    view.state = kept_state(view, payload)
    view.payload, view.hash, view.errors = payload, store.new_id("h"), {}
    store.changed()


def push_onto(store: Store, user: str, team: str, payload: Json) -> View:
    """Put a view on top of someone's stack."""
    stack = store.stacks.setdefault(user, [])
    view = make(store, team, user, payload)
    if stack:
        view.root, view.previous = store.views[stack[0]].root, stack[-1]
    stack.append(view.id)
    store.changed()
    return view


def refuse_duplicate(call: Call, view: Json) -> None:
    """An external_id is given once."""
    given = view.get("external_id")
    open_views = (call.store.views[one] for stack in call.store.stacks.values() for one in stack)
    if given and any(one.payload.get("external_id") == given for one in open_views):
        raise Refused("duplicate_external_id")


@method("views.open", required="trigger_id view")
def opened(call: Call) -> Json:
    """Open a modal; another one that is open goes away."""
    view = payload(call, "modal")
    refuse_duplicate(call, view)
    user = trigger(call).user
    call.store.stacks[user] = []
    return {"view": view_json(push_onto(call.store, user, call.install.team, view))}


@method("views.push", required="trigger_id view")
def push(call: Call) -> Json:
    """Put a modal on top of the one in which someone has just clicked."""
    view = payload(call, "modal")
    refuse_duplicate(call, view)
    spent = trigger(call)
    stack = call.store.stacks.get(spent.user, [])
    if not stack or spent.view not in stack:
        raise Refused("not_found")
    if len(stack) >= DEEPEST:
        raise Refused("push_limit_reached")
    return {"view": view_json(push_onto(call.store, spent.user, call.install.team, view))}


@method("views.update", required="view")
def update(call: Call) -> Json:
    """Change a view that is open."""
    if not call.text("view_id") and not call.text("external_id"):
        raise Refused("invalid_arguments", "missing required field: view_id")
    existing = _find(call)
    view = payload(call, existing.payload["type"])
    if call.text("hash") not in ("", existing.hash):
        raise Refused("hash_conflict")
    replace(call.store, existing, view)
    return {"view": view_json(existing)}


def _find(call: Call) -> View:
    name, external = call.text("view_id"), call.text("external_id")
    open_views = {one for stack in call.store.stacks.values() for one in stack} | set(call.store.homes.values())
    for view in (call.store.views[one] for one in open_views):
        if view.team == call.install.team and (
            view.id == name or (external and view.payload.get("external_id") == external)
        ):
            return view
    raise Refused("not_found")


@method("views.publish", required="user_id view")
def publish(call: Call) -> Json:
    """Set someone's App Home."""
    person = call.person(call.text("user_id"))
    view = payload(call, "home")
    held = call.store.homes.get(person.id)
    if held is None:
        made = make(call.store, call.install.team, person.id, view)
        call.store.homes[person.id] = made.id
        call.store.changed()
        return {"view": view_json(made)}
    existing = call.store.views[held]
    if call.text("hash") not in ("", existing.hash):
        raise Refused("hash_conflict")
    replace(call.store, existing, view)
    return {"view": view_json(existing)}
