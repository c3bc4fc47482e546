"""A service account's key that the simulated Google knows, and the tokens it gets for it."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from simulators.http_server import Reply, Request, json_reply

BOT = "spend-bot@lumen-billing.iam.example"
TOKEN = "ya29.simulated-access-token"


@lru_cache(maxsize=8)
def key_file(token_uri: str, email: str = BOT) -> dict[str, Any]:
    """A key as Google lets one download it; the simulator at ``token_uri`` knows ``BOT`` and no other."""
    return {
        "type": "service_account",
        "project_id": "lumen-billing",
        "private_key_id": "0011223344556677",
        "private_key": _private_key(),
        "client_email": email,
        "client_id": "1",
        "token_uri": token_uri,
    }


def token(request: Request) -> Reply:
    """An access token for a signed assertion of the account known, as OAuth's token endpoint answers."""
    assertion = parse_qs(request.body.decode()).get("assertion", [""])[0]
    if _claims(assertion).get("iss") != BOT:
        return json_reply({"error": "invalid_grant", "error_description": "Invalid grant: account not found"}, 400)
    return json_reply({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})


def admits(request: Request) -> bool:
    """Whether a request may pass: without credentials, as to any emulator, or with a good token."""
    return request.headers.get("authorization", f"Bearer {TOKEN}") == f"Bearer {TOKEN}"


def _claims(assertion: str) -> dict[str, Any]:
    try:
        payload = assertion.split(".")[1]
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return found


@lru_cache(maxsize=1)
def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
