"""Cost Explorer over boto3: every attempt metered, every failure named for who must act."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

from bot.domain.errors import CostError, Misconfigured, Unavailable, UnexpectedReply
from bot.providers import Clock, Meter
from bot.providers._recording import record
from bot.providers.aws.errors import LATER, REPORT, failure, refusal
from bot.providers.aws.policy import PRICE
from bot.providers.aws.settings import AwsSettings

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

Reply = Mapping[str, Any]
"""What AWS sends back, as its service model names the members."""
_ACCOUNTS: dict[tuple[str, str], str] = {}
"""Accounts by endpoint and access key: whose a key is never changes, so that it is asked once a process."""
_FAILED = 300


class AwsClient:
    """The clients of one payer. Credentials are looked up when the first request is made."""

    def __init__(
        self,
        settings: AwsSettings,
        *,
        meter: Meter,
        clock: Clock,
        session: Callable[[], boto3.Session] | None = None,
    ) -> None:
        self.settings, self._meter, self._clock = settings, meter, clock
        self._open = session
        self._session: Any = None  # boto3 types a client by its literal name only
        self._assumed: Mapping[str, str] = {}
        self._until: datetime | None = None
        self._clients: dict[str, BaseClient] = {}

    def call(self, service: str, operation: str, params: Mapping[str, object]) -> Reply:
        """One request, tried as often as the settings say.

        Raises:
            CostError: AccessDenied, Unavailable, UnexpectedReply or CeilingReached.
        """
        import botocore.exceptions as boto  # the vendor's library loads when it is needed
        from botocore import xform_name
        from botocore.parsers import ResponseParserError

        self._meter.allow(f"{service}:{operation}", PRICE if service == "ce" else Decimal(0))
        try:
            client = self._client(service)
            if self.settings.billing_view and service == "ce" and _takes_view(client, operation):
                params = {**params, "BillingViewArn": self.settings.billing_view}
            reply: Reply = getattr(client, xform_name(operation))(**params)
        except boto.ClientError as error:
            raise refusal(f"{service}:{operation}", error.response, self._who(), self.settings) from None
        except (boto.BotoCoreError, ResponseParserError) as error:
            raise failure(error, self._who(), self.settings.profile) from None
        if service not in {"s3", "sts"}:
            shown = {name: value for name, value in reply.items() if name != "ResponseMetadata"}
            record("AWS", f"{service}:{operation}", params, shown)
        return reply

    def pages(self, operation: str, params: Mapping[str, object]) -> Iterator[Reply]:
        """The replies of Cost Explorer to the last page, each asked for when it is needed."""
        return self.listed("ce", operation, params, cursor="NextPageToken")

    def listed(
        self, service: str, operation: str, params: Mapping[str, object], *, cursor: str = "NextToken"
    ) -> Iterator[Reply]:
        """The replies to the last page; ``cursor`` is what the service calls the way to the next.

        Raises:
            UnexpectedReply: a page leads back to itself.
        """
        here: object = None
        while True:
            reply = self.call(service, operation, {**params, cursor: here} if here else params)
            yield reply
            following = reply.get(cursor)
            if not following:
                return
            if following == here:
                raise UnexpectedReply("AWS returned the same page token twice.", REPORT)
            here = following

    def account(self) -> str:
        """The payer's account id, or ``""`` where it cannot be told: charges are worth having without it."""
        try:
            return self.known_account()
        except CostError:
            return ""

    def known_account(self) -> str:
        """The payer's account id, for what cannot be asked without it.

        Raises:
            CostError: as ``identity``, which says why it cannot be told.
        """
        if self.settings.role_arn:
            return self.settings.role_arn.split(":")[4]
        sts = self._client("sts")
        found = self._session.get_credentials()
        caller = (sts.meta.endpoint_url, found.access_key if found else "")
        if caller not in _ACCOUNTS:
            _ACCOUNTS[caller] = self.identity()["Account"]
        return _ACCOUNTS[caller]

    def identity(self) -> dict[str, str]:
        """Whose credentials these are: Arn and Account; free of charge.

        Raises:
            CostError: as ``call``; Misconfigured where Cost Explorer is simulated and STS is not.
        """
        ce, sts = self._client("ce").meta.endpoint_url, self._client("sts").meta.endpoint_url
        if ("amazonaws" in ce) != ("amazonaws" in sts):
            raise Misconfigured(
                "Cost Explorer has a custom endpoint but STS does not.", "Set AWS_ENDPOINT_URL_STS too."
            )
        reply = self.call("sts", "GetCallerIdentity", {})
        return {"Arn": str(reply.get("Arn", "")), "Account": str(reply.get("Account", ""))}

    def _client(self, service: str) -> BaseClient:
        import boto3

        if self._until and self._clock() > self._until:
            self._clients.clear()
            self._assumed = {}
        if service not in self._clients:
            if self._session is None:
                self._session = (
                    self._open() if self._open else boto3.Session(profile_name=self.settings.profile or None)
                )
            role = self.settings.role_arn and not self._assumed and service != "sts"
            if role:
                self._assume()
            self._clients[service] = self._metered(
                self._session.client(service, **self._config(service), **(self._assumed if service != "sts" else {})),
                service,
            )
        return self._clients[service]

    def _config(self, service: str) -> Mapping[str, object]:
        from botocore.config import Config

        return {
            "region_name": _region(service, self.settings),
            "endpoint_url": self.settings.endpoint_url or None,
            "config": Config(
                connect_timeout=10,
                read_timeout=60,
                retries={"mode": "standard", "total_max_attempts": self.settings.attempts},
            ),
        }

    def _assume(self) -> None:
        params = {"RoleArn": self.settings.role_arn, "RoleSessionName": "spend"}
        if self.settings.external_id:
            params["ExternalId"] = self.settings.external_id
        keys = self.call("sts", "AssumeRole", params)["Credentials"]
        self._assumed = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
        self._until = keys["Expiration"] - timedelta(minutes=5)

    def _metered(self, client: BaseClient, service: str) -> BaseClient:
        """Tells the meter of every attempt, those included that boto3 itself repeats."""
        began = [0.0]
        name = client.meta.service_model.service_id.hyphenize()

        def start(**_: object) -> None:
            began[0] = monotonic()

        def done(
            event_name: str,
            response_dict: Reply | None,
            parsed_response: Reply | None,
            exception: Exception | None,
            **_: object,
        ) -> None:
            operation = event_name.rpartition(".")[2]
            status, whole = _status(response_dict, parsed_response, exception)
            cost = PRICE if service == "ce" and whole is not None else Decimal(0)
            self._meter.made(f"{service}:{operation}", seconds=monotonic() - began[0], status=status, cost=cost)
            if whole is False:
                raise Unavailable("AWS's reply was cut off.", LATER)

        if service == "ce":
            client.meta.events.register(f"before-parse.{name}", _parsed)
        client.meta.events.register(f"before-send.{name}", start)
        client.meta.events.register(f"response-received.{name}", done)
        return client

    def _who(self) -> str:
        """Whose credentials were used, so that whoever has several knows; never the key itself."""
        if self.settings.role_arn:
            return f"of the role {self.settings.role_arn}"
        if self.settings.profile:
            return f"of the profile {self.settings.profile!r}"
        found = self._session.get_credentials() if self._session else None
        return f"whose key id ends in {found.access_key[-4:]}" if found else "in use"


def _takes_view(client: BaseClient, operation: str) -> bool:
    """Whether an operation can be asked of a billing view, by AWS's own model of it."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    return "BillingViewArn" in getattr(shape, "members", ())


def _region(service: str, settings: AwsSettings) -> str:
    """Where a service answers: what tells of bills does so at one place in a partition (botocore's endpoint rules)."""
    if service == "s3":
        return settings.export_region or settings.region
    if service == "sts":
        return settings.region
    return next((home for start, home in _HOMES.items() if settings.region.startswith(start)), "us-east-1")


_HOMES = {"cn-": "cn-northwest-1", "eusc-": "eusc-de-east-1", "us-gov-": "us-gov-west-1"}
"""By how a partition's regions begin, the one that tells of its bills."""


def _parsed(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Hands Cost Explorer's JSON on as it is: botocore would walk each of its many strings a second time."""
    if response_dict["status_code"] < _FAILED:
        with suppress(ValueError):  # what is no JSON is found out when the attempt is metered
            body = json.loads(response_dict["body"])
            customized_response_dict.update(body if isinstance(body, dict) else {})
            response_dict["body"] = b"{}"


def _status(
    response: Mapping[str, Any] | None, parsed: Mapping[str, Any] | None, exception: Exception | None
) -> tuple[str, bool | None]:
    """What became of an attempt, and whether it was answered: whole (True), cut off (False), or not (None)."""
    if response is None:
        return (type(exception).__name__ if exception else "no reply"), None
    status = int(response["status_code"])
    if status >= _FAILED:
        return str((parsed or {}).get("Error", {}).get("Code") or status), None
    if parsed and len(parsed) > 1:
        return str(status), True
    try:  # botocore reads JSON that was cut off as a reply that says nothing
        json.loads(response["body"])
    except ValueError:
        return "cut off", False
    return str(status), True
