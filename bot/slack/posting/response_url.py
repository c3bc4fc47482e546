"""Answers to a ``response_url``: posted to Slack's own hosts alone, and never led on to another address."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

_SLACK = re.compile(r"https://(?:[a-z0-9-]+\.)*slack(?:-gov)?\.com/[A-Za-z0-9/_.%=&?-]*", re.ASCII)
_PATH = re.compile(r"/[A-Za-z0-9/_.%=&?-]*", re.ASCII)
_TIMEOUT = 10
_MAX_BYTES = 65_536
"""How much of a reply is read."""


class Unreachable(Exception):
    """The URL could not be posted to; it may have been nevertheless."""


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: str


def is_slack(url: str, api_url: str) -> bool:
    """Whether a URL leads to Slack over TLS, or to where ``SLACK_API_URL`` has Slack's Web API stand.

    Written strictly, so that no other reader of the same text sees another host: no user, no port, no letters that
    only some take for a delimiter.
    """
    if _SLACK.fullmatch(url):
        return True
    own = urlsplit(api_url)
    origin = f"{own.scheme}://{own.netloc}"
    return url.startswith(origin) and bool(_PATH.fullmatch(url[len(origin) :]))


def post(url: str, message: Mapping[str, Any]) -> Response:
    """Posts a message as JSON, following no redirect.

    Raises:
        Unreachable: the line failed; the message may have arrived.
    """
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = Request(url, json.dumps(dict(message)).encode(), headers)  # noqa: S310 - ``is_slack`` has looked at it
    try:
        with _OPENER.open(request, timeout=_TIMEOUT) as reply:
            return _response(reply.status, reply)
    except HTTPError as refusal:
        with refusal:
            return _response(refusal.code, refusal)
    except (OSError, HTTPException) as error:
        raise Unreachable(type(error).__name__) from error


def _response(status: int, reply: HTTPResponse | HTTPError) -> Response:
    return Response(status, dict(reply.headers.items()), reply.read(_MAX_BYTES).decode(errors="replace"))


class _Stay(HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Goes nowhere."""


_OPENER = build_opener(_Stay)
