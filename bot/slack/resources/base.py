"""What a resource is: something that people make in Slack and keep under a name, such as a budget or a digest.

A resource is one class in one file of this folder: its fields, its repository and its checks. ``controller`` gives it
commands, buttons, a modal, a list, an App Home section, permissions and audit entries.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar

from bot.blockkit.build import Block, paragraph
from bot.domain.scope import Scope
from bot.slack.context import AppContext, Request
from bot.slack.modals.fields import FieldError
from bot.slack.modals.form import Form, Values


class Item(Protocol):
    """One of a resource's things."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def handle(self) -> str:
        """What tells it apart within its workspace: the name, and more where several have it."""

    @property
    def owner(self) -> str:
        """The id of who made it; ``""`` where a file did."""


T = TypeVar("T", bound=Item)


class Repository(Protocol[T]):
    """Where a resource's items are stored."""

    def all(self, team: str) -> Sequence[T]:
        """Everything of a workspace."""

    def save(self, item: T, *, replaces: str = "") -> T:
        """Stores an item, in place of the one whose handle is ``replaces``; as it is stored.

        Another one of its name stays as it is: its maker may not know of it, or the name would have been refused.
        """

    def delete(self, item: T) -> None:
        """Deletes an item."""

    def erase(self, team: str) -> None:
        """Deletes everything of a workspace that has removed the app."""


class Rejected(Exception):
    """What was entered cannot be; the errors say why, field by field."""

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(error.reason for error in errors))
        self.errors = errors


@dataclass(frozen=True)
class Action(Generic[T]):
    """Something that can be done with an item, from its menu or by a command."""

    label: str
    run: Callable[[Request, T], None]
    owner_only: bool = True
    """Whether only its owner and admins may do it."""


@dataclass(frozen=True)
class Opening:
    """How a form opens for something new: the values in its fields, and what its modal carries along."""

    values: Values
    carry: Mapping[str, str] = field(default_factory=dict)
    intro: str = ""


class Resource(ABC, Generic[T]):
    """One kind of thing. ``T`` is its value, frozen."""

    key: ClassVar[str]
    """Names its actions, its modal and its audit entries: ``digest``."""
    noun: ClassVar[str]
    plural: ClassVar[str]
    subcommands: ClassVar[tuple[str, ...]]
    """The words after the slash command that lead here; the first is shown in help."""
    for_admins: ClassVar[bool] = False
    """Whether only admins may see and change it."""
    pausable: ClassVar[bool] = False
    none: ClassVar[str] = ""
    """What a list without items says; ``""`` for the usual sentence."""

    def __init__(self, context: AppContext, repository: Repository[T]) -> None:
        self.context, self.repository = context, repository

    def pause(self, item: T, *, paused: bool) -> None:
        """Pauses an item, or resumes it; only for resources that are ``pausable``."""
        raise NotImplementedError

    # --- an item in words -----------------------------------------------------------------------------------------

    @abstractmethod
    def about(self, request: Request, item: T) -> Scope:
        """All that an item tells of: whoever may not see all of that is not told that it exists."""

    @abstractmethod
    def summary(self, item: T) -> str:
        """An item in words, without its name."""

    def heading(self, item: T, menu: Block) -> Block:
        """The line that names an item in lists, with its menu."""
        paused = " (paused)" if self.is_paused(item) else ""
        return paragraph(f"{item.name}{paused}", menu)

    def audit_text(self, item: T) -> str:
        """An item in the audit log."""
        return item.name

    def details(self, request: Request, items: Sequence[T]) -> Mapping[str, list[Block]]:
        """Text objects that stand below an item in lists, by handle."""
        return {}

    def is_mine(self, request: Request, item: T) -> bool:
        """Whether an item belongs into somebody's own App Home."""
        return item.owner == request.person.id

    def is_paused(self, item: T) -> bool:
        """Whether an item is paused."""
        return False

    def is_editable(self, item: T) -> bool:
        """Whether an item can be changed in Slack, and not only in a file."""
        return True

    def on_saved(self, request: Request, item: T) -> list[str]:
        """What more is said once an item has been saved or resumed, a sentence each."""
        return []

    # --- its form ---------------------------------------------------------------------------------------------

    @abstractmethod
    def form(self, request: Request) -> Form:
        """Its fields. A field has the name of the item's part that it holds."""

    @abstractmethod
    def opening(self, request: Request) -> Opening:
        """How the form opens for a new item."""

    @abstractmethod
    def values(self, request: Request, item: T) -> Values:
        """What stands in the form's fields for an item."""

    @abstractmethod
    def build(self, request: Request, values: Values, before: T | None, carried: Mapping[str, str]) -> T:
        """The item that was entered, in place of ``before`` if there was one; ``carried`` as its opening said.

        Raises:
            Rejected: it cannot be.
            CostError: it cannot be, as the first field says.
        """

    # --- what else it can do ----------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Action[T]]:
        """What can be done with an item beside editing, pausing and deleting it, by the word of its command."""
        return {}

    def on_other_words(self, request: Request, text: str) -> Opening | None:
        """How a new item's form opens for words that are no command of it; None where they are nothing.

        A resource may also answer the words itself, and raise ``Answered``.
        """
        return None


class Answered(Exception):
    """The words were answered in another way; nothing is left to do."""
