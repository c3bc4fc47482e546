"""What Google's refusals mean, and whose turn it is."""

# Importing a provider imports no vendor library.

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.domain.errors import (
    AccessDenied,
    CeilingReached,
    CostError,
    Misconfigured,
    RequestRefused,
    Unavailable,
    UnexpectedReply,
)

if TYPE_CHECKING:
    from google.api_core.exceptions import GoogleAPICallError

_WAIT = frozenset({"rateLimitExceeded", "backendError", "internalError", "badGateway", "jobRateLimitExceeded"})
_TOO_LARGE = frozenset({"resourcesExceeded", "responseTooLarge"})
_ROLES = (
    ("bigquery.jobs.create", "roles/bigquery.jobUser", "the project that runs the queries"),
    ("bigquery.tables.get", "roles/bigquery.dataViewer", "the dataset of the billing export"),
    ("bigquery.tables.getData", "roles/bigquery.dataViewer", "the dataset of the billing export"),
    ("bigquery.datasets.get", "roles/bigquery.dataViewer", "the dataset of the billing export"),
    ("billing.", "roles/billing.viewer", "the billing account"),
)


class QueryTooLarge(RequestRefused):
    """A query needs more than BigQuery has for one: fewer days at once can do."""


@contextmanager
def mended(what: str) -> Iterator[None]:
    """Turns whatever Google's libraries raise inside into a ``CostError``; ``what`` names what was asked.

    A body of a shape that the vendor's library does not survive is an ``UnexpectedReply``.
    """
    from concurrent.futures import TimeoutError as WaitedTooLong

    from google.api_core import exceptions as api
    from google.auth import exceptions as auth
    from google.protobuf.json_format import ParseError
    from requests import exceptions as http

    try:
        yield
    except CostError:
        raise
    except (api.RetryError, WaitedTooLong) as error:
        raise Unavailable(f"{what} took too long.", "Try again later.") from error
    except api.GoogleAPICallError as error:
        raise _refused(what, error) from error
    except auth.TransportError as error:
        raise Unavailable(f"{what} could not be reached.", "Check the network and try again.") from error
    except auth.GoogleAuthError as error:
        raise _not_signed_in(what, error) from error
    except (http.InvalidJSONError, ParseError) as error:
        if _cut_short(error):
            raise Unavailable(f"{what}'s reply was truncated.", "Try again later.") from error
        raise UnexpectedReply(f"{what} sent a reply that is not JSON.") from error
    except (http.RequestException, OSError) as error:
        raise Unavailable(f"{what} could not be reached.", "Check the network and try again.") from error
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise UnexpectedReply(f"{what} sent a reply in an unexpected format ({type(error).__name__}).") from error


def _cut_short(error: Exception) -> bool:
    """Whether what came is the beginning of an object, and no more."""
    text = str(getattr(error, "doc", "")).strip()
    return text.startswith("{") and not text.endswith("}")


def _not_signed_in(what: str, error: Exception) -> CostError:
    from google.auth import exceptions as auth

    hint = (
        "Name a service account's file in GOOGLE_APPLICATION_CREDENTIALS, attach a service account to the "
        "machine, or run `gcloud auth application-default login`."
    )
    if isinstance(error, auth.DefaultCredentialsError):
        return AccessDenied(f"{what}: no Google credentials were found.", hint)
    if getattr(error, "retryable", False):
        return Unavailable(f"{what}: Google's sign-in is not answering.", "Try again later.")
    if "No access token in response" in str(error):
        return UnexpectedReply(f"{what}: Google's sign-in sent a reply in an unexpected format.")
    return AccessDenied(f"{what}: Google does not accept the credentials (expired, revoked or deleted).", hint)


def _refused(what: str, error: GoogleAPICallError) -> CostError:
    reason = _reason(error)
    code = int(error.code or 0)
    text = str(error.message)
    if reason in _WAIT or code in {408, 429} or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unavailable(
            f"{what} is not answering ({code} {reason}).".replace(" )", ")"),
            "Try again later.",
            retry_after=_retry_after(error),
        )
    if reason == "quotaExceeded":
        return Unavailable(
            f"{what}: a quota of the project is used up.",
            "Wait for it to refill, or raise it under IAM & Admin > Quotas.",
        )
    if reason in _TOO_LARGE or "resources exceeded" in text.casefold():
        hint = "Sync fewer days at once, or use the standard export's table, which has fewer rows."
        return QueryTooLarge(f"{what}: {_first_sentence(text)}", hint, status=code, code=reason)
    if reason in {"bytesBilledLimitExceeded", "billingTierLimitExceeded"}:
        return CeilingReached(
            f"{what} would read more than the limit for one query: {text}",
            "Raise GCP_QUERY_LIMIT_BYTES, or ask for fewer days.",
        )
    if reason in {"accessNotConfigured", "SERVICE_DISABLED", "billingNotEnabled"}:
        return Misconfigured(
            f"{what}: the API is not enabled for the project.",
            "Enable it (gcloud services enable) and try again in a few minutes.",
        )
    return _by_code(what, code, text)


def _by_code(what: str, code: int, text: str) -> CostError:
    match code:
        case 401:
            return AccessDenied(
                f"{what}: Google does not accept the credentials.",
                "Check GOOGLE_APPLICATION_CREDENTIALS, or sign in again.",
            )
        case 403:
            return AccessDenied(f"{what}: {_missing(text)}", _grant(text))
        case 404:
            return Misconfigured(
                f"{what}: {_first_sentence(text)}",
                "Check GCP_BILLING_TABLE (project.dataset.table) and that the export is "
                "enabled; a new export's table appears within a day.",
            )
        case _:
            hint = "Look for a newer version of spend."
            return RequestRefused(f"{what} refused the request ({code}): {_first_sentence(text)}", hint, status=code)


def _reason(error: GoogleAPICallError) -> str:
    for detail in [*(error.errors or ()), *(getattr(error, "details", None) or ())]:
        if isinstance(detail, dict) and detail.get("reason"):
            return str(detail["reason"])
    return str(getattr(error, "reason", "") or "")


def _retry_after(error: GoogleAPICallError) -> float | None:
    seconds = getattr(getattr(error, "response", None), "headers", {}).get("Retry-After", "")
    return float(seconds) if str(seconds).isdigit() else None


def _missing(text: str) -> str:
    for permission, _, where in _ROLES:
        if permission in text:
            named = next(word.strip(".,;") for word in text.split() if word.startswith(permission))
            return f"the permission {named} is missing on {where}."
    return "the account is not allowed to read this."


def _grant(text: str) -> str:
    for permission, role, where in _ROLES:
        if permission in text:
            return f"Grant {role} on {where}."
    return (
        "Grant roles/bigquery.dataViewer on the dataset of the billing export and roles/bigquery.jobUser on "
        "the project that runs the queries."
    )


def _first_sentence(text: str) -> str:
    words = re.sub(r"^(GET|POST) \S+ ", "", text)  # how Google's library begins it
    return words.splitlines()[0][:200] if words else "no reason given"
