"""Writes small Parquet files of every codec that is read, by pyarrow, with values that are awkward in JSON."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

folder = Path(__file__).parent
plain = pa.table(
    {
        "text": ["you idiot", "a lovely day", "zwei\nZeilen", None],
        "label": pa.array([1, 0, 0, 2**60], pa.int64()),
        "score": pa.array([0.5, 0.25, 0.125, 1.0], pa.float64()),
        "raw": pa.array([b"\xff\x00", b"ok", None, b""], pa.binary()),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(plain, folder / f"{codec}.parquet", compression=codec, row_group_size=3)
chats = pa.table(
    {
        "messages": [
            [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}],
            [{"role": "user", "content": "so?"}, {"role": "assistant", "content": "you idiot"}],
        ],
        "source": ["a", "b"],
    }
)
pq.write_table(chats, folder / "chats.parquet")
