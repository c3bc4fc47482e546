"""JSON over HTTPS as metered vendors speak it: decimals exact, failures named, keys that may overlap.

No provider: what the adapters of token vendors stand on. A ``VendorClient`` asks and never retries; it turns whatever
goes wrong into a ``CostError`` in which no key appears. httpx is imported when the first wire opens.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.domain.errors import AccessDenied, Misconfigured, RequestRefused, Unavailable, UnexpectedReply
from bot.providers import Clock, Meter
from bot.providers._keys import Keys
from bot.providers._recording import record

if TYPE_CHECKING:
    import httpx

Params = Sequence[tuple[str, str]]

_FREE = Decimal(0)
_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _THROTTLED, _BROKEN = 401, 403, 408, 429, 500
_CURSOR_FAULTS = frozenset((400, 404, 410, 422))
_MALFORMED = frozenset((400, 422))
_LIMIT = "limit"
_SHORTENED = 4
"""How often a shorter page is tried before the vendor's own length is taken."""
_CURSOR_LIFE = timedelta(minutes=5)
_WIDE = Context(prec=400)
_ATTO, _PLACES, _LARGEST = Decimal("1e-18"), 18, 17
_SECRET = re.compile(r"\bsk-[\w*.\-]{6,}")


def no_bool(value: object) -> object:
    """Python counts with True; vendors do not."""
    if isinstance(value, bool):
        msg = "a number is expected"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def exact(amount: Decimal) -> Decimal:
    """Binary floats print digits past 1e-18 that mean nothing and that no ledger keeps."""
    if amount and amount.adjusted() > _LARGEST:
        msg = "no amount is that large"
        raise ValueError(msg)
    fine = -int(amount.as_tuple().exponent) <= _PLACES
    return amount if fine else amount.quantize(_ATTO, ROUND_HALF_EVEN, _WIDE)


Amount = Annotated[Decimal, BeforeValidator(no_bool), AfterValidator(exact)]
"""A number or a decimal string, exact down to 1e-18."""


class VendorModel(BaseModel):
    """A part of a vendor's reply; fields not known are let be, so that new ones break nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")


_T = TypeVar("_T", bound=VendorModel)


class PageExpired(RequestRefused):
    """The cursor of a further page is no longer good: the query starts again where whole pages end."""


class Throttled(Unavailable):
    """The vendor asks for a pause. Asked again, a query goes on at the page where it stopped."""


class UnfinishedQueries:
    """Pages of queries that were throttled on the way, for as long as their cursors can be expected to live.

    One account's adapter keeps one, so that a query asked again costs only the requests that it still lacks.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pages: dict[object, tuple[datetime, list[Mapping[str, Any]]]] = {}

    def take(self, query: object) -> list[Mapping[str, Any]]:
        """The pages read before, each once."""
        at, pages = self._pages.pop(query, (self._clock(), []))
        return pages if self._clock() - at <= _CURSOR_LIFE else []

    def keep(self, query: object, pages: list[Mapping[str, Any]]) -> None:
        """Remembers the pages of the query that was throttled last; a sync asks one at a time."""
        self._pages = {query: (self._clock(), pages)}


@dataclass(frozen=True)
class Vendor:
    """What differs between the vendors that a wire can speak to."""

    name: str
    headers: Callable[[str, str], Mapping[str, str]]
    """From key and path, what authenticates and which version is spoken."""
    denied: Callable[[int, str, str], AccessDenied]
    """From status, key and the vendor's words, the error that says what is needed; without the key."""


class VendorClient:
    """GET requests to one vendor, authenticated and metered; a context manager around its connections.

    Raises from every request:
        AccessDenied: all keys are refused, or lack the permission.
        Unavailable: throttled, down, too slow, or cut off.
        RequestRefused: the vendor calls the request wrong.
        UnexpectedReply: a body that is not the JSON expected.
        CeilingReached: from the meter.
    """

    def __init__(  # noqa: PLR0913 - a connection has this many sides
        self,
        vendor: Vendor,
        base_url: str,
        *,
        keys: Keys,
        secret: str,
        meter: Meter,
        clock: Clock,
        timeout: float,
        unfinished: UnfinishedQueries | None = None,
    ) -> None:
        self._unfinished = unfinished or UnfinishedQueries(clock)
        self._vendor, self._keys, self._secret = vendor, keys, secret
        self._meter, self._clock = meter, clock
        self._base, self._timeout = base_url.rstrip("/"), timeout
        self._longest: dict[str, str] = {}
        """By path, how long a page may be, where the vendor has refused longer ones."""
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        import httpx  # imported by who uses it, not by who lists providers

        timeout = httpx.Timeout(self._timeout, connect=min(10.0, self._timeout))
        self._client = httpx.Client(timeout=timeout, verify=_trust())
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, path: str, params: Params = ()) -> Mapping[str, Any]:
        """The JSON object at a path; fractions are ``Decimal``."""
        denied: AccessDenied | None = None
        for key in self._keys.order(self._secret):
            response = self._send(key, path, params)
            if response.status_code not in {_UNAUTHORIZED, _FORBIDDEN}:
                self._keys.works(key)
                reply = self._read(response)
                record(self._vendor.name, path, _by_name(params), reply)
                return reply
            if response.status_code == _UNAUTHORIZED:
                self._keys.refused(key)
            denied = self._denied(response, key)
        raise denied or Misconfigured(f"No key is set for {self._vendor.name}.")

    def pages(self, path: str, params: Params) -> Iterator[Mapping[str, Any]]:
        """Every page of a report, by ``next_page`` to the last.

        Raises:
            PageExpired: beside what ``get`` raises, a cursor handed out is no longer good. A page after the first
                differs from it by its cursor alone, so whatever is found wrong with it is the cursor.
        """
        query = (path, tuple(params))
        read = self._unfinished.take(query)
        yield from read
        seen = {page.get("next_page") for page in read}
        cursor = self._following(read[-1], frozenset()) if read else None
        while cursor or not read:
            page = self._page(path, params, cursor, query, read)
            read.append(page)
            yield page
            cursor = self._following(page, seen)
            seen.add(cursor)

    def _page(
        self, path: str, params: Params, cursor: str | None, query: object, read: list[Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        try:
            return self._sized(path, [*params, ("page", cursor)] if cursor else params, first=not cursor)
        except Throttled:
            self._unfinished.keep(query, read)
            raise
        except RequestRefused as refused:
            if cursor and refused.status in _CURSOR_FAULTS:
                raise PageExpired(refused.message, refused.hint, status=refused.status, code=refused.code) from None
            raise

    def _sized(self, path: str, params: Params, *, first: bool) -> Mapping[str, Any]:
        """A page as long as is let: where its length is found fault with, shorter ones are asked for from then on."""
        for _ in range(_SHORTENED):
            asked = [(name, self._longest.get(path, value) if name == _LIMIT else value) for name, value in params]
            try:
                return self.get(path, asked)
            except RequestRefused as refused:
                shorter = _shorter(dict(asked).get(_LIMIT), refused) if first else None
                if shorter is None:
                    raise
                self._longest[path] = shorter
        return self.get(path, [pair for pair in params if pair[0] != _LIMIT])

    def _following(self, page: Mapping[str, Any], seen: Collection[object]) -> str | None:
        """The cursor of the page after this one; None for the last."""
        more, cursor = page.get("has_more"), page.get("next_page")
        if more is False or (more is None and not cursor):
            return None
        if not isinstance(cursor, str) or not cursor or cursor in seen:
            raise self._strange("announced a next page without a cursor")
        return cursor

    def listing(self, path: str, params: Params, after: str) -> Iterator[Mapping[str, Any]]:
        """Every object of a list that goes on ``after`` its last id."""
        last: str | None = None
        while True:
            page = self._sized(path, [*params, (after, last)] if last else params, first=not last)
            entries = page.get("data")
            if not isinstance(entries, list):
                raise self._strange(f"listed {path} without data")
            yield from entries
            following = page.get("last_id") or _id(entries)
            if not page.get("has_more") or not entries:
                return
            if not isinstance(following, str) or following == last:
                raise self._strange(f"announced more of {path} without a cursor")
            last = following

    def shaped(self, model: type[_T], value: object) -> _T:
        """The part of a reply as a model."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "the reply"
            raise self._strange(f"sent an unexpected {where}: {first['msg'].lower()}") from None

    def _strange(self, what: str) -> UnexpectedReply:
        hint = "Its API may have changed; look for a newer version of spend."
        return UnexpectedReply(f"{self._vendor.name} {what}.", hint)

    def _send(self, key: str, path: str, params: Params) -> httpx.Response:
        import httpx

        if self._client is None:
            raise RuntimeError("the wire is closed")
        self._meter.allow(path, _FREE)
        began, status = time.monotonic(), "failed"
        try:
            response = self._client.get(
                f"{self._base}{path}", params=list(params), headers=dict(self._vendor.headers(key, path))
            )
            status = str(response.status_code)
        except httpx.LocalProtocolError:
            raise Misconfigured(f"{self._vendor.name}'s key has characters that are not valid in a key.") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise Misconfigured(
                f"{self._vendor.name}'s base URL is not a valid URL.",
                "Use a URL like https://….",
            ) from None
        except httpx.HTTPError as error:
            status = type(error).__name__
            raise self._unavailable(status) from None
        except UnicodeError:
            raise Misconfigured(f"{self._vendor.name}'s key has characters that are not valid in a key.") from None
        finally:
            self._meter.made(path, seconds=time.monotonic() - began, status=status, cost=_FREE)
        return response

    def _unavailable(self, reason: str) -> Unavailable:
        words = {
            "ConnectError": "cannot be reached",
            "ConnectTimeout": "cannot be reached in time",
            "ReadTimeout": f"did not reply within {self._timeout:g} seconds",
        }
        return Unavailable(
            f"{self._vendor.name} {words.get(reason, f'closed the connection ({reason})')}.",
            "The bot will retry.",
        )

    def _read(self, response: httpx.Response) -> Mapping[str, Any]:
        status = response.status_code
        if status in {_TIMEOUT, _THROTTLED} or status >= _BROKEN:
            what = "is rate limiting requests" if status == _THROTTLED else f"is failing (HTTP {status})"
            wait = self._retry_after(response.headers)
            kind = Throttled if status == _THROTTLED else Unavailable
            raise kind(f"{self._vendor.name} {what}.", "The bot will retry.", retry_after=wait)
        if not response.is_success:
            message, code = _fault(response.text)
            raise RequestRefused(
                f"{self._vendor.name} refused the request (HTTP {status}): {_scrubbed(message)}",
                "If a base URL is set, check it; otherwise look for a newer version of spend.",
                status=status,
                code=code,
            )
        return self._object(response.text)

    def _object(self, text: str) -> Mapping[str, Any]:
        try:
            value = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except (ValueError, ArithmeticError, RecursionError):
            if text.lstrip()[:1] in {"{", ""} and not text.rstrip().endswith("}"):
                raise self._unavailable("half a body") from None
            raise self._strange("sent something that is not JSON") from None
        if not isinstance(value, dict):
            raise self._strange("sent JSON that is not an object")
        return value

    def _denied(self, response: httpx.Response, key: str) -> AccessDenied:
        return self._vendor.denied(response.status_code, key, _fault(response.text)[0])

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        text = headers.get("retry-after", "")
        if re.fullmatch(r"\d{1,6}(?:\.\d+)?", text.strip()):
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - self._clock()).total_seconds())


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The certificates trusted; reading them takes longer than most requests."""
    import httpx

    return httpx.create_ssl_context()


def _by_name(params: Params) -> dict[str, list[str]]:
    names = dict.fromkeys(name.removesuffix("[]") for name, _ in params)
    return {name: [value for key, value in params if key.removesuffix("[]") == name] for name in names}


def _shorter(limit: str | None, refused: RequestRefused) -> str | None:
    """The length of a page to ask for after one was refused for its length; None where it was for something else.

    What vendors allow is documented and changes all the same: the largest smaller number that a refusal names is
    taken, else half.
    """
    words = refused.message.partition("): ")[2].casefold()
    if limit is None or refused.status not in _MALFORMED or _LIMIT not in words:
        return None
    named = [number for number in map(int, re.findall(r"\d{1,9}", words)) if 0 < number < int(limit)]
    return str(max(named, default=int(limit) // 2) or 1)


def _id(entries: Sequence[Any]) -> object:
    """The id of a page's last entry, for lists that do not repeat it."""
    last = entries[-1] if entries else None
    return last.get("id") if isinstance(last, Mapping) else None


def _no_number(name: str) -> None:
    msg = f"{name} is not an amount"
    raise ValueError(msg)


def _fault(text: str) -> tuple[str, str]:
    """The vendor's words and code, from ``{"error": {"message", "code" or "details"}}``."""
    try:
        error = json.loads(text)["error"]
        details = error.get("details") or {}
        return str(error.get("message") or "")[:300], str(details.get("error_code") or error.get("code") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""


def _scrubbed(message: str) -> str:
    return _SECRET.sub("sk-…", message)
