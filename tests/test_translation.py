"""Every string passes through translation, and comes out whole in any language."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import PaddockError
from app.translation import install_language, told, told_apart, tr, trn

PLURALS = "Plural-Forms: nplurals=2; plural=n != 1;\nContent-Type: text/plain; charset=UTF-8\n"
GERMAN = {
    "": PLURALS,
    "Settings": "Einstellungen",
    "{name} is empty.": "{name} ist leer.",
    "Choose another.": "Nimm eine andere.",
    "{count} model\0{count} models": "{count} Modell\0{count} Modelle",
}


@pytest.fixture(autouse=True)
def english_afterwards(tmp_path: Path) -> Iterator[None]:
    """The language belongs to the whole process: each test gives it back."""
    yield
    install_language(tmp_path / "nothing", "en")


@pytest.fixture
def translations(tmp_path: Path) -> Path:
    """A folder with a German catalogue."""
    path = tmp_path / "de" / "LC_MESSAGES" / "paddock.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogue(GERMAN))
    return tmp_path


def catalogue(texts: dict[str, str]) -> bytes:
    """A compiled catalogue, as gettext's own tools write it."""
    pairs = sorted((original.encode(), translated.encode()) for original, translated in texts.items())
    begin = 28 + 16 * len(pairs)
    heap, tables = b"", [b"", b""]
    for column in (0, 1):
        for pair in pairs:
            tables[column] += struct.pack("<II", len(pair[column]), begin + len(heap))
            heap += pair[column] + b"\0"
    count = len(pairs)
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0) + b"".join(tables) + heap


def test_english_is_what_stands_in_the_code() -> None:
    """Without a catalogue the strings are their own translation."""
    assert tr("Settings") == "Settings"
    assert tr("{name} is empty.", name="meadow") == "meadow is empty."
    assert trn("{count} model", "{count} models", 1) == "1 model"
    assert trn("{count} model in {folder}", "{count} models in {folder}", 3, folder="a") == "3 models in a"


def test_a_catalogue_speaks(translations: Path) -> None:
    """Names are filled in after the translation, and numbers choose their form."""
    install_language(translations, "de")
    assert tr("Settings") == "Einstellungen"
    assert tr("{name} is empty.", name="Weide") == "Weide ist leer."
    assert [trn("{count} model", "{count} models", count) for count in (1, 2)] == ["1 Modell", "2 Modelle"]


def test_what_a_catalogue_lacks_stays_english(translations: Path) -> None:
    """A translation may be behind."""
    install_language(translations, "de")
    assert tr("The gate is closed.") == "The gate is closed."


def test_a_language_without_a_catalogue_is_english(translations: Path) -> None:
    """Nothing fails for a language nobody has translated."""
    install_language(translations, "de")
    install_language(translations, "tlh")
    assert tr("Settings") == "Settings"


def test_braces_without_values_stay() -> None:
    """A text that shows braces is shown as it is."""
    assert tr("{'a': 1}") == "{'a': 1}"


def test_an_error_is_told_in_the_users_language(translations: Path) -> None:
    """With its next step where it has one; a catalogue's own header is no next step."""
    install_language(translations, "de")
    empty = PaddockError("{name} is empty.", next_step="Choose another.", name="Weide")
    assert told(empty) == "Weide ist leer. Nimm eine andere."
    bare = PaddockError("{name} is empty.", name="Weide")
    assert (told(bare), told_apart(bare)) == ("Weide ist leer.", ("Weide ist leer.", ""))
