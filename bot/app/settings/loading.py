"""What variables and ``sources.toml`` say: the bot's settings, and which payers and organisations are pulled.

What is wrong is named as people know it.

``SLACK_BOT_TOKEN_FILE=/run/secrets/slack`` stands for ``SLACK_BOT_TOKEN``: Docker and Kubernetes mount secrets as
files, and systemd's ``LoadCredential=`` puts them under ``%d``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.app.settings.model import Settings
from bot.domain.errors import Misconfigured
from bot.domain.feed import PROVIDER_NAMES
from bot.domain.scope import EVERYTHING, Scope

_Model = TypeVar("_Model", bound=BaseModel)


def variables(model: type[BaseModel]) -> dict[str, tuple[str, Any]]:
    """Each variable of a settings class: what it is for, and its default."""
    found: dict[str, tuple[str, Any]] = {}
    for field in model.model_fields.values():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "env" in extra:
            default = "" if field.is_required() or field.default is None else field.default
            found[str(extra["env"])] = (field.description or "", default)
    return found


def filled(model: type[_Model], environment: Mapping[str, str]) -> _Model:
    """The class filled from the environment.

    Raises:
        Misconfigured: naming the variable and what is wrong with it.
    """
    names = {str(extra["env"]): field for field, info in model.model_fields.items() if (extra := _extra(info))}
    values = {field: environment[name] for name, field in names.items() if environment.get(name, "").strip()}
    by_field = {field: name for name, field in names.items()}
    return valid(model, values, lambda field: by_field.get(field, field))


def _extra(field: FieldInfo) -> dict[str, object]:
    extra = field.json_schema_extra
    return {**extra} if isinstance(extra, dict) and "env" in extra else {}


def valid(model: type[_Model], values: Mapping[str, object], called: Callable[[str], str]) -> _Model:
    """The class filled with values by field; ``called`` is what people call a field.

    Raises:
        Misconfigured: naming the field and what is wrong with it.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "a setting"
        described = model.model_fields[field].description if field in model.model_fields else ""
        if first["type"] == "missing":
            raise Misconfigured(f"{called(field)} is not set.", described or "") from None
        if first["type"] == "extra_forbidden":
            raise Misconfigured(
                f"{called(field)} is not a setting.", f"Available: {', '.join(sorted(model.model_fields))}."
            ) from None
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise Misconfigured(f"{called(field)}: {reason}.", described or "") from None


_SECRET = re.compile(r"(?!AWS_WEB_IDENTITY_)(\w+_(?:TOKEN|SECRET|KEY)|LEDGER_URL)_FILE", re.ASCII)
"""Variables that name a secret's file; the token file of a web identity is one that AWS's own library reads."""
_MAX_BYTES = 64 * 1024


def secrets_from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Each secret that a ``…_FILE`` variable names, by its own variable; one that is set itself wins.

    Raises:
        Misconfigured: a file cannot be read, or holds nothing.
    """
    found = {}
    for variable, path in environment.items():
        match = _SECRET.fullmatch(variable)
        if match and path.strip() and not environment.get(match[1], "").strip():
            found[match[1]] = _read(variable, Path(path.strip()))
    return found


def _read(variable: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise Misconfigured(
            f"{variable}: {path} cannot be read: {reason}.", "Check the path and that the bot's user may read it."
        ) from None
    if not text:
        raise Misconfigured(f"{variable}: {path} is empty.", "Write the secret into it.")
    return text


def load(environment: Mapping[str, str]) -> Settings:
    """The bot's settings.

    Raises:
        Misconfigured: naming the variable and what is wrong with it.
    """
    return filled(Settings, environment)


PROVIDERS: Mapping[str, str] = {
    "aws": "bot.providers.aws:AwsSettings",
    "gcp": "bot.providers.gcp:GcpSettings",
    "openai": "bot.providers.openai:OpenAISettings",
    "anthropic": "bot.providers.anthropic:AnthropicSettings",
}
"""Where each provider's settings stand; loaded only when the provider is on."""
_OF_FILES: Mapping[str, str] = {
    "warehouse": "bot.providers.warehouse:WarehouseSettings",
    "focus": "bot.providers.focus.settings:FocusSettings",
}
"""Providers that only ``sources.toml`` can declare."""


@dataclass(frozen=True)
class Source:
    """One payer or organisation to pull from."""

    name: str
    provider: str
    fill: Callable[[], BaseModel]
    """Its settings as they are now, credentials included.

    Raises:
        Misconfigured: naming the variable, or the file and the key; the other sources are none the worse.
    """


def provider_settings(provider: str) -> type[BaseModel]:
    """The settings class of a provider.

    Raises:
        Misconfigured: there is no such provider.
    """
    known = {**PROVIDERS, **_OF_FILES}
    if provider not in known:
        raise Misconfigured(
            f"PROVIDERS names {provider!r}, which is not a provider.",
            f"Available: {', '.join(known)}.",
        )
    module, _, name = known[provider].partition(":")
    found: type[BaseModel] = getattr(import_module(module), name)
    return found


def sources(settings: Settings, environment: Mapping[str, str]) -> list[Source]:
    """Every payer and organisation to pull from: those of the environment, and those of ``sources.toml``.

    Raises:
        Misconfigured: PROVIDERS or the file does not say which there are.
    """
    declared = list(_declared(settings.sources_file, environment))
    names = [source.name for source in declared]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Misconfigured(
            f"{settings.sources_file} has two sources named {twice!r}.", 'Give each a different name: name = "…".'
        )
    if only := next((name for name in settings.providers if name in _OF_FILES and name not in names), None):
        raise Misconfigured(
            f"PROVIDERS names {only!r}, which needs settings.", f"Declare it in {settings.sources_file}."
        )
    own = [Source(name, name, _own(name, environment)) for name in settings.providers if name not in names]
    return [*own, *declared]


def declared_sources(settings: Settings) -> dict[str, str]:
    """What each source that is pulled calls its provider in the ledger, by the source's name; loads no provider.

    Raises:
        Misconfigured: the file cannot be read.
    """
    found = {name: name for name in settings.providers}
    for table in _tables(settings.sources_file, "source"):
        provider = str(table.get("provider", ""))
        if provider == "focus":
            continue  # the files say whose charges they are
        found[str(table.get("name", provider))] = provider
    return {name: PROVIDER_NAMES.get(provider, provider) for name, provider in found.items()}


def _own(provider: str, environment: Mapping[str, str]) -> Callable[[], BaseModel]:
    model = provider_settings(provider)
    return lambda: filled(model, environment)


def workspaces(settings: Settings) -> dict[str, Scope]:
    """What each workspace may see (``[[workspace]]`` in ``sources.toml``), where the app is installed into several.

    Raises:
        Misconfigured: naming the file and the workspace.
    """
    found = {}
    for number, table in enumerate(_tables(settings.sources_file, "workspace"), start=1):
        team, named = str(table.get("team", "")), table.get("sources")
        if (
            not re.fullmatch("[TE][A-Z0-9]{2,}", team)
            or not isinstance(named, list)
            or set(table) - {"team", "sources"}
        ):
            raise Misconfigured(
                f"{settings.sources_file}, workspace {number}: it is not valid.",
                'Write team = "T012AB3CD" and sources = ["aws"], or sources = ["*"] for all of them.',
            )
        found[team] = EVERYTHING if "*" in named else Scope(sources=tuple(map(str, named)))
    return found


NOBODY = "-"
"""Stands for the workspace of what a file declares for none, where there are several: nobody sees it in Slack."""


def installs_into_many(settings: Settings) -> bool:
    """Whether the app is installed into workspaces by OAuth, rather than into the one of its token."""
    return bool(settings.slack_client_id and settings.slack_client_secret)


def owner_of_files(settings: Settings) -> str:
    """The workspace of what a file declares without naming one: ``""`` where there is one workspace only.

    Of several it is the only one given any sources, else the only one given all of them; else it is ``NOBODY``.

    Raises:
        Misconfigured: ``sources.toml`` does not say clearly what each workspace may see.
    """
    if not installs_into_many(settings):
        return ""
    known = workspaces(settings)
    whole = [team for team, scope in known.items() if scope == EVERYTHING]
    candidates = list(known) if len(known) == 1 else whole
    return candidates[0] if len(candidates) == 1 else NOBODY


def _tables(path: Path, name: str) -> list[dict[str, object]]:
    if not path.is_file():
        return []
    import tomllib  # only where there is a file

    try:
        found: list[dict[str, Any]] = tomllib.loads(path.read_text()).get(name, [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}.", "Correct the line.") from error
    return found


def _declared(path: Path, environment: Mapping[str, str]) -> Iterator[Source]:
    for number, table in enumerate(_tables(path, "source"), start=1):
        rest = dict(table)
        provider = str(rest.pop("provider", ""))
        name = str(rest.pop("name", provider))
        if not provider:
            raise Misconfigured(
                f"{path}, source {number}: it has no provider.", 'Add a provider, like provider = "aws".'
            )
        fill = partial(_from_table, path, name, provider_settings(provider), rest, environment)
        yield Source(name, provider, fill)


def _from_table(
    path: Path, name: str, model: type[BaseModel], table: Mapping[str, object], environment: Mapping[str, str]
) -> BaseModel:
    values = {key: _looked_up(path, name, key, value, environment) for key, value in table.items()}
    return valid(model, values, f"{path}, source {name!r}: {{}}".format)


def _looked_up(path: Path, name: str, key: str, value: object, environment: Mapping[str, str]) -> object:
    """``env:NAME`` is the variable's value: secrets do not stand in files."""
    if not isinstance(value, str) or not value.startswith("env:"):
        return value
    variable = value.removeprefix("env:")
    if variable not in environment:
        raise Misconfigured(f"{path}, source {name!r}: {key} uses {variable}, which is not set.", f"Set {variable}.")
    return environment[variable]
