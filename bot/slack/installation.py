"""Installs into many workspaces: tokens encrypted at rest, state used once, everything erased at the end.

Installations lie in the memory under the workspace they belong to. A token is only ever in the clear in this
process; with another ``SPEND_ENCRYPTION_KEY`` what was kept cannot be read and the app is installed anew.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_bolt import App
from slack_bolt.authorization.authorize import InstallationStoreAuthorize
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Bot, Installation, InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore
from slack_sdk.oauth.token_rotation import TokenRotator

from bot.coordination.store import Stored, ValueStore
from bot.domain.errors import Misconfigured
from bot.slack import workspace_memory
from bot.slack.context import AppContext, Body

log = logging.getLogger(__name__)

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "usergroups:read",
    "users:read",
)
"""What the app asks for; the manifest lists the same, with reasons."""
_STATE_SECONDS = 600
_MAX_STATE = 1_000
LEAVING = frozenset({"app_uninstalled", "tokens_revoked"})
"""The events of a workspace that takes the app out."""
_RENEWED_BEFORE = 120
"""Minutes before its end in which a token is renewed."""
_OF_A_TEAM = ("thread", "preferences")
_BY_TEAM = ("audit", "report")


class Seal:
    """Encrypts what must stay secret; of several keys (separated by commas) the first seals, all open."""

    def __init__(self, keys: str) -> None:
        """Raises: Misconfigured, without the key in it, where a key is none."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])
        except ValueError as error:
            message = "SPEND_ENCRYPTION_KEY is missing or is not a valid key."
            remedy = (
                "Create one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
            )
            raise Misconfigured(message, remedy) from error

    def seal(self, value: Mapping[str, Any]) -> dict[str, str]:
        """The value, encrypted."""
        return {"sealed": self._fernet.encrypt(json.dumps(value, default=str).encode()).decode()}

    def open(self, stored: Stored | None) -> Stored | None:
        """The value; None where there is none, or it was sealed with another key."""
        if stored is None:
            return None
        value = self.unsealed(str(stored.get("sealed", "")))
        if value is None:
            log.warning("an installation was sealed with another key: install the app again")
        return value

    def unsealed(self, text: str) -> Stored | None:
        """What was sealed to this text; None where it was not sealed with one of these keys."""
        try:
            value: Stored = json.loads(self._fernet.decrypt(text.encode()))
        except InvalidToken:
            return None
        return value


class Installations(InstallationStore):
    """Slack's installations, stored encrypted."""

    def __init__(self, memory: ValueStore, seal: Seal) -> None:
        self._memory, self._seal = memory, seal

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK logs."""
        return log

    def save(self, installation: Installation) -> None:
        """Stores an installation, as the newest of its workspace and of who made it."""
        workspace = _workspace_key(
            installation.enterprise_id, installation.team_id, whole=installation.is_enterprise_install
        )
        sealed = self._seal.seal(installation.to_dict())
        self._memory.put("installation", workspace, sealed)
        self._memory.put("installation", f"{workspace}:{installation.user_id}", sealed)
        self.save_bot(installation.to_bot())

    def save_bot(self, bot: Bot) -> None:
        """Stores the bot's part, also when its token was renewed."""
        workspace = _workspace_key(bot.enterprise_id, bot.team_id, whole=bot.is_enterprise_install)
        self._memory.put("bot", workspace, self._seal.seal(bot.to_dict()))

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot of a workspace."""
        workspace = _workspace_key(enterprise_id, team_id, whole=is_enterprise_install)
        value = self._seal.open(self._memory.get("bot", workspace))
        return Bot(**value) if value else None

    def find_bot_of(self, team: str) -> Bot | None:
        """The bot of a workspace, whatever Enterprise Grid it belongs to."""
        stored = self._memory.all("bot")
        sealed = (stored[key] for key in stored if key.endswith(f"/{team}"))
        return next((Bot(**value) for value in map(self._seal.open, sealed) if value), None)

    def find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The newest installation of a workspace, or somebody's there."""
        workspace = _workspace_key(enterprise_id, team_id, whole=is_enterprise_install)
        value = self._seal.open(self._memory.get("installation", f"{workspace}:{user_id}" if user_id else workspace))
        return Installation(**value) if value else None

    def delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Deletes the bot of a workspace."""
        self._memory.forget("bot", _workspace_key(enterprise_id, team_id))

    def delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Deletes somebody's installation, or all of a workspace."""
        workspace = _workspace_key(enterprise_id, team_id)
        if user_id:
            self._memory.forget("installation", f"{workspace}:{user_id}")
            return
        self._memory.forget("installation", workspace)
        for key in self._memory.all("installation", f"{workspace}:"):
            self._memory.forget("installation", key)


def _workspace_key(enterprise: str | None, team: str | None, *, whole: bool | None = False) -> str:
    return f"{enterprise or '-'}/{'*' if whole else team or '-'}"


class States(OAuthStateStore):
    """What ties an install's end to its start: used once, by whichever replica, within ten minutes.

    A state carries its own proof, sealed with the key that seals tokens: an install that somebody begins leaves
    nothing behind. That one was used is kept until it would have expired.
    """

    def __init__(self, memory: ValueStore, seal: Seal, clock: Callable[[], float] = time.time) -> None:
        self._memory, self._seal, self._clock = memory, seal, clock

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK logs."""
        return log

    def issue(self, *_args: object, **_kwargs: object) -> str:
        """A new state, good for ten minutes."""
        return self._seal.seal({"nonce": secrets.token_urlsafe(16), "issued": int(self._clock())})["sealed"]

    def consume(self, state: str) -> bool:
        """Whether it was issued lately and is used for the first time."""
        proof = self._seal.unsealed(state) if len(state) < _MAX_STATE else None
        if proof is None:
            return False
        now, issued = int(self._clock()), int(proof["issued"])
        forget_states(self._memory, now)
        if not 0 <= now - issued < _STATE_SECONDS:
            return False
        return self._memory.claim("state", f"{issued:011d}-{proof['nonce']}", {"used": True})


def forget_states(memory: ValueStore, now: float) -> None:
    """Deletes the states that have expired by then (seconds since 1970)."""
    memory.forget_before("state", f"{int(now) - _STATE_SECONDS:011d}")


def oauth(
    client_id: str, client_secret: str, memory: ValueStore, keys: str, *, scopes: Sequence[str] = SCOPES
) -> OAuthSettings:
    """How Bolt installs the app: starts at ``/slack/install``, returns to ``/slack/oauth_redirect``.

    Raises:
        Misconfigured: there is no key to encrypt tokens with.
    """
    seal = Seal(keys)
    return OAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=list(scopes),
        installation_store=Installations(memory, seal),
        state_store=States(memory, seal),
        installation_store_bot_only=True,
    )


def renew_tokens_with(settings: OAuthSettings, web: WebClient) -> None:
    """Renews tokens at the address that the app's client has: Bolt would ask slack.com whatever the client says."""
    authorize = settings.authorize
    if isinstance(authorize, InstallationStoreAuthorize):
        rotator = TokenRotator(client_id=settings.client_id, client_secret=settings.client_secret, client=web)
        authorize.token_rotator = rotator


def client_of(settings: OAuthSettings, web: WebClient, team: str) -> WebClient:
    """A client for a workspace the app is installed in, its token renewed where it is about to end.

    Raises:
        Misconfigured: it is not installed there.
    """
    store = settings.installation_store
    bot = store.find_bot_of(team) if isinstance(store, Installations) and team else None
    if bot is None:
        raise Misconfigured(
            f"The app is not installed in workspace {team}." if team else "No workspace is named.",
            "Install it at /slack/install."
            if team
            else "Set SLACK_BOT_TOKEN to the token of the workspace that digests.toml is for.",
        )
    rotator = TokenRotator(client_id=settings.client_id, client_secret=settings.client_secret, client=web)
    renewed = rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=_RENEWED_BEFORE)
    if renewed is not None:
        store.save_bot(renewed)
    return WebClient(
        (renewed or bot).bot_token, base_url=web.base_url, timeout=web.timeout, retry_handlers=web.retry_handlers
    )


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners for a workspace that removes the app."""

    @app.event("app_uninstalled")
    def uninstalled(body: Body) -> None:
        leave(app, context, body)

    @app.event("tokens_revoked")
    def revoked(body: Body) -> None:
        tokens = body["event"].get("tokens") or {}
        if tokens.get("bot"):
            leave(app, context, body)


def leave(app: App, context: AppContext, body: Body) -> None:
    """Erases the installation and everything stored for the workspace."""
    team, enterprise = str(body.get("team_id") or ""), body.get("enterprise_id")
    if app.installation_store is not None:
        app.installation_store.delete_all(enterprise_id=enterprise, team_id=team)
    erase(context, team)
    log.info("the app was removed from workspace %s; its data is erased", team)


def erase(context: AppContext, team: str) -> None:
    """Deletes threads, settings, rules, reports and the log of a workspace, and what else is registered for it."""
    memory = context.memory
    for kind in _OF_A_TEAM:
        for key in memory.all(kind, f"{team}:"):
            memory.forget(kind, key)
    last = not memory.all("installation") and not memory.all("bot")
    workspace_memory.erase(memory, team, last=last)
    for room in ("digest", "alert"):
        for key in memory.all("told", f"{room}:{team}:"):
            memory.forget("told", key)
    for kind in _BY_TEAM:
        for key, entry in memory.all(kind).items():
            if entry.get("team") == team:
                memory.forget(kind, key)
    for forget in context.on_uninstall:
        forget(team)
