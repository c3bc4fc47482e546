"""Settings classes filled from variables or tables; what is wrong is told by the name people know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

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


def _extra(field: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's FieldInfo
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) and "env" in extra else {}


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
                f"{called(field)} is no setting.", f"There are: {', '.join(sorted(model.model_fields))}."
            ) from None
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise Misconfigured(f"{called(field)}: {reason}.", described or "") from None
