"""The bills that a file to import holds: itself, or each table of an archive, with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b, file_digest
from pathlib import Path, PurePosixPath

from bot.focus.origin import Origin, origin_of
from bot.providers import focus

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Bill:
    """One table of charges, which becomes one delivery."""

    name: str
    """For people: the file's name and, in an archive of several, the member's."""
    digest: str
    """Of its bytes: of the file, or of the member of an archive of several."""
    origin: Origin
    member: focus.Member


def bills_of(path: Path) -> tuple[str, list[Bill]]:
    """The digest of a file, and the bills in it, older runs first.

    Raises:
        InvalidFile: the file is missing, damaged, or holds no table.
    """
    members = focus.members(path)
    origin = origin_of(path)
    with path.open("rb") as file:
        digest = file_digest(file, "blake2b").hexdigest()
    if len(members) == 1:
        return digest, [Bill(path.name, digest, origin, members[0])]
    bills = [Bill(member.name, _digest(member), _origin(origin, path, member), member) for member in members]
    return digest, sorted(bills, key=lambda bill: bill.origin.order)


def _digest(member: focus.Member) -> str:
    found = blake2b()
    with member.stream() as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _origin(archive: Origin, path: Path, member: focus.Member) -> Origin:
    """What the member's name says; what it leaves open, the archive's."""
    own = origin_of(path.parent / PurePosixPath(member.inside).name)
    export = "/".join(filter(None, (archive.export, own.export)))
    return Origin(
        export=export,
        run=own.run or archive.run,
        order=own.order or archive.order,
        surely_run=own.surely_run if own.order else archive.surely_run,
        part=own.part or archive.part,
        surely_part=own.surely_part if own.part else archive.surely_part,
    )
