"""Whether Slack signed a request: judged on the raw body, before anything else is done with it.

Slack's scheme, version 0: an HMAC-SHA256 over ``v0:{timestamp}:{body}``, good for five minutes.
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import re

MOST_SECONDS = 300
"""How old, or how far ahead, a signed request may be."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


def refusal(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> str:
    """Why the request is not Slack's, in a few words for the log; ``""`` where Slack signed it.

    Takes the same time for any signature of the right form. ``now`` is in seconds since 1970.
    """
    if not timestamp or not signature:
        return "not signed"
    if not secret or not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        return "malformed signature"
    if abs(now - int(timestamp)) > MOST_SECONDS:
        return "signature expired"
    signed = hmac.new(secret.encode(), b":".join((b"v0", timestamp.encode(), body)), hashlib.sha256)
    return "" if hmac.compare_digest(f"v0={signed.hexdigest()}", signature) else "wrong signature"
