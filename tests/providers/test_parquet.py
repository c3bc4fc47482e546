"""What every reader of Parquet files shares."""

import io

import pyarrow as pa
import pytest
from pyarrow import parquet

from bot.providers._parquet import batches


def written(words, **options):
    """A file of one column of text, without nulls."""
    schema = pa.schema([pa.field("ServiceName", pa.string(), nullable=False)])
    out = io.BytesIO()
    parquet.write_table(pa.table([pa.array(words)], schema=schema), out, compression="none", **options)
    return out.getvalue()


def read(data, rows=4):
    """The words in a file."""
    found = [batch.column(0) for batch in batches(io.BytesIO(data), rows)]
    return [word for column in found for word in column.to_pylist()]


def test_a_word_that_is_not_there_is_a_damaged_file():
    """Arrow takes a word's number as it stands in the file; nothing is read beyond the words."""
    plain = written(["word"] * 8, write_statistics=False)
    first_word = bytes([1, 8 << 1, 0])  # a bit each, a run of eight
    assert plain.count(first_word) == 1

    with pytest.raises(OSError, match="has the number 1 of 1"):
        read(plain.replace(first_word, bytes([1, 8 << 1, 1])))


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_words_are_read_however_they_are_encoded(encoding):
    """Arrow numbers the words of some encodings only; the others are read as they are, each row once."""
    words = [f"service {number % 3}" for number in range(10)]
    data = written(words, use_dictionary=False, column_encoding={"ServiceName": encoding}, row_group_size=5)

    assert read(data) == words
