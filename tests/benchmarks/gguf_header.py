"""How much faster headers of model files are read than by the reader of the format's own project, the `gguf` package.

Every GGUF file at hand: the starter model, the vocabularies that come with llama.cpp's source (up to 262,144 tokens
and half a million merges), and those that the tests write. Both read all values, of long arrays only how long they are
and where they lie; that they are the same is looked at. Times are of the processor, medians of several rows of
readings, in turns; files that take the other more than a second it reads once.

`python -m tests.benchmarks.gguf_header`
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.gguf.reading import read_header
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.reference import assert_same, read_reference, timed

ROUNDS: Final = 9
ROW_S: Final = 0.01
REQUIRED: Final = 20


def main() -> None:
    """Measure every file, and print the median and the least."""
    with tempfile.TemporaryDirectory() as folder:
        ratios = [measure(path) for path in (starter_file(), *vocabulary_files(), *written_files(Path(folder)))]
    print(
        f"{len(ratios)} files: {statistics.median(ratios):.0f} times faster in the median, {min(ratios):.1f} at least, "
        f"required {REQUIRED}"
    )


def measure(path: Path) -> float:
    """Read the header of one file in both ways, in turns, and say how many times faster we are."""
    reference, once_s = timed(lambda: read_reference(path))
    assert_same(header := read_header(path), reference, path)
    theirs_s, ours_s = [once_s], list[float]()
    for _ in range(ROUNDS):
        ours_s.append(a_row(lambda: read_header(path)))
        if once_s < 1:
            theirs_s.append(a_row(lambda: read_reference(path)))
    theirs, ours = statistics.median(theirs_s), statistics.median(ours_s)
    print(
        f"{path.name}: header of {header.data_offset:,} bytes, theirs {theirs * 1e3:.3f} ms, "
        f"ours {ours * 1e3:.3f} ms, {theirs / ours:.1f} times faster",
        flush=True,
    )
    return theirs / ours


def a_row(read: Callable[[], object]) -> float:
    """Read as often as fits into a moment, and give the seconds that one reading takes."""
    count, took_s = 1, 0.0
    while took_s < ROW_S:  # looking at the clock takes time too
        count *= 2
        began = time.process_time()
        for _ in range(count):
            read()
        took_s = time.process_time() - began
    return took_s / count


if __name__ == "__main__":
    main()
