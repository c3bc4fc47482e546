"""``canvases.*``: documents in a channel's tab, in Markdown.

https://docs.slack.dev/reference/methods/canvases.create and …/canvases.edit: scope ``canvases:write``, at most
1,048,576 characters, ``replace`` without a section replaces all.
"""

from __future__ import annotations

from simulators.slack.api.call import Call, Refused, method
from simulators.slack.model import Json

MOST_MARKDOWN = 1_048_576


@method("canvases.create", scopes="canvases:write")
def create(call: Call) -> Json:
    """A new canvas, in a tab of a channel where one is named."""
    channel = call.channel("channel_id").id if call.text("channel_id") else ""
    canvas = call.store.new_id("F")
    content = _content(call.json("document_content"))
    call.store.canvases[canvas] = {"title": call.text("title"), "channel": channel, "markdown": content}
    call.store.changed()
    return {"canvas_id": canvas}


@method("canvases.edit", scopes="canvases:write", required="canvas_id changes")
def edit(call: Call) -> Json:
    """Change a canvas: only replacing the whole of it is simulated."""
    canvas = call.store.canvases.get(call.text("canvas_id"))
    if canvas is None:
        raise Refused("canvas_not_found")
    for change in call.objects("changes"):
        if change.get("operation") != "replace" or change.get("section_id"):
            raise Refused("canvas_editing_failed")
        canvas["markdown"] = _content(change.get("document_content"))
    call.store.changed()
    return {}


def _content(given: object) -> str:
    if given is None:
        return ""
    if not isinstance(given, dict) or given.get("type") != "markdown" or not isinstance(given.get("markdown"), str):
        raise Refused("invalid_arguments", "document_content must be markdown [json-pointer:/document_content]")
    text: str = given["markdown"]
    if len(text) > MOST_MARKDOWN:
        raise Refused("invalid_arguments", "markdown is too long [json-pointer:/document_content/markdown]")
    return text
