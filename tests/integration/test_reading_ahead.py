"""That the window has nothing read twice: while one types, and after a restart, with the real starter model."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.integration.real_use import opened_window

TEXT = " ".join(f"The llama saw hay bale number {number} in the evening sun." for number in range(12))
FEW_TOKENS = 24


@pytest.mark.model
def test_what_was_typed_is_read_when_it_is_sent(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    """Only the last tokens are left to read; tomorrow the same conversation goes on from the disk."""
    home = tmp_path / "home"
    with opened_window(qapp, qtbot, home) as use:
        use.desktop.parts.settings.change("sampling.max_tokens", 8)
        use.window.composer.set_text(TEXT)
        use.until(lambda: use.desktop.idle.has_read_all)
        use.send("")
        receipt = use.ended_reply(1).receipt
        assert receipt is not None
        assert receipt.tokens_in > 10 * FEW_TOKENS // 2
        assert receipt.evaluated <= FEW_TOKENS
        states = use.desktop.parts.paths.states
        use.until(lambda: any(states.glob("*.state")))
    with opened_window(qapp, qtbot, home) as use:
        use.send("And then?")
        receipt = use.ended_reply(2).receipt
        assert receipt is not None
        assert receipt.evaluated <= FEW_TOKENS
        assert receipt.reused >= receipt.tokens_in - FEW_TOKENS
