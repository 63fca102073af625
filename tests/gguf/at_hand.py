"""Every GGUF file that there is on a machine where Paddock is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.models.starter import find_starter
from tests.gguf_files import HYBRID, TinyAdapter, TinyModel, write_vocabulary_only
from tests.llama_sources import llama_models_folder
from tests.models.gguf_writer import CHAT_MODEL, Number, Numbers, build_gguf

_ODD: Final = {
    **CHAT_MODEL,
    **{f"odd.{layout}": Number(layout, 1) for layout in ("u8", "i8", "u16", "i16", "i32", "u64", "i64", "f64", "bool")},
    "odd.numbers": Numbers("f32", [0.5, -0.25, 1e30]),
    "odd.flags": Numbers("bool", [True, False]),
    "odd.many": Numbers("i64", range(-2000, 2000)),
    "odd.nothing": Numbers("u32", []),
    "odd.words": ["Grüße", "", "\U0001f999"],
    "general.alignment": 64,
}
_WRITTEN: Final[dict[str, Callable[[Path], object]]] = {
    "dense": TinyModel().write,
    "sliding": TinyModel("gemma3", layers=6, sliding_window=64).write,
    "recurrent": TinyModel("mamba").write,
    "hybrid": TinyModel(HYBRID).write,
    "adapter": TinyAdapter().write,
    "vocabulary": write_vocabulary_only,
    "chat-model": lambda path: path.write_bytes(build_gguf()),
    "odd": lambda path: path.write_bytes(build_gguf(_ODD, tensors=(), version=2)),
}


def starter_file() -> Path:
    """The starter model's file."""
    starter = find_starter()
    assert starter is not None
    return starter.path


def vocabulary_files() -> Sequence[Path]:
    """The vocabularies that come with llama.cpp's source, the smallest first."""
    return sorted(llama_models_folder().glob("ggml-vocab-*.gguf"), key=lambda path: path.stat().st_size)


def written_files(folder: Path) -> Sequence[Path]:
    """Those that the tests write, written into `folder`."""
    paths = {folder / f"{name}.gguf": write for name, write in _WRITTEN.items()}
    for path, write in paths.items():
        write(path)
    return tuple(paths)
