"""Settings classes filled from variables or tables, and secrets from files; what is wrong is named as people know it.

``SLACK_BOT_TOKEN_FILE=/run/secrets/slack`` stands for ``SLACK_BOT_TOKEN``: Docker and Kubernetes mount secrets as
files, and systemd's ``LoadCredential=`` puts them under ``%d``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bot.app.settings.model import Settings
from bot.domain.errors import Misconfigured

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
