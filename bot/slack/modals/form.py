"""Forms as values: a modal's fields, each of which knows how it is drawn and how what was entered in it is read.

A field's ``name`` is the id of its block and the name of its value. ``read`` raises a ValueError whose text is the
sentence shown below the field.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bot.blockkit.build import Block, input_block, modal, option, paragraph, plain, select, small
from bot.digests.holidays import countries
from bot.domain.money import plain as digits
from bot.domain.question import Filter
from bot.slack.modals import choices
from bot.slack.modals.fields import Entered, FieldError, State
from bot.slack.workspace_memory import WorkspaceMemory

Values = Mapping[str, object]
"""What stands in a form's fields, by their names."""
_MAX_PERCENT = 1000


@dataclass(frozen=True, kw_only=True)
class FormField(ABC):
    """One field of a form."""

    name: str
    label: str
    hint: str = ""
    required: bool = False

    @abstractmethod
    def element(self, value: object) -> Block:
        """The input element with a value in it; a value of None or ``""`` leaves it empty."""

    @abstractmethod
    def read(self, entered: Entered) -> object:
        """What was entered.

        Raises:
            ValueError: it cannot be; the text says why, in a sentence.
        """

    def block(self, values: Values) -> Block:
        """The field with its label and hint."""
        element = self.element(values.get(self.name))
        return input_block(self.name, self.label, element, optional=not self.required, hint=self.hint)


@dataclass(frozen=True, kw_only=True)
class TextField(FormField):
    """Words in one line, or in several."""

    max_length: int = 60
    multiline: bool = False
    placeholder: str = ""

    def element(self, value: object) -> Block:
        """A text input."""
        return {
            "type": "plain_text_input",
            "multiline": self.multiline,
            "max_length": self.max_length,
            **({"placeholder": plain(self.placeholder, 150)} if self.placeholder else {}),
            **({"initial_value": str(value)} if value else {}),
        }

    def read(self, entered: Entered) -> str:
        """The text."""
        return entered.text(self.name)


@dataclass(frozen=True, kw_only=True)
class LinesField(TextField):
    """Texts, one a line."""

    max_length: int = 1000
    multiline: bool = True

    def element(self, value: object) -> Block:
        """A text input of several lines."""
        return super().element("\n".join(map(str, value)) if isinstance(value, Sequence) else "")

    def read(self, entered: Entered) -> tuple[str, ...]:  # type: ignore[override]  # what a field holds is its own
        """The lines that are not empty."""
        return tuple(filter(None, map(str.strip, entered.text(self.name).splitlines())))


@dataclass(frozen=True, kw_only=True)
class NumberField(FormField):
    """A number as people write it, like ``1,000`` or ``20%``."""

    default: Decimal = Decimal(0)

    def element(self, value: object) -> Block:
        """A text input: Slack's own for numbers takes no thousands separators."""
        text = f"{digits(value)}" if isinstance(value, Decimal) else str(value or "")
        return {"type": "plain_text_input", "max_length": 30, **({"initial_value": text} if text else {})}

    def read(self, entered: Entered) -> Decimal:
        """The number; the default where nothing was entered."""
        text = entered.text(self.name).strip("$€£% ").replace(",", "")
        try:
            number = Decimal(text) if text else self.default
        except InvalidOperation:
            raise ValueError("Enter a number, like 1,000.") from None
        if not number.is_finite() or number < 0:
            raise ValueError("Enter a number, like 1,000.")
        return number


@dataclass(frozen=True, kw_only=True)
class Percentages(FormField):
    """Several percentages with commas between, held as parts of one: 80% is 0.8."""

    def element(self, value: object) -> Block:
        """A text input."""
        parts = value if isinstance(value, Sequence) else ()
        text = ", ".join(digits(Decimal(part) * 100) for part in parts)
        return {"type": "plain_text_input", "max_length": 60, **({"initial_value": text} if text else {})}

    def read(self, entered: Entered) -> tuple[Decimal, ...]:
        """The parts."""
        texts = [text.strip().rstrip("% ") for text in entered.text(self.name).split(",")]
        try:
            numbers = [Decimal(text) for text in texts if text]
        except InvalidOperation:
            numbers = [Decimal(0)]
        if not all(0 < number <= _MAX_PERCENT for number in numbers):
            raise ValueError("Enter percentages separated by commas, like 50, 80, 100.")
        return tuple(number / 100 for number in numbers)


@dataclass(frozen=True, kw_only=True)
class Choice(FormField):
    """One of a few (value, text)."""

    options: Sequence[tuple[str, str]]

    def element(self, value: object) -> Block:
        """A menu; a value that it does not offer is offered under its own name."""
        chosen = str(value or "")
        known = [value for value, _ in self.options]
        extra = [(chosen, chosen)] if chosen and chosen not in known else []
        return select([*self.options, *extra], chosen)

    def read(self, entered: Entered) -> str:
        """The chosen value, or ``""``."""
        return entered.option(self.name)


@dataclass(frozen=True, kw_only=True)
class Checkboxes(FormField):
    """Any of a few (value, text)."""

    options: Sequence[tuple[str, str]]

    def element(self, value: object) -> Block:
        """Checkboxes with those of the value checked."""
        boxes = [option(text, name) for name, text in self.options]
        chosen = value if isinstance(value, Iterable) else ()
        checked = [box for box in boxes if box["value"] in set(chosen)]
        return {"type": "checkboxes", "options": boxes, **({"initial_options": checked} if checked else {})}

    def read(self, entered: Entered) -> tuple[str, ...]:
        """The values that are checked."""
        return tuple(entered.options(self.name))


@dataclass(frozen=True, kw_only=True)
class Toggle(FormField):
    """Yes or no: one checkbox with a text of its own."""

    text: str

    def element(self, value: object) -> Block:
        """The checkbox."""
        box = option(self.text, "yes")
        return {"type": "checkboxes", "options": [box], **({"initial_options": [box]} if value else {})}

    def read(self, entered: Entered) -> bool:
        """Whether it is checked."""
        return bool(entered.options(self.name))


@dataclass(frozen=True, kw_only=True)
class Time(FormField):
    """A time of day, ``HH:MM``."""

    def element(self, value: object) -> Block:
        """A time picker."""
        return {"type": "timepicker", **({"initial_time": str(value).zfill(5)} if value else {})}

    def read(self, entered: Entered) -> str:
        """The time, or ``""``."""
        return entered.time(self.name)


@dataclass(frozen=True, kw_only=True)
class Timezone(FormField):
    """The name of a timezone, offered while somebody types."""

    def element(self, value: object) -> Block:
        """A menu whose options are asked for by ``timezone``."""
        first = {"initial_option": option(str(value), str(value))} if value else {}
        return {"type": "external_select", "min_query_length": 2, "placeholder": plain("Europe/Berlin"), **first}

    def read(self, entered: Entered) -> str:
        """The name, or ``""``."""
        return entered.option(self.name)


@dataclass(frozen=True, kw_only=True)
class Country(FormField):
    """The ISO code of a country whose public holidays are known, offered by name while somebody types."""

    def element(self, value: object) -> Block:
        """A menu whose options are asked for by ``holidays``."""
        first = {"initial_option": option(countries().get(str(value), str(value)), str(value))} if value else {}
        return {"type": "external_select", "min_query_length": 2, "placeholder": plain("No country"), **first}

    def read(self, entered: Entered) -> str:
        """The code, or ``""``."""
        return entered.option(self.name)


@dataclass(frozen=True, kw_only=True)
class Channel(FormField):
    """A channel that only this organization reads."""

    def element(self, value: object) -> Block:
        """A menu of channels; a person's id leaves it empty."""
        channel = str(value or "")
        return {
            "type": "conversations_select",
            "filter": {
                "include": ["public", "private"],
                "exclude_external_shared_channels": True,
                "exclude_bot_users": True,
            },
            **({"initial_conversation": channel} if channel[:1] in {"C", "G"} else {}),
        }

    def read(self, entered: Entered) -> str:
        """The channel's id, or ``""``."""
        return entered.conversation(self.name)


@dataclass(frozen=True, kw_only=True)
class PersonField(FormField):
    """Somebody of the workspace."""

    def element(self, value: object) -> Block:
        """A menu of people."""
        return {"type": "users_select", **({"initial_user": str(value)} if value else {})}

    def read(self, entered: Entered) -> str:
        """The person's id, or ``""``."""
        return entered.conversation(self.name)


@dataclass(frozen=True, kw_only=True)
class UserGroup(FormField):
    """A user group, offered while somebody types. A value is its id and its handle."""

    def element(self, value: object) -> Block:
        """A menu whose options are asked for by ``group``."""
        first = {"initial_option": option(str(value[1]), str(value[0]))} if isinstance(value, tuple) else {}
        return {"type": "external_select", "min_query_length": 0, **first}

    def read(self, entered: Entered) -> str:
        """The group's id, or ``""``."""
        return entered.option(self.name)


@dataclass(frozen=True, kw_only=True)
class Several(FormField):
    """Any number of (value, text) from a menu."""

    options: Sequence[tuple[str, str]]

    def element(self, value: object) -> Block:
        """A menu of several choices."""
        offered = [option(text, name) for name, text in self.options]
        chosen = value if isinstance(value, Iterable) else ()
        first = [choice for choice in offered if choice["value"] in set(chosen)]
        return {
            "type": "multi_static_select",
            "options": offered,
            "placeholder": plain("All"),
            **({"initial_options": first} if first else {}),
        }

    def read(self, entered: Entered) -> tuple[str, ...]:
        """The chosen values."""
        return tuple(entered.options(self.name))


@dataclass(frozen=True, kw_only=True)
class FiltersField(FormField):
    """Accounts, services, tags and the like to keep (or, with ``exclude``, to leave out)."""

    memory: WorkspaceMemory
    exclude: bool = False

    def element(self, value: object) -> Block:
        """A menu of the values that match what is typed."""
        where = [item for item in value if isinstance(item, Filter)] if isinstance(value, Iterable) else []
        first = choices.initial(self.memory, where, exclude=self.exclude)
        return {
            "type": "multi_external_select",
            "min_query_length": 0,
            "placeholder": plain("Accounts, tags, services …"),
            **({"initial_options": first} if first else {}),
        }

    def read(self, entered: Entered) -> tuple[Filter, ...]:
        """The filters, one a dimension."""
        return choices.filters(self.memory, entered.options(self.name), exclude=self.exclude)


@dataclass(frozen=True)
class Form:
    """The fields of a modal, with what stands above and below them."""

    callback: str
    fields: tuple[FormField, ...]
    intro: str = ""
    notes: tuple[str, ...] = ()
    submit: str = "Save"

    def view(self, title: str, values: Values, metadata: str) -> Block:
        """The modal with values in its fields."""
        above = [paragraph(self.intro)] if self.intro else []
        blocks = [*above, *(field.block(values) for field in self.fields), *small(*self.notes)]
        return modal(self.callback, title, blocks, submit=self.submit, metadata=metadata)

    def read(self, state: State) -> dict[str, object] | list[FieldError]:
        """The entered values by field, or what is wrong with them."""
        entered = Entered(state)
        values: dict[str, object] = {}
        wrong: list[FieldError] = []
        for field in self.fields:
            try:
                values[field.name] = field.read(entered)
            except ValueError as error:
                wrong.append(FieldError(field.name, str(error)))
        return wrong or values
