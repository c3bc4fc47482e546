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


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"{value!r} is no timezone; write one like Europe/Berlin"
        raise ValueError(msg) from None


def _usd(value: object) -> Decimal:
    found = re.fullmatch(r"\s*\$?\s*([0-9.]+)\s*(?:USD)?\s*", str(value), re.IGNORECASE)
    try:
        return Decimal(found[1] if found else "")
    except InvalidOperation:
        msg = f"{value!r} is no amount; write one like 10 USD"
        raise ValueError(msg) from None


def _weekday(value: object) -> int:
    name = str(value).strip().casefold()
    for number, weekday in enumerate(WEEKDAYS):
        if len(name) > 1 and weekday.startswith(name):
            return number
    msg = f"{value!r} is no day of the week; write monday or sunday"
    raise ValueError(msg)


def _month(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    text = str(value).strip().casefold()
    if text.isdecimal() and 1 <= int(text) <= len(MONTHS):
        return int(text)
    for number, name in enumerate(MONTHS, 1):
        if len(text) > 2 and name.startswith(text):  # noqa: PLR2004 - "ma" is March or May
            return number
    msg = f"{value!r} is no month; write april, or 4"
    raise ValueError(msg)


def _instant(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        msg = f"{value!r} is no instant; write one like 2026-11-22T09:00:00Z"
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
            msg = f"{name!r} is no member id; copy it from the profile in Slack, it looks like U012AB3CD"
            raise ValueError(msg)
    return found


def _networks(value: object) -> tuple[IPv4Network | IPv6Network, ...]:
    if isinstance(value, tuple):
        return value
    try:
        return tuple(ip_network(network.strip()) for network in str(value).split(",") if network.strip())
    except ValueError as error:
        msg = f"{error}; write addresses or networks like 10.0.0.7, 10.1.0.0/16"
        raise ValueError(msg) from None


def _env(name: str) -> dict[str, Any]:
    return {"env": name}


class Settings(BaseModel):
    """The bot's own settings. Unset variables have the defaults shown."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    ledger_url: str = Field(
        default="sqlite:///spend.db",
        description="Where the ledger is: `sqlite:///spend.db` beside the bot, or `postgresql://…` for replicas.",
        json_schema_extra=_env("LEDGER_URL"),
    )
    providers: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        description="Which providers to pull, comma-separated: aws, gcp, openai, anthropic.",
        json_schema_extra=_env("PROVIDERS"),
    )
    sources_file: Path = Field(
        default=Path("sources.toml"),
        description="Several payers or organisations of one provider, each with a name of its own.",
        json_schema_extra=_env("SOURCES_FILE"),
    )
    slack_bot_token: SecretStr | None = Field(
        default=None,
        description="The bot's token, `xoxb-…`: OAuth & Permissions of your Slack app.",
        json_schema_extra=_env("SLACK_BOT_TOKEN"),
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        description="App-level token, `xapp-…`: switches Socket Mode on, so that no public address is needed.",
        json_schema_extra=_env("SLACK_APP_TOKEN"),
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        description="Proves that requests come from Slack; needed without Socket Mode.",
        json_schema_extra=_env("SLACK_SIGNING_SECRET"),
    )
    slack_client_id: str = Field(
        default="",
        description="For installs into many workspaces.",
        json_schema_extra=_env("SLACK_CLIENT_ID"),
    )
    slack_client_secret: SecretStr | None = Field(
        default=None,
        description="For installs into many workspaces.",
        json_schema_extra=_env("SLACK_CLIENT_SECRET"),
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/",
        description="Another Slack Web API base (tests, the demo, a proxy).",
        json_schema_extra=_env("SLACK_API_URL"),
    )
    slash_command: str = Field(
        default="/spend",
        pattern="^/[a-z0-9_-]{1,31}$",
        description="The slash command, where another app already has /spend.",
        json_schema_extra=_env("SLASH_COMMAND"),
    )
    agent_view: bool = Field(
        default=False,
        description="Slack's agent surface; guests cannot use the app then, and every DM becomes a thread.",
        json_schema_extra=_env("AGENT_VIEW"),
    )
    admins: Annotated[tuple[str, ...], BeforeValidator(_ids)] = Field(
        default=(),
        description="Member ids of people who administer the bot beside the workspace's own admins, comma-separated.",
        json_schema_extra=_env("SPEND_ADMINS"),
    )
    audit_days: int = Field(
        default=365,
        ge=1,
        description="How many days the audit log, and what became of digests and alerts, are kept.",
        json_schema_extra=_env("AUDIT_DAYS"),
    )
    corrections_days: int = Field(
        default=180,
        ge=0,
        description="How many days sentences that were refused or reported are kept, without amounts; 0 keeps none.",
        json_schema_extra=_env("CORRECTIONS_DAYS"),
    )
    keep_months: int = Field(
        default=0,
        ge=0,
        description="How many whole months of charges the ledger keeps; 0 keeps everything.",
        json_schema_extra=_env("KEEP_MONTHS"),
    )
    host: str = Field(
        default="0.0.0.0",  # noqa: S104 - a server in a container listens on all interfaces
        description="Where HTTP mode listens.",
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
        description="Whoever reads /metrics bears this token (`Authorization: Bearer …`), from wherever.",
        json_schema_extra=_env("METRICS_TOKEN"),
    )
    metrics_from: Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)] = Field(
        default="127.0.0.0/8,::1",
        validate_default=True,
        description="Without a token: the addresses or networks that may read /metrics, comma-separated.",
        json_schema_extra=_env("METRICS_FROM"),
    )
    mcp_port: int | None = Field(
        default=None,
        ge=0,
        le=65535,
        description="Answers MCP clients over HTTP on this port, at `/mcp`; off unless set (needs `spend[mcp]`).",
        json_schema_extra=_env("MCP_PORT"),
    )
    mcp_host: str = Field(
        default="127.0.0.1",
        description="Where MCP listens; a reverse proxy in front of it speaks TLS.",
        json_schema_extra=_env("MCP_HOST"),
    )
    mcp_url: str = Field(
        default="",
        description="The address MCP clients use, `https://spend.example.com`; other host names are refused.",
        json_schema_extra=_env("MCP_URL"),
    )
    mcp_slack: bool = Field(
        default=False,
        description="Answers Slack's own agent at `/slack/mcp`, signed by Slack; see the manifest's comment.",
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
        description="What the bot itself may spend a month on paid requests; there it stops asking and says so.",
        json_schema_extra=_env("API_SPEND_CEILING"),
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        default=ZoneInfo("UTC"),
        description="The timezone of people and digests that have set none.",
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
        description="Digests declared in a file, beside those made in Slack.",
        json_schema_extra=_env("DIGESTS_FILE"),
    )
    budgets_file: Path = Field(
        default=Path("budgets.toml"),
        description="Budgets declared in a file, beside those made in Slack.",
        json_schema_extra=_env("BUDGETS_FILE"),
    )
    units_file: Path = Field(
        default=Path("units.toml"),
        description="What the business counts (orders, customers) by day, for costs per order: `.toml`, or a `.csv`.",
        json_schema_extra=_env("UNITS_FILE"),
    )
    aliases_file: Path = Field(
        default=Path("aliases.toml"),
        description="Names your people say for services, accounts and tags, beside those that ship.",
        json_schema_extra=_env("ALIASES_FILE"),
    )
    language_model: str = Field(
        default="",
        description="A model (claude-…, gpt-…) that turns sentences the grammar cannot read into questions; off unless"
        " named. It is sent those sentences and the names in the ledger, never an amount.",
        json_schema_extra=_env("LANGUAGE_MODEL"),
    )
    anthropic_api_key: SecretStr | None = Field(
        default=None,
        description="The key for a language model of Anthropic; no admin key.",
        json_schema_extra=_env("ANTHROPIC_API_KEY"),
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        description="The key for a language model of OpenAI; no admin key.",
        json_schema_extra=_env("OPENAI_API_KEY"),
    )
    language_model_url: str = Field(
        default="",
        description="Another base for the language model's API: a gateway, a proxy, a simulator.",
        json_schema_extra=_env("LANGUAGE_MODEL_URL"),
    )
    language_model_timeout: float = Field(
        default=10,
        gt=0,
        le=60,
        description="How many seconds a language model may take.",
        json_schema_extra=_env("LANGUAGE_MODEL_TIMEOUT"),
    )
    spend_now: Annotated[datetime | None, BeforeValidator(_instant)] = Field(
        default=None,
        description="An instant that every command takes for the present (tests, replays, the demo).",
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
