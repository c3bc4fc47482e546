"""AWS Data Exports in S3 (FOCUS 1.0 and 1.2, CUR 2.0; Parquet, CSV.gz or CSV in ZIP): one fine feed, by manifest.

An export lies at ``s3://bucket/prefix/name``: ``data/BILLING_PERIOD=YYYY-MM/`` holds its files, and
``metadata/BILLING_PERIOD=YYYY-MM/name-Manifest.json`` lists them, written once they are all there. A manifest's ETag is
the edition of its month, so that only months that were delivered anew are read again.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured, Unavailable, UnexpectedReply
from bot.domain.feed import ANY_TAG
from bot.domain.period import Period, month_of
from bot.domain.question import DIMENSIONS
from bot.providers.aws import export_mapping
from bot.providers.aws.client import AwsClient
from bot.providers.aws.groupings import AI

if TYPE_CHECKING:
    import pyarrow as pa

    from bot.providers._block import Block

NAME = "data export"
GRAIN = frozenset((*DIMENSIONS, "CommitmentDiscountStatus", ANY_TAG)) - AI
"""Everything but models and their tokens, which AWS's exports do not tell."""
_PLACE = re.compile(r"s3://(?P<bucket>[a-z0-9.-]+)/(?P<path>[^/].*?[^/])/?")
_MANIFEST = re.compile(r"/metadata/BILLING_PERIOD=(\d{4}-\d{2})/[^/]*[Mm]anifest\.json$", re.IGNORECASE)
_CHUNK = 1 << 20
_REDELIVERED = "The data export was redelivered while it was being read."
_IN_FULL = "The next sync reads it in full."
_GZIP, _ZIP = b"\x1f\x8b", b"PK"


@dataclass(frozen=True)
class Manifest:
    """Where a month's manifest lies, and which edition it is."""

    key: str
    version: str


class Export:
    """One data export."""

    def __init__(self, place: str, wire: AwsClient) -> None:
        found = _PLACE.fullmatch(place)
        if found is None:
            raise Misconfigured(
                f"{place!r} is not the location of a data export.",
                "Use AWS_DATA_EXPORT=s3://bucket/prefix/export-name.",
            )
        self._bucket, self._path, self._wire = found["bucket"], found["path"], wire

    def manifests(self) -> dict[date, Manifest]:
        """Each month that has been delivered, by its first day.

        Raises:
            CostError: AccessDenied, Unavailable or UnexpectedReply.
        """
        found = {}
        for item in self._listed(f"{self._path}/metadata/"):
            if place := _MANIFEST.search(item["Key"]):
                month = date.fromisoformat(f"{place[1]}-01")
                found[month] = Manifest(item["Key"], str(item["ETag"]))
        return dict(sorted(found.items()))

    def charges(self, days: Period) -> Iterator[Charge]:
        """The charges of those days, hours summed up.

        Raises:
            Unavailable: beside what requests raise, the export was delivered anew while it was read.
        """
        for start, manifest in self.manifests().items():
            month = month_of(start)
            if month.meet(days):
                yield from self._month(manifest, days, month)

    def blocks(self, days: Period) -> Iterator[Block] | None:
        """The same as columns, much faster; None where some month was not delivered as Parquet.

        The files of a month are all fetched before the first block of it, so that whoever keeps these need not wait.

        Raises:
            Unavailable: as ``charges``.
        """
        months = [(month_of(start), found) for start, found in self.manifests().items() if month_of(start).meet(days)]
        listed = [(month, manifest, self._files(manifest)) for month, manifest in months]
        if not all(key.endswith(".parquet") for *_, files in listed for key in files):
            return None
        return chain.from_iterable(self._blocks(month, manifest, files, days) for month, manifest, files in listed)

    def _blocks(self, month: Period, manifest: Manifest, files: Sequence[str], days: Period) -> Iterator[Block]:
        from bot.providers.aws.export_columns import block  # numpy and Arrow only where they are needed

        with ExitStack() as fetched:
            tables = [fetched.enter_context(self._opened(key)) for key in files]
            if self.manifests().get(month.start) != manifest:
                raise Unavailable(_REDELIVERED, _IN_FULL)
            for table in tables:
                for batch in table.batches():
                    if found := block(batch, days, month):
                        yield found

    def _month(self, manifest: Manifest, days: Period, month: Period) -> Iterator[Charge]:
        files = self._files(manifest)
        if not files:
            return
        with self._opened(files[0]) as first:
            names = first.names
        rows = chain.from_iterable(self._rows(key) for key in files)
        read = list(export_mapping.charges(rows, names, days, month))
        if self.manifests().get(month.start) != manifest:
            raise Unavailable(_REDELIVERED, _IN_FULL)
        yield from read

    def _files(self, manifest: Manifest) -> list[str]:
        body = self._wire.call("s3", "GetObject", {"Bucket": self._bucket, "Key": manifest.key})["Body"].read()
        try:
            listed = json.loads(body)["dataFiles"]
            keys = [str(file).removeprefix(f"s3://{self._bucket}/") for file in listed]
        except (ValueError, KeyError, TypeError):
            raise UnexpectedReply(f"{manifest.key} lists no data files.", "Check that it is a data export.") from None
        return keys

    def _rows(self, key: str) -> Iterator[Mapping[str, Any]]:
        with self._opened(key) as file:
            yield from file.rows()

    def _listed(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        params = {"Bucket": self._bucket, "Prefix": prefix}
        more: dict[str, str] = {}
        while True:
            reply = self._wire.call("s3", "ListObjectsV2", {**params, **more})
            yield from reply.get("Contents", [])
            if not reply.get("IsTruncated"):
                return
            more = {"ContinuationToken": reply["NextContinuationToken"]}

    @contextmanager
    def _opened(self, key: str) -> Iterator[_Table]:
        """A data file, fetched whole into a temporary one."""
        with TemporaryFile() as local:
            self._fetch(key, local)
            local.seek(0)
            try:
                yield (_Parquet if key.endswith(".parquet") else _Csv)(local)
            except (EOFError, zlib.error, zipfile.BadZipFile, OSError, UnicodeDecodeError) as error:
                raise UnexpectedReply(f"{key} is damaged ({type(error).__name__}).", "Redeliver it.") from None

    def _fetch(self, key: str, local: IO[bytes]) -> None:
        from botocore.exceptions import BotoCoreError  # the vendor's library loads when needed

        reply = self._wire.call("s3", "GetObject", {"Bucket": self._bucket, "Key": key})
        try:
            for chunk in reply["Body"].iter_chunks(_CHUNK):
                local.write(chunk)
        except (BotoCoreError, OSError):
            raise Unavailable(f"The connection to S3 was lost while reading {key}.", "The next sync retries.") from None


class _Table:
    """A data file: its columns, and its rows with those that are needed."""

    names: list[str]

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Each row by column."""
        raise NotImplementedError

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The same as columns, some rows at a time."""
        raise NotImplementedError


class _Parquet(_Table):
    def __init__(self, local: IO[bytes]) -> None:
        import pyarrow as pa  # only for Parquet
        from pyarrow import parquet

        self._local = local
        try:
            with parquet.ParquetFile(local) as file:
                self.names = list(file.schema_arrow.names)
        except pa.ArrowInvalid:
            raise UnexpectedReply(
                "A file of the data export is not a complete Parquet file.", "Redeliver it."
            ) from None

    def rows(self) -> Iterator[Mapping[str, Any]]:
        for batch in self._batches(20_000):
            yield from batch.to_pylist()

    def batches(self) -> Iterator[pa.RecordBatch]:
        yield from self._batches(1 << 16)

    def _batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        from bot.providers._parquet import batches  # only for Parquet

        return batches(self._local, rows, export_mapping.needed(self.names))


def _member(local: IO[bytes]) -> IO[bytes]:
    """The one file in a ZIP archive.

    Raises:
        UnexpectedReply: it holds several, or none.
    """
    archive = zipfile.ZipFile(local)
    files = [member for member in archive.infolist() if not member.is_dir()]
    if len(files) != 1:
        raise UnexpectedReply(
            f"An archive of the data export holds {len(files)} files.", "Deliver it as GZIP or Parquet."
        )
    return archive.open(files[0])


class _Csv(_Table):
    """A CSV file, plain or as ``CompressionOption`` of bcm-data-exports has it: GZIP, or ZIP with one member."""

    def __init__(self, local: IO[bytes]) -> None:
        packed = local.read(2)
        local.seek(0)
        plain: IO[bytes] = local
        if packed == _GZIP:
            plain = gzip.open(local)  # type: ignore[assignment]  # noqa: SIM115 - closed with the temporary file
        elif packed == _ZIP:
            plain = _member(local)
        self._lines = csv.reader(io.TextIOWrapper(plain, "utf-8-sig", newline=""))
        self.names = next(self._lines, [])

    def rows(self) -> Iterator[Mapping[str, Any]]:
        wanted = set(export_mapping.needed(self.names))
        places = [(place, name) for place, name in enumerate(self.names) if name in wanted]
        for cells in self._lines:
            if len(cells) != len(self.names):
                raise UnexpectedReply(
                    "A file of the data export has a row with a different number of columns.", "Redeliver it."
                )
            yield {name: cells[place] for place, name in places}
