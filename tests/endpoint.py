"""A simulated vendor of models: as strict about a request as the real ones, and it replies what a test wants read."""

import json
import re
import time

from simulators.http_server import Simulator, json_reply

KEY = "sk-test-9d1f"
MODELS = {"claude-haiku-4-5": "anthropic", "gpt-5-mini": "openai"}


def refused(status, kind, message):
    return json_reply({"type": "error", "error": {"type": kind, "message": message}}, status)


def strict(schema, path="$"):
    """What the vendors' strict modes reject in a schema; "" if nothing."""
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            return f"{path}: additionalProperties must be false"
        if set(schema.get("required", ())) != set(schema["properties"]):
            return f"{path}: every property must be required"
    if {"minimum", "maximum", "minLength", "maxLength"} & set(schema):
        return f"{path}: unsupported constraint"
    parts = [*schema.get("properties", {}).items(), *((f"{n}", item) for n, item in enumerate(schema.get("anyOf", ())))]
    parts += [("items", schema["items"])] if "items" in schema else []
    return next(filter(None, (strict(item, f"{path}.{name}") for name, item in parts)), "")


class Models(Simulator):
    """Both vendors' endpoints. ``says`` is the text that the model writes; ``wait`` how long it thinks."""

    def __init__(self):
        super().__init__(lambda: None)
        self.says, self.wait, self.stop = "", 0.0, None

    def truth(self, _days):
        """Nothing is billed here."""
        return {}

    def answer(self, request):
        """As the vendor of the path would."""
        time.sleep(self.wait)
        body = request.json()
        if request.path == "/v1/messages":
            return self.anthropic(request, body)
        if request.path == "/responses":
            return self.openai(request, body)
        return refused(404, "not_found_error", request.path)

    def anthropic(self, request, body):
        """The Messages API."""
        if request.headers.get("x-api-key") != KEY:
            return refused(401, "authentication_error", "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            return refused(400, "invalid_request_error", "anthropic-version: header is required")
        form = body.get("output_config", {}).get("format", {})
        wrong = strict(form.get("schema", {})) or ("" if body.get("max_tokens") else "max_tokens: Field required")
        if wrong or MODELS.get(body.get("model")) != "anthropic" or form.get("type") != "json_schema":
            return refused(400, "invalid_request_error", wrong or "model or format")
        return json_reply(
            {
                "id": "msg_01",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "text", "text": self._reply_to(body["messages"][0]["content"])}],
                "stop_reason": self.stop or "end_turn",
                "usage": {"input_tokens": 900, "output_tokens": 120},
            }
        )

    def openai(self, request, body):
        """The Responses API."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return refused(401, "invalid_request_error", "Incorrect API key provided")
        form = body.get("text", {}).get("format", {})
        wrong = strict(form.get("schema", {})) or ("" if form.get("name") and form.get("strict") else "text.format")
        if wrong or MODELS.get(body.get("model")) != "openai" or form.get("type") != "json_schema":
            return refused(400, "invalid_request_error", wrong or "model or format")
        kinds = {"refusal": {"type": "refusal", "refusal": "I can't help with that."}}
        part = kinds.get(self.stop, {"type": "output_text", "text": self._reply_to(body["input"]), "annotations": []})
        return json_reply(
            {
                "id": "resp_01",
                "object": "response",
                "status": "incomplete" if self.stop == "max_tokens" else "completed",
                "output": [
                    {"type": "reasoning", "id": "rs_01", "summary": []},
                    {"type": "message", "role": "assistant", "content": [part]},
                ],
            }
        )

    def returns(self, *, unread=(), words=None, **question):
        """Lets the model return a question, every key of the schema filled in.

        Each word of the message is said to be of the first part that is filled, unless ``words`` says of which.
        """
        whole = {
            "kind": "cost", "metric": "BilledCost", "period": {"start": "2026-10-01", "end": "2026-11-01"},
            "against": None, "grain": None, "by": [], "where": [], "charges": "net", "top": None, "order": "cost",
            "threshold": None, "only": None, "share_of": None, "average": None, "cumulative": False, "per": None,
            "beside": None, "currency": None, "unit": None,
        }  # fmt: skip
        self.says, self._returned = None, ({**whole, **question}, list(unread), words)

    def _reply_to(self, message):
        """What the model says of a message."""
        if self.says is not None:
            return self.says
        question, unread, words = self._returned
        filled = next((name for name in ("where", "by", "top", "threshold") if question[name]), "cost")
        found = re.findall(r"\w+", json.loads(message)["message"])
        words = [{"word": word, "part": filled} for word in found] if words is None else words
        return json.dumps({"words": words, "unread": unread, "question": question})
