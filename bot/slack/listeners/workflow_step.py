"""The workflow step "Answer a cost question": a question and a channel in, the answer's text, total and currency out.

A workflow has no asker whom Slack vouches for, and its author chooses every input. So the step sees what a full member
sees whom no rule names, narrowed by the channel's own rule: never more than ``/spend`` would show its author there,
unless a rule takes from that author what it leaves to everyone else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt import App, Complete, Fail
from slack_sdk import WebClient

from bot.blockkit.build import cut
from bot.domain.errors import CostError
from bot.render.answer_json import answer_json
from bot.render.text import printed
from bot.slack.context import WORKSPACE, AppContext, Body
from bot.slack.deduplication import is_first_delivery

STEP = "answer_question"
"""The step's name in the manifest: ``functions.answer_question``."""
_TEXT, _ERROR = 3000, 300
"""Characters of the text that later steps get, and of a failure's reason."""


def listen(app: App, context: AppContext) -> None:
    """Registers the step; without the function in the manifest Slack never runs it."""

    @app.function(STEP)
    def answer_step(body: Body, inputs: Mapping[str, Any], client: WebClient, complete: Complete, fail: Fail) -> None:
        if not is_first_delivery(context, body):
            return
        try:
            outputs = _outputs(context, body, inputs, client)
        except CostError as error:
            fail(cut(str(error), _ERROR))
        except Exception:
            fail("Something went wrong. Whoever runs the bot finds it in the log.")
            raise
        else:
            complete(outputs)


def _outputs(context: AppContext, body: Body, inputs: Mapping[str, Any], client: WebClient) -> dict[str, str]:
    """What later steps get; ``total`` and ``currency`` are empty where the answer has not exactly one total.

    Raises:
        CostError: with what to do about it.
    """
    team, channel = str(body.get(WORKSPACE) or ""), str(inputs.get("channel") or "")
    question = str(inputs.get("question") or "").strip()
    shared = context.people.shared_outside(client, team, channel)
    scope = context.access.unnamed_scope(team, channel, shared=shared)
    context.audit.note(team, "workflow", "asked", channel=channel, entry_point="workflow", question=cut(question, 500))
    reply = context.answer_service.ask(question, scope=scope)
    totals = answer_json(reply.answer)["totals"]
    (total,) = totals if len(totals) == 1 else ({},)
    return {
        "text": cut(printed(reply), _TEXT),
        "total": str(total.get("amount") or ""),
        "currency": str(total.get("currency") or ""),
    }
