"""Cost Explorer over boto3: every attempt metered, every failure named for who must act."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from time import monotonic
from typing import TYPE_CHECKING, Any

from bot.domain.errors import AccessDenied, CostError, Misconfigured, RequestRefused, Unavailable, UnexpectedReply
from bot.providers import Clock, Meter
from bot.providers._recording import record
from bot.providers.aws.policy import PRICE, policy
from bot.providers.aws.settings import AwsSettings

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

THROTTLED = frozenset(
    (
        "LimitExceededException",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "SlowDown",
    )
)
UNKNOWN_KEY = frozenset(
    (
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidSignatureException",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "AuthFailure",
    )
)
EXPIRED = frozenset(("ExpiredToken", "ExpiredTokenException", "RequestExpired"))
DENIED = frozenset(
    ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired", "AllAccessDisabled")
)
NOT_YET = frozenset(("DataUnavailableException", "BillExpirationException"))
CURSOR_LOST = frozenset(("InvalidNextTokenException", "ExpiredNextTokenException", "RequestChangedException"))
Reply = Mapping[str, Any]
"""What AWS sends back, as its service model names the members."""
_LATER = "Wait: the next sync retries."
_REPORT = "Please report it: this version of the bot does not support this reply."


class NoData(Unavailable):
    """AWS has nothing of what was asked for, or nothing yet."""


_REFUSALS: tuple[tuple[frozenset[str], type[CostError], str, str], ...] = (
    (THROTTLED, Unavailable, "AWS is throttling requests.", _LATER),
    (UNKNOWN_KEY, AccessDenied, "AWS does not recognize the credentials {who}.", "Replace it with a valid key."),
    (EXPIRED, AccessDenied, "The AWS credentials {who} have expired.", "Sign in again, or renew them."),
    (
        NOT_YET,
        NoData,
        "AWS has no cost data for these days yet.",
        "After Cost Explorer is switched on, its first data takes up to 24 hours.",
    ),
    (CURSOR_LOST, Unavailable, "AWS pagination expired.", "The next sync starts over."),
    (
        frozenset(("NoSuchBucket",)),
        Misconfigured,
        "There is no such bucket: {place} (NoSuchBucket).",
        "Correct AWS_DATA_EXPORT.",
    ),
    (
        frozenset(("NoSuchKey",)),
        Unavailable,
        "A file of the data export is gone: the export is being redelivered.",
        _LATER,
    ),
    (
        frozenset(("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException")),
        Misconfigured,
        "The bucket of {place} is in another region.",
        "Set AWS_DATA_EXPORT_REGION.",
    ),
)
_TRUST = "Add this identity to the role's trust policy, and set the external ID it requires."
_NAMES = {"budgets:DescribeBudgets": "budgets:ViewBudget", "s3:ListObjectsV2": "s3:ListBucket"}
"""What IAM calls the operations that it does not call by their name."""
_ACTION = re.compile(r"not authorized to perform: ([a-z-]+:\w+)")
_ACCOUNTS: dict[tuple[str, str], str] = {}
"""Accounts by endpoint and access key: whose a key is never changes, so that it is asked once a process."""
_SERVER_ERROR = 500
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
            reply: Reply = getattr(client, xform_name(operation))(**params)
        except boto.ClientError as error:
            raise self._refusal(f"{service}:{operation}", error.response) from None
        except (boto.BotoCoreError, ResponseParserError) as error:
            raise self._failure(error) from None
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
                raise UnexpectedReply("AWS returned the same page token twice.", _REPORT)
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
                raise Unavailable("AWS's reply was cut off.", _LATER)

        if service == "ce":
            client.meta.events.register(f"before-parse.{name}", _parsed)
        client.meta.events.register(f"before-send.{name}", start)
        client.meta.events.register(f"response-received.{name}", done)
        return client

    def _refusal(self, action: str, response: Mapping[str, Any]) -> CostError:
        """The error for a reply that AWS marked as one. Its own words are never passed on: they name ARNs."""
        error = response.get("Error", {})
        code, words = str(error.get("Code", "")), str(error.get("Message", ""))
        status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        if code in DENIED:
            return _denied(action, words, self._who(), self.settings)
        for codes, kind, message, hint in _REFUSALS:
            if code in codes:
                return kind(message.format(who=self._who(), place=self.settings.data_export), hint)
        if status >= _SERVER_ERROR or code.startswith("Internal") or code == "ServiceUnavailable":
            return Unavailable(f"AWS is failing (HTTP {status}).", _LATER)
        message = f"AWS answered {action} with {code or status}: {words[:200]}"
        return RequestRefused(message, _REPORT, status=status, code=code)

    def _failure(self, error: Exception) -> CostError:
        """The error for a request that got no reply AWS meant to send."""
        import botocore.exceptions as boto

        if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
            return AccessDenied(
                "No AWS credentials were found.",
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run where a role is attached.",
            )
        if isinstance(error, (boto.ProfileNotFound, boto.InvalidConfigError, boto.ConfigParseError)):
            return AccessDenied(f"The AWS profile {self.settings.profile!r} cannot be used.", "See ~/.aws/config.")
        if isinstance(
            error,
            (
                boto.CredentialRetrievalError,
                boto.TokenRetrievalError,
                boto.SSOError,
                boto.RefreshWithMFAUnsupportedError,
            ),
        ):
            return AccessDenied(f"AWS did not renew the credentials {self._who()}.", "Sign in again.")
        if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
            return Unavailable("AWS could not be reached, or closed the connection.", _LATER)
        if not isinstance(error, boto.BotoCoreError):
            return Unavailable("AWS's reply could not be read.", _LATER)
        return UnexpectedReply(f"AWS could not be asked ({type(error).__name__}).", _REPORT)

    def _who(self) -> str:
        """Whose credentials were used, so that whoever has several knows; never the key itself."""
        if self.settings.role_arn:
            return f"of the role {self.settings.role_arn}"
        if self.settings.profile:
            return f"of the profile {self.settings.profile!r}"
        found = self._session.get_credentials() if self._session else None
        return f"whose key id ends in {found.access_key[-4:]}" if found else "in use"


def _region(service: str, settings: AwsSettings) -> str:
    """Where a service answers: what tells of bills does so at one place in a partition (botocore's endpoint rules)."""
    if service == "s3":
        return settings.export_region or settings.region
    if service == "sts":
        return settings.region
    return next((home for start, home in _HOMES.items() if settings.region.startswith(start)), "us-east-1")


_HOMES = {"cn-": "cn-northwest-1", "eusc-": "eusc-de-east-1", "us-gov-": "us-gov-west-1"}
"""By how a partition's regions begin, the one that tells of its bills."""


def _denied(action: str, words: str, who: str, settings: AwsSettings) -> AccessDenied:
    named = _ACTION.search(words)
    if named is None and "not enabled for cost explorer" in words.lower():
        return AccessDenied(
            "Cost Explorer is not enabled for this account.",
            "Enable it in the payer's management account, and allow IAM access to billing.",
        )
    if "not enrolled for recommendations" in words.lower():
        return AccessDenied(
            "Cost Optimization Hub is not enabled for this account.",
            "Enable it on its page in the payer's console; its first recommendations take up to a day.",
        )
    wanted = named[1] if named else _NAMES.get(action, action)
    hint = _TRUST if wanted.startswith("sts:") else f"Attach this policy: {policy(settings)}"
    if wanted.startswith("kms:"):
        hint = "The export's bucket is encrypted with a key: allow kms:Decrypt on that key, in its policy or in IAM."
    return AccessDenied(f"The AWS credentials {who} may not call {wanted}.", hint)


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
