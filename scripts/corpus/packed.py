"""The same text in archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal

import pyarrow as pa

from scripts.corpus.made import AMOUNTS, TOTAL, Case, row, rows, table, text


def packed() -> Iterator[Case]:
    """The same text in archives."""
    whole = text(rows()).encode()
    parts = [text(rows(AMOUNTS[:2])).encode(), text(rows(AMOUNTS[2:])).encode()]
    zstd = pa.compress(whole, codec="zstd", asbytes=True)
    yield Case("packed.csv.gz", gzip.compress(whole), TOTAL)
    yield Case("PACKED.CSV.GZ", gzip.compress(whole), TOTAL)
    yield Case("packed-without-its-name.csv", gzip.compress(whole), TOTAL)
    yield Case("plain-with-a-packed-name.csv.gz", whole, TOTAL)
    yield Case("two-gzips-one-after-the-other.csv.gz", gzip.compress(parts[0]) + gzip.compress(parts[1]), TOTAL)
    yield Case("padded.csv.gz", gzip.compress(whole) + b"\0" * 512, TOTAL)
    yield Case("packed-twice.csv.gz", gzip.compress(gzip.compress(whole)), TOTAL)
    yield Case("packed.csv.zst", zstd, TOTAL)
    yield Case("two-frames.csv.zst", b"".join(pa.compress(p, codec="zstd", asbytes=True) for p in parts), TOTAL)
    yield Case("packed.csv.bz2", bz2.compress(whole), TOTAL)
    yield Case("packed.csv.xz", lzma.compress(whole), TOTAL)
    yield Case("alone.zip", zipped({"bill.csv": whole}), TOTAL)
    junk = {"__MACOSX/._bill.csv": b"\0\5\x16\7", ".DS_Store": b"\0\0", "manifest.json": b"{}", "README.md": b"# hello"}
    yield Case("several-and-junk.zip", zipped({"a/part_0.csv": parts[0], "a/part_1.csv": parts[1], **junk}), TOTAL)
    yield Case("gzips-within.zip", zipped({"part_0.csv.gz": gzip.compress(parts[0]), "part_1.csv": parts[1]}), TOTAL)
    yield Case("parquet-within.zip", zipped({"bill.parquet": table(rows())}), TOTAL)
    yield Case("parquet.parquet.gz", gzip.compress(table(rows())), TOTAL)
    yield Case("one-bad-within.zip", zipped({"a.csv": parts[0], "b.csv": b"x,y\n1,2\n"}), refused="b.csv, row 1")
    yield Case("nothing-within.zip", zipped(junk), refused="has no bill in it")
    yield Case(
        "zip-within.zip", zipped({"inner.zip": zipped({"bill.csv": whole})}), refused="archive within an archive"
    )
    yield Case(
        "workbook.xlsx", zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), refused="Excel workbook"
    )
    big = gzip.compress(text(rows(str(n) for n in range(2000))).encode())
    yield Case("cut-off.csv.gz", big[: len(big) // 2], refused="is truncated or damaged")
    flipped = bytearray(big)
    flipped[len(big) // 2] ^= 255
    yield Case("damaged.csv.gz", bytes(flipped), refused="damaged|row")
    cut = pa.compress(text(rows(str(n) for n in range(2000))).encode(), codec="zstd", asbytes=True)[:-40]
    yield Case("cut-off.csv.zst", cut, refused="is truncated or damaged")
    yield Case("cut-off.zip", zipped({"bill.csv": whole})[:-40], refused="is truncated or damaged")
    yield Case("cell-that-expands.csv.gz", bomb(text([row("1")]).encode() + b'"', b"x"), refused="row 3.*longer")
    yield Case("zeros-that-expand.csv.gz", bomb(text([row("1")]).encode(), b"\0"), refused="row 3|zero")
    yield Case(
        "line-ends-that-expand.csv.gz", bomb(text([row("1")]).encode(), b"\n", 300), refused="unpacks to more data"
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb(start: bytes, letter: bytes, mebibytes: int = 64) -> bytes:
    """A small gzip that unpacks to many of one letter."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        file.write(start)
        for _ in range(mebibytes):
            file.write(letter * (1 << 20))
    return out.getvalue()


def archives() -> Iterator[Case]:
    """What else lies in archives: a bill twice, its runs, notes, folders."""
    whole = text(rows()).encode()
    parts = [text(rows(AMOUNTS[:2])).encode(), text(rows(AMOUNTS[2:])).encode()]
    twice = {"bill.csv": whole, "copy/bill.csv": whole}
    yield Case("one-bill-twice-within.zip", zipped(twice), TOTAL)
    yield Case("one-bill-as-csv-and-parquet-within.zip", zipped({"b.csv": whole, "b.parquet": table(rows())}), TOTAL)
    runs = {f"october_v{n}.csv": text(rows(AMOUNTS[:n])).encode() for n in (2, 3)}
    newest = {"USD": Decimal("1247.060001")}
    yield Case("two-runs-within.zip", zipped(runs), newest)
    notes = {"bill.csv": whole, "readme.txt": b"Read me first.\n", "empty.csv": b""}
    yield Case("notes-and-empty-file-within.zip", zipped(notes), TOTAL)
    yield Case("utf-16-within.zip", zipped({"bill.csv": text(rows()).encode("utf-16")}), TOTAL)
    deep = {"a/b/c/part_1.csv": parts[0], "a/b/d/part_2.csv.gz": gzip.compress(parts[1]), "a/manifest.json": b"{}"}
    yield Case("folders-within.zip", zipped(deep), TOTAL)
    bundle = io.BytesIO()
    with tarfile.open(fileobj=bundle, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("bill.csv"), io.BytesIO())
    yield Case("bundle.tar.gz", bundle.getvalue(), refused="is a tar archive")
