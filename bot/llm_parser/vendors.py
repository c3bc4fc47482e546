"""The two vendors whose models can be asked: Anthropic's Messages API and OpenAI's Responses API.

Both are held to a JSON schema by the vendor. Whatever goes wrong (no reply in time, a refusal, a reply cut off, no
JSON) is ``Unanswered``: whoever asked goes on as if there were no model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr

from bot.domain.errors import Misconfigured

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Mapping

ANTHROPIC: Final = "https://api.anthropic.com"
OPENAI: Final = "https://api.openai.com/v1"
_MOST_TOKENS: Final = 2_048
_OK: Final = 200


class Unanswered(Exception):
    """The model gave nothing to work with; says why, without what was sent or the key."""


@dataclass(frozen=True)
class Model:
    """A model, where it is reached, and how long it may take."""

    name: str
    vendor: str
    key: SecretStr
    url: str
    timeout: float = 10.0

    def reply(self, instructions: str, message: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The model's reply to one message, parsed.

        Raises:
            Unanswered: there is none.
        """
        if self.vendor == "anthropic":
            return _anthropic(self, instructions, message, schema)
        return _openai(self, instructions, message, schema)


def model(name: str, *, anthropic: SecretStr | None, openai: SecretStr | None, url: str, timeout: float) -> Model:
    """The model of ``LANGUAGE_MODEL``: "claude-…" is Anthropic's, anything else OpenAI's; "openai/…" says so.

    Raises:
        Misconfigured: its vendor's key is not set.
    """
    vendor, _, bare = name.rpartition("/")
    vendor = vendor or ("anthropic" if name.startswith("claude") else "openai")
    keys = {"anthropic": anthropic, "openai": openai}
    if vendor not in keys:
        raise Misconfigured(
            f"LANGUAGE_MODEL names {vendor!r}, which is not a supported model provider.",
            "Use the model's name alone, or anthropic/… or openai/….",
        )
    key = keys[vendor]
    if key is None:
        raise Misconfigured(
            f"LANGUAGE_MODEL names {bare}, but {vendor.upper()}_API_KEY is not set.",
            f"Set {vendor.upper()}_API_KEY, or leave LANGUAGE_MODEL empty: the bot works without a model.",
        )
    return Model(bare, vendor, key, (url or {"anthropic": ANTHROPIC, "openai": OPENAI}[vendor]).rstrip("/"), timeout)


def _anthropic(model: Model, instructions: str, message: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reply = _post(
        model,
        "/v1/messages",
        {"x-api-key": model.key.get_secret_value(), "anthropic-version": "2023-06-01"},
        {
            "model": model.name,
            "max_tokens": _MOST_TOKENS,
            "system": instructions,
            "messages": [{"role": "user", "content": message}],
            "output_config": {"format": {"type": "json_schema", "schema": schema}},
        },
    )
    if reply.get("stop_reason") != "end_turn":
        raise Unanswered(f"stopped by {reply.get('stop_reason')}")
    return _parsed(part.get("text") for part in reply.get("content", []) if part.get("type") == "text")


def _openai(model: Model, instructions: str, message: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reply = _post(
        model,
        "/responses",
        {"Authorization": f"Bearer {model.key.get_secret_value()}"},
        {
            "model": model.name,
            "instructions": instructions,
            "input": message,
            "max_output_tokens": _MOST_TOKENS,
            "store": False,
            "text": {"format": {"type": "json_schema", "name": "question", "strict": True, "schema": schema}},
        },
    )
    if reply.get("status") != "completed":
        raise Unanswered(f"status {reply.get('status')}")
    parts = [part for item in reply.get("output", []) for part in item.get("content") or []]
    return _parsed(part.get("text") for part in parts if part.get("type") == "output_text")


def _post(model: Model, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> Mapping[str, Any]:
    import httpx  # only where a model is asked

    try:
        reply = httpx.post(
            f"{model.url}{path}", headers=dict(headers), json=body, timeout=model.timeout, verify=_trust()
        )
        content = reply.json() if reply.status_code == _OK else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Unanswered(type(error).__name__) from None
    if not isinstance(content, dict):
        raise Unanswered(f"HTTP {reply.status_code}")
    return content


@cache
def _trust() -> ssl.SSLContext:
    """The certificates trusted; reading them takes longer than a request to a gateway nearby."""
    import httpx

    return httpx.create_ssl_context()


def _parsed(texts: Iterable[str | None]) -> Mapping[str, Any]:
    try:
        found = json.loads("".join(text or "" for text in texts))
    except (TypeError, ValueError):
        raise Unanswered("no JSON") from None
    if not isinstance(found, dict):
        raise Unanswered("no JSON object")
    return found
