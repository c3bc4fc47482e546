"""Tokens for MCP over HTTP: each maps to a name and a scope, is shown once, and is kept only as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from bot.coordination.store import ValueStore
from bot.domain.errors import NotUnderstood
from bot.domain.scope import EVERYTHING, Scope

KIND = "token"
PREFIX = "spend_"
_BYTES = 32


class BearerToken(BaseModel):
    """A token as it is kept: never the secret itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    digest: str
    created: datetime
    scope: Scope = EVERYTHING
    user: str = ""
    """The Slack member whose access it has, as ``TEAM:USER``; ``""`` takes the scope alone."""


class TokenStore:
    """The tokens of one ledger."""

    def __init__(self, store: ValueStore, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    def create(self, name: str, *, scope: Scope = EVERYTHING, user: str = "") -> str:
        """A new token's secret, which is shown this once.

        Raises:
            NotUnderstood: the name is taken.
        """
        if self._find(name):
            raise NotUnderstood(f"There is a token {name!r} already.", "Revoke it first, or use another name.")
        secret = PREFIX + secrets.token_urlsafe(_BYTES)
        token = BearerToken(name=name, digest=_digest(secret), created=self._now(), scope=scope, user=user)
        self._store.put(KIND, token.digest, token.model_dump(mode="json"))
        return secret

    def all(self) -> list[BearerToken]:
        """Every token, oldest first."""
        return sorted(map(BearerToken.model_validate, self._store.all(KIND).values()), key=lambda token: token.created)

    def revoke(self, name: str) -> None:
        """Ends a token.

        Raises:
            NotUnderstood: there is none of that name.
        """
        token = self._find(name)
        if token is None:
            known = ", ".join(token.name for token in self.all()) or "none"
            raise NotUnderstood(f"There is no token {name!r}.", f"Available: {known}.", unknown=(name,))
        self._store.forget(KIND, token.digest)

    def verify(self, secret: str) -> BearerToken | None:
        """The token with this secret, or None."""
        if not secret.startswith(PREFIX):
            return None
        digest = _digest(secret)
        kept = self._store.get(KIND, digest)
        if kept is None:
            return None
        token = BearerToken.model_validate(kept)
        return token if hmac.compare_digest(token.digest, digest) else None

    def _find(self, name: str) -> BearerToken | None:
        return next((token for token in self.all() if token.name == name), None)


def _digest(secret: str) -> str:
    """SHA-256 is enough: the secret has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
