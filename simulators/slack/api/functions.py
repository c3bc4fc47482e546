"""``functions.*``: how a step of a workflow ends.

https://docs.slack.dev/reference/methods/functions.completeSuccess and …/functions.completeError
"""

from __future__ import annotations

from simulators.slack.api.call import Call, Refused, method
from simulators.slack.model import Json


@method("functions.completeSuccess", required="function_execution_id outputs")
def complete(call: Call) -> Json:
    """The step is done; its outputs go to the steps that follow."""
    outputs = call.json("outputs")
    if not isinstance(outputs, dict):
        raise Refused("invalid_arguments", "outputs must be an object [json-pointer:/outputs]")
    _end(call, {"state": "completed", "outputs": outputs})
    return {}


@method("functions.completeError", required="function_execution_id error")
def fail(call: Call) -> Json:
    """The step failed; whoever runs the workflow sees why."""
    _end(call, {"state": "failed", "error": call.text("error")})
    return {}


def _end(call: Call, ending: Json) -> None:
    """An execution ends once, and the token that came with it is good no longer."""
    execution = call.store.executions.get(call.text("function_execution_id"))
    if execution is None or execution["state"] != "running":
        raise Refused("function_execution_not_found")
    call.store.installs.pop(execution["token"], None)
    execution.update(ending)
    call.store.changed()
