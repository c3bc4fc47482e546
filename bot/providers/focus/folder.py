"""A folder or bucket in which FOCUS exports are delivered: what lies there, and fetching it.

Over ``fsspec``: local folders and every store that it knows; S3 (OCI's compatible buckets too), Google Cloud Storage
and Azure Blob through pyarrow's own clients, which need nothing more installed. Azure Cost Management writes each run
into a folder of its own, with a ``manifest.json`` once the run is whole (page "Create and manage Cost Management
exports"); of the runs of one period the newest is taken, and none that has no manifest yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.domain.errors import AccessDenied, CostError, InvalidFile, Misconfigured, Unavailable
from bot.providers import Check
from bot.providers.focus.files import is_data
from bot.providers.focus.settings import FocusSettings

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem
    from pyarrow.fs import S3FileSystem

_MANIFESTS = frozenset({"manifest.json", "_manifest.json"})
_BLOB = ".blob."
_CHECK = "Check the url, and that the key may list and read there."
_VERSIONS = (
    "etag",
    "ETag",
    "generation",
    "md5Hash",
    "content_md5",
    "mtime",
    "last_modified",
    "LastModified",
    "updated",
)


@dataclass(frozen=True)
class DeliveredFile:
    """A file by its path below the folder; ``version`` changes with its content."""

    path: str
    version: str
    size: int


class Folder:
    """One place; its client is made when it is first asked."""

    def __init__(self, settings: FocusSettings) -> None:
        self._settings, self._url = settings, settings.url.get_secret_value()
        self._opened: tuple[Any, str] | None = None

    def files(self) -> Sequence[DeliveredFile]:
        """Every file that holds charges and is whole, in the order of their paths.

        Raises:
            CostError: Misconfigured, AccessDenied or Unavailable.
        """
        with self._explained():
            store, root = self._store()
            found = store.find(root, detail=True)
        listed = {_below(root, path): facts for path, facts in found.items() if facts.get("type") == "file"}
        data = [path for path in listed if is_data(path)]
        wanted = self._whole(data, [path for path in listed if PurePosixPath(path).name in _MANIFESTS])
        return [
            DeliveredFile(path, _version(listed[path]), int(listed[path].get("size") or 0)) for path in sorted(wanted)
        ]

    def fetch(self, file: DeliveredFile, to: Path) -> Path:
        """The file as one of this machine: itself where it is one, else a copy below ``to``.

        Raises:
            CostError: as ``files``.
        """
        with self._explained():
            store, root = self._store()
            if "file" in _protocols(store):
                return Path(root) / file.path
            target = to / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            store.get_file(f"{root}/{file.path}", str(target))
        return target

    def fetch_beside(self, file: DeliveredFile, to: Path) -> None:
        """The manifest beside a file, where there is one: it says which run the file is of."""
        with self._explained():
            store, root = self._store()
            for name in () if "file" in _protocols(store) else sorted(_MANIFESTS):
                place = PurePosixPath(file.path).with_name(name)
                if store.exists(f"{root}/{place}"):
                    (to / place).parent.mkdir(parents=True, exist_ok=True)
                    store.get_file(f"{root}/{place}", str(to / place))

    def check(self) -> Check:
        """Whether the place can be listed, and holds files."""
        what = f"FOCUS files in {self.place}"
        try:
            found = self.files()
        except CostError as error:
            return Check(what, ok=False, message=error.message, hint=error.hint)
        if not found:
            return Check(what, ok=False, message="There is no file with charges yet.", hint=_CHECK)
        return Check(what, ok=True, message=f"{len(found)} files can be read.")

    @property
    def place(self) -> str:
        """The url without what may be secret in it."""
        return self._url.partition("?")[0]

    def _whole(self, data: Sequence[str], manifests: Sequence[str]) -> Iterator[str]:
        """Without files of runs that are older or not finished; folders without manifests are taken as they are."""
        runs = {str(PurePosixPath(path).parent): path for path in manifests}
        newest: dict[str, tuple[str, str]] = {}
        listed: dict[str, set[str]] = {}
        for folder, path in runs.items():
            manifest = self._manifest(path)
            listed[folder] = set(_names(manifest))
            submitted = str(manifest.get("runInfo", {}).get("submittedTime", ""))
            period = str(PurePosixPath(folder).parent)
            newest[period] = max(newest.get(period, ("", "")), (submitted, folder))
        chosen = {folder for _, folder in newest.values()}
        waiting = {str(PurePosixPath(folder).parent) for folder in runs}
        for path in data:
            folder = str(PurePosixPath(path).parent)
            if folder in chosen:
                if not listed[folder] or PurePosixPath(path).name in listed[folder]:
                    yield path
            elif folder not in runs and str(PurePosixPath(folder).parent) not in waiting:
                yield path

    def _manifest(self, path: str) -> Mapping[str, Any]:
        with self._explained():
            store, root = self._store()
            body = store.cat_file(f"{root}/{path}")
        try:
            found = json.loads(body)
        except ValueError:
            raise InvalidFile(f"{path} is no JSON.", "Deliver the export anew.") from None
        return found if isinstance(found, dict) else {}

    def _store(self) -> tuple[Any, str]:
        if self._opened is None:
            self._opened = _opened(self._settings)
        return self._opened

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What went wrong, for who must act; never with a signature or key."""
        try:
            yield
        except FileNotFoundError:
            raise Misconfigured(f"There is no {self.place}.", _CHECK) from None
        except PermissionError:
            raise AccessDenied(f"{self.place} may not be read.", _CHECK) from None
        except (ImportError, ValueError) as error:
            if isinstance(error, CostError):
                raise
            raise Misconfigured(f"{self.place} cannot be opened ({type(error).__name__}).", _CHECK) from None
        except OSError as error:
            denied = any(
                word in str(error) for word in ("ACCESS_DENIED", "403", "AuthorizationFailure", "InvalidAccess")
            )
            kind = AccessDenied if denied else Unavailable
            raise kind(f"{self.place} could not be read ({type(error).__name__}).", _CHECK) from None


def _opened(settings: FocusSettings) -> tuple[Any, str]:
    """The store, and the folder in it."""
    from fsspec.core import url_to_fs  # loads when a folder is asked
    from fsspec.implementations.arrow import ArrowFSWrapper

    url = settings.url.get_secret_value()
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return ArrowFSWrapper(_s3(settings)), f"{parts.netloc}{parts.path}".rstrip("/")
    if parts.scheme in ("gs", "gcs"):
        from pyarrow.fs import GcsFileSystem

        return ArrowFSWrapper(GcsFileSystem()), f"{parts.netloc}{parts.path}".rstrip("/")
    if parts.scheme in ("abfs", "abfss", "az") or _BLOB in parts.netloc:
        return _azure(settings)
    store, root = url_to_fs(url)
    return store, str(root).rstrip("/")


def _s3(settings: FocusSettings) -> S3FileSystem:
    from pyarrow.fs import S3FileSystem

    endpoint = urlsplit(settings.endpoint_url)
    given = {
        "access_key": settings.access_key.get_secret_value(),
        "secret_key": settings.secret_key.get_secret_value(),
        "region": settings.region,
        "endpoint_override": endpoint.netloc,
        "scheme": endpoint.scheme,
    }
    return S3FileSystem(**{name: text for name, text in given.items() if text})


def _azure(settings: FocusSettings) -> tuple[Any, str]:
    """An Azure container: of a SAS URL, or ``abfs://container@account…``."""
    from fsspec.implementations.arrow import ArrowFSWrapper
    from pyarrow.fs import AzureFileSystem

    parts = urlsplit(settings.url.get_secret_value())
    if _BLOB in parts.netloc:
        account, sas, path = parts.netloc.partition(".")[0], parts.query, parts.path.strip("/")
    else:
        container, _, host = parts.netloc.rpartition("@")
        account, sas, path = host.partition(".")[0], "", f"{container}/{parts.path.strip('/')}".rstrip("/")
    given = {
        "account_key": settings.account_key.get_secret_value(),
        "sas_token": settings.sas_token.get_secret_value() or sas,
    }
    return ArrowFSWrapper(AzureFileSystem(account, **{name: text for name, text in given.items() if text})), path


def _protocols(store: AbstractFileSystem) -> tuple[str, ...]:
    named = store.protocol
    return (named,) if isinstance(named, str) else tuple(named)


def _below(root: str, path: str) -> str:
    return path.removeprefix(root).lstrip("/")


def _version(facts: Mapping[str, Any]) -> str:
    """What identifies a file's content, as far as its store says so."""
    known = [f"{facts[name]}" for name in _VERSIONS if facts.get(name)]
    return "/".join([*known[:2], str(facts.get("size", ""))])


def _names(manifest: Mapping[str, Any]) -> Iterator[str]:
    """The files that a manifest lists (``blobs[].blobName``)."""
    for blob in manifest.get("blobs") or ():
        if isinstance(blob, dict) and blob.get("blobName"):
            yield PurePosixPath(str(blob["blobName"])).name
