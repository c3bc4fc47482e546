"""Where messages go, so that none is silently lost: to the channel or the asker, else where the asker will find it.

What cannot be posted where others read is sent to the asker alone, with the reason; what may have arrived is never
posted a second time there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message, small
from bot.coordination.store import ValueStore
from bot.slack.posting import response_url
from bot.slack.posting.transport import REVOKED, Send, Transport, Undeliverable, error_reason, remedy
from bot.slack.workspace_memory import WorkspaceMemory

__all__ = ["Delivery", "Destination", "FileUpload", "Undeliverable", "remedy"]

log = logging.getLogger(__name__)
_MAX_BLOCKS = 50


class Receipt(Protocol):
    """What a reply carries, so that it is sent once whichever process sends it."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The metadata of a public reply, by which it is found."""

    def sent(self, destination: Destination) -> str | None:
        """The timestamp of a reply that is out, ``""`` where that cannot be known; None where none is."""

    def sending(self) -> None:
        """Writes down that the reply may be out from now on."""


@dataclass(frozen=True)
class Destination:
    """Where a reply goes: to ``user`` alone (``private``), or into the channel or thread."""

    client: WebClient
    team: str
    channel: str = ""
    user: str = ""
    thread: str = ""
    response_url: str = ""
    private: bool = True
    active: bool = True
    """Whether the thread has replies already: Slack shows nothing private in one that has none."""
    receipt: Receipt | None = None
    """What the reply to a question carries; None for what may be sent twice."""


@dataclass(frozen=True)
class FileUpload:
    """A text file to upload: its file name, its content, the title it is shown under and a comment above it."""

    name: str
    content: str
    title: str
    comment: str


class Delivery:
    """One a process; safe to use from several threads.

    ``workspace_memory`` gives what is stored for the workspace of a client: the questions that buttons carry by a key.
    """

    def __init__(
        self,
        memory: ValueStore,
        *,
        workspace_memory: Callable[[WebClient], WorkspaceMemory] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory = memory
        self._workspace_memory = workspace_memory or (lambda _client: WorkspaceMemory(memory, ""))
        self._transport = Transport(sleep=sleep, clock=clock)

    def reply(self, destination: Destination, message: Message, *, replace: bool = False) -> str:
        """Sends a reply by the first route that works; its timestamp, or ``""`` where only the asker sees it.

        ``replace`` puts it in place of the message that its response_url belongs to.

        Raises:
            Undeliverable: no route was left.
        """
        if destination.receipt is not None:
            sent = destination.receipt.sent(destination)
            if sent is not None:
                return sent
            destination.receipt.sending()
        failed: Undeliverable | None = None
        for send in filter(None, self._routes(destination, replace=replace)):
            try:
                return send(message if failed is None else _with_reason(message, failed, destination))
            except Undeliverable as error:
                log.warning("could not deliver to %s: %s", destination.channel or destination.user, error.reason)
                failed = failed or error
                if error.reason in REVOKED:
                    break
        raise failed or Undeliverable("there is nowhere to reply to")

    def post(
        self,
        client: WebClient,
        channel: str,
        message: Message,
        *,
        thread: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Posts into a channel, a thread or a direct message (by the user's id); the message's timestamp.

        Raises:
            Undeliverable: nothing was posted, unless it says that it is not sure.
        """
        arguments = {**({"thread_ts": thread} if thread else {}), **({"metadata": metadata} if metadata else {})}
        return self._call(client, "chat.postMessage", channel, message, arguments)

    def update(
        self, client: WebClient, channel: str, ts: str, message: Message, *, metadata: Mapping[str, Any] | None = None
    ) -> str:
        """Replaces a message of ours.

        Raises:
            Undeliverable: the message stays as it was.
        """
        arguments = {"ts": ts, **({"metadata": metadata} if metadata else {})}
        return self._call(client, "chat.update", channel, message, arguments)

    def upload(self, destination: Destination, file: FileUpload) -> str:
        """Uploads a file where a reply would go, or in a direct message where that is private; the channel's id.

        Raises:
            Undeliverable: Slack took it nowhere.
        """
        failed: Undeliverable | None = None
        if not destination.private:
            try:
                return _upload(destination.client, destination.channel, destination.thread, file)
            except Undeliverable as error:
                failed = error
        try:
            direct = str(destination.client.conversations_open(users=destination.user)["channel"]["id"])
        except (SlackClientError, OSError) as error:
            raise failed or Undeliverable(error_reason(error)) from error
        return _upload(destination.client, direct, "", file)

    def notify_once(self, client: WebClient, user: str, key: str, message: Message) -> bool:
        """Sends somebody a direct message once ever for the key; whether it was sent now. A failure is tried again."""
        if not self._memory.claim("told", key, {"user": user}):
            return False
        try:
            self.post(client, user, message)
        except Undeliverable:
            log.exception("could not notify %s about %s", user, key)
            self._memory.forget("told", key)
            return False
        return True

    def _routes(self, destination: Destination, *, replace: bool) -> list[Send | None]:
        """The routes to try in order; None for those that the destination does not have."""
        ephemeral, direct = self._ephemeral(destination), self._direct(destination)
        if destination.private:
            return [self._response(destination, replace=replace), ephemeral, direct]
        return [self._public(destination), ephemeral, direct]

    def _response(self, destination: Destination, *, replace: bool) -> Send | None:
        if not destination.response_url:
            return None
        if not response_url.is_slack(destination.response_url, destination.client.base_url):
            log.warning("a response_url that is not Slack's was left alone")
            return None

        def send(message: Message) -> str:
            self._store_questions(message, destination.client)
            return self._transport.respond(destination.response_url, message, replace=replace)

        return send

    def _ephemeral(self, destination: Destination) -> Send | None:
        if not destination.channel or not destination.user:
            return None
        in_thread = destination.thread and destination.active
        arguments = {"user": destination.user, **({"thread_ts": destination.thread} if in_thread else {})}
        return lambda message: self._call(
            destination.client, "chat.postEphemeral", destination.channel, message, arguments
        )

    def _direct(self, destination: Destination) -> Send | None:
        if not destination.user or (destination.channel == destination.user and not destination.private):
            return None
        return lambda message: self.post(destination.client, destination.user, message)

    def _public(self, destination: Destination) -> Send:
        metadata = destination.receipt.metadata if destination.receipt else None
        return lambda message: self.post(
            destination.client,
            destination.channel or destination.user,
            message,
            thread=destination.thread,
            metadata=metadata,
        )

    def _call(
        self, client: WebClient, method: str, channel: str, message: Message, arguments: Mapping[str, Any]
    ) -> str:
        self._store_questions(message, client)
        return self._transport.call(client, method, channel, message, arguments)

    def _store_questions(self, message: Message, client: WebClient) -> None:
        """Stores what the message's buttons refer to, before anybody can press one."""
        for key, value in message.kept.items():
            self._workspace_memory(client).put("question", key, value)


def _upload(client: WebClient, channel: str, thread: str, file: FileUpload) -> str:
    try:
        client.files_upload_v2(
            channel=channel,
            filename=file.name,
            content=file.content,
            title=file.title,
            initial_comment=file.comment,
            thread_ts=thread or None,
        )
    except (SlackClientError, OSError) as error:
        raise Undeliverable(error_reason(error)) from error
    return channel


def _with_reason(message: Message, failed: Undeliverable, destination: Destination) -> Message:
    """The message with a line on why it comes this way; a private reply needs none."""
    if destination.private or not message.blocks:
        return message
    why = "Only you see this. " + (failed.remedy if failed.sure else "Slack failed while I was posting this.")
    return Message(f"{message.text}\n{why}", [*message.blocks[: _MAX_BLOCKS - 1], *small(why)], message.kept)
