"""What AWS's refusals mean, and whose turn it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.errors import AccessDenied, CostError, Misconfigured, RequestRefused, Unavailable, UnexpectedReply
from bot.providers.aws.policy import policy
from bot.providers.aws.settings import AwsSettings

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
SKEWED = frozenset(("RequestTimeTooSkewed", "RequestInTheFuture"))
DENIED = frozenset(
    ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired", "AllAccessDisabled")
)
NOT_YET = frozenset(("DataUnavailableException", "BillExpirationException"))
CURSOR_LOST = frozenset(("InvalidNextTokenException", "ExpiredNextTokenException", "RequestChangedException"))
LATER = "Wait: the next sync retries."
REPORT = "Please report it: this version of the bot does not support this reply."


class NoData(Unavailable):
    """AWS has nothing of what was asked for, or nothing yet."""


REFUSALS: tuple[tuple[frozenset[str], type[CostError], str, str], ...] = (
    (THROTTLED, Unavailable, "AWS is throttling requests.", LATER),
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
        frozenset(("BillingViewHealthStatusException", "ResourceNotFoundException")),
        Misconfigured,
        "The billing view cannot be read.",
        "Check AWS_BILLING_VIEW, and the view's health on the page Billing views of the console.",
    ),
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
        LATER,
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
_SKEW = re.compile(r"signature (?:expired|not yet current)", re.IGNORECASE)
"""How AWS words a request that was signed too long ago or in the future, whatever it calls the error."""
_SERVER_ERROR = 500


def refusal(action: str, response: Mapping[str, Any], who: str, settings: AwsSettings) -> CostError:
    """The error for a reply that AWS marked as one. Its own words are never passed on: they name ARNs."""
    error = response.get("Error", {})
    code, words = str(error.get("Code", "")), str(error.get("Message", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in SKEWED or (code in UNKNOWN_KEY and _SKEW.search(words)):
        return Misconfigured("This machine's clock differs from AWS's.", "Set the clock, by NTP for instance.")
    if code in DENIED:
        return _denied(action, words, who, settings)
    for codes, kind, message, hint in REFUSALS:
        if code in codes:
            return kind(message.format(who=who, place=settings.data_export), hint)
    if status >= _SERVER_ERROR or code.startswith("Internal") or code == "ServiceUnavailable":
        return Unavailable(f"AWS is failing (HTTP {status}).", LATER)
    message = f"AWS answered {action} with {code or status}: {words[:200]}"
    return RequestRefused(message, REPORT, status=status, code=code)


def failure(error: Exception, who: str, profile: str) -> CostError:
    """The error for a request that got no reply AWS meant to send."""
    import botocore.exceptions as boto

    if isinstance(error, (boto.NoCredentialsError, boto.PartialCredentialsError)):
        return AccessDenied(
            "No AWS credentials were found.",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run where a role is attached.",
        )
    if isinstance(error, (boto.ProfileNotFound, boto.InvalidConfigError, boto.ConfigParseError)):
        return AccessDenied(f"The AWS profile {profile!r} cannot be used.", "See ~/.aws/config.")
    if isinstance(
        error,
        (
            boto.CredentialRetrievalError,
            boto.TokenRetrievalError,
            boto.SSOError,
            boto.RefreshWithMFAUnsupportedError,
        ),
    ):
        return AccessDenied(f"AWS did not renew the credentials {who}.", "Sign in again.")
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        return Unavailable("AWS could not be reached, or closed the connection.", LATER)
    if not isinstance(error, boto.BotoCoreError):
        return Unavailable("AWS's reply could not be read.", LATER)
    return UnexpectedReply(f"AWS could not be asked ({type(error).__name__}).", REPORT)


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
