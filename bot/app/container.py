"""Puts the rooms together: the ledger, who answers, what is pulled, who speaks. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bot.app.settings import NOBODY, Settings, Source, declared_sources, load, owner_of_files, sources
from bot.domain.errors import Misconfigured

if TYPE_CHECKING:
    from bot.analytics.budget import Budget
    from bot.analytics.credits import DeclaredCredit
    from bot.answering.service import AnswerService
    from bot.digests.service import Digest
    from bot.domain.business_unit import BusinessUnit
    from bot.domain.owners import Owners
    from bot.ledger import Ledger
    from bot.llm_parser import LlmParser, Model
    from bot.providers import Meter, Provider
    from bot.sync.live_query import LiveQueryService
    from bot.sync.service import Open

Clock = Callable[[], datetime]
Environment = Callable[[], Mapping[str, str]]
"""Reads the environment as it is now; read anew for every sync, so that new keys are taken up."""

_OPENERS = {
    "aws": "bot.providers.aws:Aws",
    "gcp": "bot.providers.gcp:Gcp",
    "openai": "bot.providers.openai:OpenAI",
    "anthropic": "bot.providers.anthropic:Anthropic",
    "warehouse": "bot.providers.warehouse:Warehouse",
    "focus": "bot.app.deliveries:DeliveredFiles",
}


def clock(settings: Settings, *, running: bool = False) -> Clock:
    """The present in UTC; where ``SPEND_NOW`` is set that instant, ``running`` on from there or standing still."""
    start = settings.spend_now
    if start is None:
        return lambda: datetime.now(UTC)
    fixed, began = start.astimezone(UTC), monotonic()
    return lambda: fixed + timedelta(seconds=monotonic() - began if running else 0)


def _toml(path: Path) -> dict[str, Any]:
    import tomllib  # only where there is a file

    try:
        return tomllib.loads(path.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}.", "Correct the line.") from error


class Container:
    """One process's rooms, made when they are first entered."""

    def __init__(self, environment: Environment, *, running: bool = False) -> None:
        self._environment = environment
        self.settings = load(environment())
        self.clock = clock(self.settings, running=running)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of ``LEDGER_URL``."""
        from bot.ledger import Ledger  # what a command does not need is not loaded

        return Ledger.open(self.settings.ledger_url)

    @cached_property
    def answer_service(self) -> AnswerService:
        """Who answers."""
        from bot.answering.service import AnswerService, Defaults
        from bot.language import Customs

        customs = Customs(
            week_start=self.settings.week_start,
            date_order=self.settings.date_order,
            fiscal_month=self.settings.fiscal_year_start,
            country=self.settings.holidays_country,
        )
        defaults = Defaults(
            self.settings.timezone,
            customs,
            self.settings.currency,
            self.budgets,
            self.declared_credits,
            self.units,
            self._unit_names,
            sources=declared_sources(self.settings),
            corrections_days=self.settings.corrections_days,
        )
        return AnswerService(
            self.ledger,
            clock=self.clock,
            defaults=defaults,
            live=lambda: self.live,
            interpreter=self._interpreter(),
            aliases=self._aliases(),
        )

    @property
    def model(self) -> Model | None:
        """The language model, where one is named.

        Raises:
            Misconfigured: its key is not set, or nobody knows its vendor.
        """
        chosen = self.settings
        if not chosen.language_model:
            return None
        from bot.llm_parser import model  # only where one is named

        return model(
            chosen.language_model,
            anthropic=chosen.anthropic_api_key,
            openai=chosen.openai_api_key,
            url=chosen.language_model_url,
            timeout=chosen.language_model_timeout,
        )

    def _interpreter(self) -> LlmParser | None:
        """Who reads with the language model, where one is named."""
        found = self.model
        if found is None:
            return None
        from bot.llm_parser import LlmParser  # only where one is named

        return LlmParser(found, self.ledger.memory, clock=self.clock)

    def _aliases(self) -> Mapping[str, Mapping[str, Sequence[str]]]:
        """The names of ``ALIASES_FILE``.

        Raises:
            Misconfigured: naming the file and what in it cannot be read.
        """
        path = self.settings.aliases_file
        if not path.is_file():
            return {}
        from bot.language.aliases import declared  # only with a file to read

        return declared(_toml(path), str(path))

    def owners(self) -> Owners:
        """The owners of ``OWNERS_FILE``.

        Raises:
            Misconfigured: naming the file and what in it cannot be read.
        """
        from bot.domain.owners import Owners, declared  # only where alerts and reviews are posted

        path = self.settings.owners_file
        return declared(_toml(path), str(path)) if path.is_file() else Owners()

    @cached_property
    def live(self) -> LiveQueryService:
        """Who asks vendors at question time, where somebody allows it."""
        from bot.sync.live_query import LiveQueryService  # few questions need it

        return LiveQueryService(self.sources, self.ledger, now=self.clock, ceiling=self.settings.api_spend_ceiling)

    def digests(self) -> list[Digest]:
        """The digests of the file.

        Raises:
            Misconfigured: naming the file, the digest and the key.
        """
        path = self.settings.digests_file
        if not path.is_file():
            return []
        from bot.digests.service import declared  # only with a file to read

        # What names no workspace goes to that of SLACK_BOT_TOKEN, where there is one.
        owner = "" if self.settings.slack_bot_token else owner_of_files(self.settings).strip(NOBODY)
        found = declared(_toml(path), str(path))
        return [digest if digest.team else digest.model_copy(update={"team": owner}) for digest in found]

    def budgets(self) -> list[Budget]:
        """Those of the file, and those made in Slack.

        Raises:
            Misconfigured: the file names no budgets, or one of them is not clear.
        """
        from bot.analytics.budget import Budget, read_budgets  # only when asked

        made = [Budget.model_validate(fields) for fields in self.ledger.memory.all("budget").values()]
        path = self.settings.budgets_file
        if not path.is_file():
            return made
        currency = self.settings.currency or "USD"
        owner = owner_of_files(self.settings)
        year_start = self.settings.fiscal_year_start or 1
        found = read_budgets(_toml(path), lambda words: self.answer_service.read(words).question, currency, year_start)
        return [*(budget if budget.team else budget.model_copy(update={"team": owner}) for budget in found), *made]

    def units(self) -> Sequence[BusinessUnit]:
        """What the business counts, of ``UNITS_FILE``.

        Raises:
            Misconfigured: naming the file, the unit or row, and what is wrong with it.
        """
        from bot.domain.business_unit import read_units, units_of_csv  # only when asked

        path = self.settings.units_file
        if not path.is_file():
            return ()
        owner = owner_of_files(self.settings)
        if path.suffix.casefold() == ".csv":
            counted = units_of_csv(path.read_text("utf-8", errors="replace"), path.name)
            return [replace(unit, team=owner) for unit in counted]

        def text_of(name: str) -> str:
            return (path.parent / name).read_text("utf-8", errors="replace")

        found = read_units(_toml(path), lambda words: self.answer_service.read(words).question, text_of)
        return [replace(unit, team=unit.team or owner) for unit in found]

    def _unit_names(self, team: str) -> Sequence[str]:
        """What a workspace's units of ``UNITS_FILE`` are called, read without the words of their questions.

        ``""`` is for whoever runs the bot, whose all of them are.
        """
        from bot.domain.business_unit import names  # only with a file to read

        path = self.settings.units_file
        if not path.is_file():
            return ()
        if path.suffix.casefold() == ".csv":
            found = [(unit.name, unit.team) for unit in self.units()]
        else:
            owner = owner_of_files(self.settings)
            found = [(name, mine or owner) for name, mine in names(_toml(path))]
        return [name for name, mine in found if not team or mine in ("", team)]

    def declared_credits(self) -> Sequence[DeclaredCredit]:
        """The credits of ``sources.toml``.

        Raises:
            Misconfigured: naming the file, the credit and what is wrong with it.
        """
        from bot.analytics.credits import read_declared_credits  # only when asked

        path = self.settings.sources_file
        tables = _toml(path).get("credit", []) if path.is_file() else []
        return read_declared_credits(tables, str(path), self.settings.currency or "USD")

    def filled_ledger(self) -> Ledger:
        """The ledger, if it holds anything.

        Raises:
            Misconfigured: nothing has been imported or synced yet.
        """
        if not self.ledger.feeds():
            raise Misconfigured(
                f"The ledger {self.ledger.name} is empty, so there is nothing to answer from.",
                "Import a bill (spend import FILE.csv), or set PROVIDERS (for example PROVIDERS=aws) with that"
                " provider's key and run: spend sync. To look around first: spend demo.",
            )
        return self.ledger

    def sources(self, names: Sequence[str] = ()) -> dict[str, Open]:
        """What opens each source, with the credentials of the moment it is opened; only those named, if any are.

        Raises:
            Misconfigured: there is none, or none of that name.
        """
        known = {source.name: source for source in sources(self.settings, self._environment())}
        if not known:
            raise Misconfigured(
                "No provider is enabled: PROVIDERS is not set.",
                "Set PROVIDERS=aws,gcp,openai,anthropic (those you use) in .env, with their keys; see .env.example.",
            )
        for name in names:
            if name not in known:
                raise Misconfigured(f"There is no source {name!r}.", f"Available: {', '.join(known)}.")
        return {name: self._opener(name) for name in names or known}

    def _opener(self, name: str) -> Open:
        return lambda meter: self._open(name, meter)

    def _open(self, name: str, meter: Meter) -> Provider:
        found = next(source for source in sources(self.settings, self._environment()) if source.name == name)
        return self._provider(found, meter)

    def _provider(self, source: Source, meter: Meter) -> Provider:
        module, _, kind = _OPENERS[source.provider].partition(":")
        opened: Provider = getattr(import_module(module), kind)(
            source.fill(), meter=meter, clock=self.clock, source=source.name
        )
        return opened
