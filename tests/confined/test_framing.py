"""Frames over a pipe."""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.confined.framing import MAX_FRAME_BYTES, FrameReader, FrameWriter, FramingError


@pytest.fixture
def pipe() -> Iterator[tuple[FrameReader, FrameWriter]]:
    """Both ends of a pipe."""
    reader, writer = ends()
    yield reader, writer
    writer.close()
    reader.close()


def ends() -> tuple[FrameReader, FrameWriter]:
    """Both ends of a new pipe."""
    read, write = os.pipe()
    return FrameReader(read), FrameWriter(write)


def sent(raw: bytes) -> FrameReader:
    """The reading end of a pipe into which somebody put `raw`, and closed it."""
    read, write = os.pipe()
    os.write(write, raw)
    os.close(write)
    return FrameReader(read)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_frames_arrive_whole_and_in_order(frames: list[bytes]) -> None:
    """Whatever was written is read, one frame for one frame, and then the end."""
    reader, writer = ends()
    for frame in frames:
        writer.write(frame)
    writer.close()
    assert [reader.read() for _ in frames] == frames
    assert reader.read() is None
    reader.close()


def test_a_frame_larger_than_the_pipe(pipe: tuple[FrameReader, FrameWriter]) -> None:
    """What does not fit into the pipe at once goes through it in parts."""
    reader, writer = pipe
    large = bytes(range(256)) * 4096
    thread = threading.Thread(target=writer.write, args=(large,))
    thread.start()
    assert reader.read() == large
    thread.join()


def write_often(writer: FrameWriter, frame: bytes) -> None:
    """Write the same frame five times."""
    for _ in range(5):
        writer.write(frame)


def test_frames_of_two_threads_do_not_mix(pipe: tuple[FrameReader, FrameWriter]) -> None:
    """A `Cancel` in the middle of a long prompt does not land inside of it."""
    reader, writer = pipe
    frames = [bytes([letter]) * 50_000 for letter in b"ab"]
    threads = [threading.Thread(target=write_often, args=(writer, frame)) for frame in frames]
    for thread in threads:
        thread.start()
    read = [reader.read() for _ in range(10)]
    for thread in threads:
        thread.join()
    assert sorted(frame for frame in read if frame) == sorted(frames * 5)


@pytest.mark.parametrize("raw", [b"\1", struct.pack("<I", 5) + b"abc", struct.pack("<I", MAX_FRAME_BYTES + 1)])
def test_a_broken_frame_is_an_error(raw: bytes) -> None:
    """A frame that is cut off, or absurdly large, is told apart from a clean end."""
    reader = sent(raw)
    with pytest.raises(FramingError):
        reader.read()
    reader.close()


def test_too_large_a_frame_is_not_sent(pipe: tuple[FrameReader, FrameWriter]) -> None:
    """The limit holds on both ends."""
    with pytest.raises(FramingError):
        pipe[1].write(bytes(MAX_FRAME_BYTES + 1))


def test_writing_after_the_other_end_closed() -> None:
    """A writer hears that nobody listens, and that it is closed itself: its descriptor may be another's by now."""
    reader, writer = ends()
    reader.close()
    with pytest.raises(OSError, match="pipe"):
        writer.write(b"a")
    writer.close()
    writer.close()
    with pytest.raises(BrokenPipeError):
        writer.write(b"a")
