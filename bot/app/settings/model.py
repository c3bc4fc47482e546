"""The bot's own settings, each with a sentence, and how each is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_FEWEST_LETTERS = 3
""""ma" is March or May."""


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"{value!r} is not a time zone; use one like Europe/Berlin"
        raise ValueError(msg) from None


def _usd(value: object) -> Decimal:
    found = re.fullmatch(r"\s*\$?\s*([0-9.]+)\s*(?:USD)?\s*", str(value), re.IGNORECASE)
    try:
        return Decimal(found[1] if found else "")
    except InvalidOperation:
        msg = f"{value!r} is not an amount; use one like 10 USD"
        raise ValueError(msg) from None


def _weekday(value: object) -> int:
    name = str(value).strip().casefold()
    for number, weekday in enumerate(WEEKDAYS):
        if len(name) > 1 and weekday.startswith(name):
            return number
    msg = f"{value!r} is not a day of the week; use monday or sunday"
    raise ValueError(msg)


def _month(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    text = str(value).strip().casefold()
    if text.isdecimal() and 1 <= int(text) <= len(MONTHS):
        return int(text)
    for number, name in enumerate(MONTHS, 1):
        if len(text) >= _FEWEST_LETTERS and name.startswith(text):
            return number
    msg = f"{value!r} is not a month; use april or 4"
    raise ValueError(msg)


def _instant(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        msg = f"{value!r} is not a date and time; use one like 2026-11-22T09:00:00Z"
        raise ValueError(msg) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return tuple(name.strip().casefold() for name in str(value).split(",") if name.strip())


def _ids(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    found = tuple(name.strip() for name in str(value).split(",") if name.strip())
    for name in found:
        if not re.fullmatch("[UW][A-Z0-9]{2,}", name):
            msg = f"{name!r} is not a member ID; copy it from the Slack profile, like U012AB3CD"
            raise ValueError(msg)
    return found


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    if isinstance(value, tuple):
        return value
    try:
        return tuple(ip_network(network.strip()) for network in str(value).split(",") if network.strip())
    except ValueError as error:
        msg = f"{error}; use addresses or networks like 10.0.0.7, 10.1.0.0/16"
        raise ValueError(msg) from None


_LEAST_DETAIL = 14


def _detailed(value: object) -> object:
    """Forecasts and anomalies read fourteen months day by day."""
    if str(value).strip().isdigit() and 0 < int(str(value)) < _LEAST_DETAIL:
        raise ValueError(f"must be 0, or at least {_LEAST_DETAIL}")
    return value


def _env(name: str) -> dict[str, Any]:
    return {"env": name}


class Settings(BaseModel):
    """The bot's own settings. Unset variables have the defaults shown."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    ledger_url: str = Field(
        default="sqlite:///spend.db",
        description="Location of the ledger: `sqlite:///spend.db` beside the bot, or `postgresql://…` for replicas.",
        json_schema_extra=_env("LEDGER_URL"),
    )
    providers: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        description="Providers to sync, comma-separated: aws, gcp, openai, anthropic.",
        json_schema_extra=_env("PROVIDERS"),
    )
    sources_file: Path = Field(
        default=Path("sources.toml"),
        description="A file with several payers or organizations of one provider, each with its own name.",
        json_schema_extra=_env("SOURCES_FILE"),
    )
    slack_bot_token: SecretStr | None = Field(
        default=None,
        description="The bot's token, `xoxb-…`: OAuth & Permissions of your Slack app.",
        json_schema_extra=_env("SLACK_BOT_TOKEN"),
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        description="App-level token, `xapp-…`: turns on Socket Mode, which needs no public address.",
        json_schema_extra=_env("SLACK_APP_TOKEN"),
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        description="Verifies that requests come from Slack; required without Socket Mode.",
        json_schema_extra=_env("SLACK_SIGNING_SECRET"),
    )
    slack_client_id: str = Field(
        default="",
        description="For installing into several workspaces.",
        json_schema_extra=_env("SLACK_CLIENT_ID"),
    )
    slack_client_secret: SecretStr | None = Field(
        default=None,
        description="For installing into several workspaces.",
        json_schema_extra=_env("SLACK_CLIENT_SECRET"),
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        description="Base URL of the Slack Web API (tests, the demo, a proxy).",
        json_schema_extra=_env("SLACK_API_URL"),
    )
    slash_command: str = Field(
        default="/spend",
        pattern="^/[a-z0-9_-]{1,31}$",
        description="The slash command, if another app already uses /spend.",
        json_schema_extra=_env("SLASH_COMMAND"),
    )
    agent_view: bool = Field(
        default=False,
        description="Slack's agent experience; guests can't use the app then, and every DM becomes a thread.",
        json_schema_extra=_env("AGENT_VIEW"),
    )
    admins: Annotated[tuple[str, ...], BeforeValidator(_ids)] = Field(
        default=(),
        description="Member IDs of people who administer the bot, besides workspace admins, comma-separated.",
        json_schema_extra=_env("SPEND_ADMINS"),
    )
    audit_days: int = Field(
        default=365,
        ge=1,
        description="How many days to keep the audit log and the history of digests and alerts.",
        json_schema_extra=_env("AUDIT_DAYS"),
    )
    corrections_days: int = Field(
        default=180,
        ge=0,
        description="How many days to keep questions that were refused or reported, without amounts; 0 keeps none.",
        json_schema_extra=_env("CORRECTIONS_DAYS"),
    )
    detail_months: Annotated[int, BeforeValidator(_detailed)] = Field(
        default=0,
        ge=0,
        description="How many whole months to keep day by day (at least 14); older ones are kept by the month, with"
        " the same totals. 0 keeps all days.",
        json_schema_extra=_env("DETAIL_MONTHS"),
    )
    keep_months: int = Field(
        default=0,
        ge=0,
        description="How many whole months of charges to keep; 0 keeps everything.",
        json_schema_extra=_env("KEEP_MONTHS"),
    )
    host: str = Field(
        default="0.0.0.0",  # noqa: S104 - a server in a container listens on all interfaces
        description="Address that HTTP mode listens on.",
        json_schema_extra=_env("HOST"),
    )
    port: int = Field(
        default=3000,
        ge=0,
        le=65535,
        description="The port of HTTP mode, health and metrics.",
        json_schema_extra=_env("PORT"),
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        description="Token for reading /metrics from anywhere (`Authorization: Bearer …`).",
        json_schema_extra=_env("METRICS_TOKEN"),
    )
    metrics_from: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)] = Field(
        default="127.0.0.0/8,::1",
        validate_default=True,
        description="Addresses or networks that may read /metrics without a token, comma-separated.",
        json_schema_extra=_env("METRICS_FROM"),
    )
    mcp_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Port for MCP clients over HTTP, at `/mcp`; off unless set (needs `spend[mcp]`).",
        json_schema_extra=_env("MCP_PORT"),
    )
    mcp_host: str = Field(
        default="127.0.0.1",
        description="Address that MCP listens on; put a reverse proxy with TLS in front of it.",
        json_schema_extra=_env("MCP_HOST"),
    )
    mcp_url: str = Field(
        default="",
        description="The URL that MCP clients use, like `https://spend.example.com`; other hosts are refused.",
        json_schema_extra=_env("MCP_URL"),
    )
    mcp_slack: bool = Field(
        default=False,
        description="Answers Slack's own agent at `/slack/mcp`, with requests signed by Slack; see docs/mcp.md.",
        json_schema_extra=_env("MCP_SLACK"),
    )
    encryption_key: SecretStr | None = Field(
        default=None,
        description="Encrypts installation tokens in the ledger's database (a Fernet key).",
        json_schema_extra=_env("SPEND_ENCRYPTION_KEY"),
    )
    api_spend_ceiling: Annotated[Decimal, BeforeValidator(_usd)] = Field(
        default=Decimal(10),
        ge=0,
        description="The most the bot may spend on paid requests per month; at the ceiling it stops and says so.",
        json_schema_extra=_env("API_SPEND_CEILING"),
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        default=ZoneInfo("UTC"),
        description="Time zone of people and digests that have not set one.",
        json_schema_extra=_env("TIMEZONE"),
    )
    currency: str | None = Field(
        default=None,
        pattern="^[A-Z]{3}$",
        description="Amounts are also given in this currency (EUR, …) at each day's ECB rate.",
        json_schema_extra=_env("CURRENCY"),
    )
    week_start: Annotated[int, BeforeValidator(_weekday)] = Field(
        default="monday",
        validate_default=True,
        description="The day weeks start on.",
        json_schema_extra=_env("WEEK_START"),
    )
    date_order: Literal["MDY", "DMY", "YMD"] = Field(
        default="MDY",
        description="How 11/03 is read: MDY is 3 November, DMY is 11 March.",
        json_schema_extra=_env("DATE_ORDER"),
    )
    fiscal_year_start: Annotated[int | None, BeforeValidator(_month)] = Field(
        default=None,
        description="The month fiscal years begin in (april), FY26 being the one that ends in 2026; refused if unset.",
        json_schema_extra=_env("FISCAL_YEAR_START"),
    )
    holidays_country: str = Field(
        default="",
        pattern="^([A-Z]{2})?$",
        description="Whose public holidays questions may name (US, DE, IN): the ISO code of a country.",
        json_schema_extra=_env("HOLIDAYS_COUNTRY"),
    )
    digests_file: Path = Field(
        default=Path("digests.toml"),
        description="File with digests, in addition to those created in Slack.",
        json_schema_extra=_env("DIGESTS_FILE"),
    )
    budgets_file: Path = Field(
        default=Path("budgets.toml"),
        description="File with budgets, in addition to those created in Slack.",
        json_schema_extra=_env("BUDGETS_FILE"),
    )
    units_file: Path = Field(
        default=Path("units.toml"),
        description="File with business units by day (orders, customers), for unit costs: `.toml` or `.csv`.",
        json_schema_extra=_env("UNITS_FILE"),
    )
    aliases_file: Path = Field(
        default=Path("aliases.toml"),
        description="Your own names for services, accounts and tags, in addition to the built-in ones.",
        json_schema_extra=_env("ALIASES_FILE"),
    )
    owners_file: Path = Field(
        default=Path("owners.toml"),
        description="Whom alerts and reviews mention: owners of tag values, accounts and projects.",
        json_schema_extra=_env("OWNERS_FILE"),
    )
    language_model: str = Field(
        default="",
        description="A language model (claude-…, gpt-…) that reads sentences the grammar can't; off unless set. It"
        " receives those sentences and names in the ledger, never an amount.",
        json_schema_extra=_env("LANGUAGE_MODEL"),
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None,
        description="API key for an Anthropic language model; not an admin key.",
        json_schema_extra=_env("ANTHROPIC_API_KEY"),
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        description="API key for an OpenAI language model; not an admin key.",
        json_schema_extra=_env("OPENAI_API_KEY"),
    )
    language_model_url: str = Field(
        default="",
        description="Base URL for the language model's API: a gateway, proxy or simulator.",
        json_schema_extra=_env("LANGUAGE_MODEL_URL"),
    )
    language_model_timeout: float = Field(
        default=10,
        gt=0,
        le=60,
        description="Timeout of the language model, in seconds.",
        json_schema_extra=_env("LANGUAGE_MODEL_TIMEOUT"),
    )
    spend_now: Annotated[datetime | None, BeforeValidator(_instant)] = Field(
        default=None,
        description="The time that every command treats as now (tests, replays, the demo).",
        json_schema_extra=_env("SPEND_NOW"),
    )
    otel_endpoint: str = Field(
        default="",
        description="Traces go to this OpenTelemetry collector, without names or amounts; needs its extra.",
        json_schema_extra=_env("OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto",
        description="Logs as JSON lines or text; auto is text on a terminal.",
        json_schema_extra=_env("LOG_FORMAT"),
    )
