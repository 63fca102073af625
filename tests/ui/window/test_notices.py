"""What was met and got over while Paddock starts or works is said, each thing until somebody has read it."""

from __future__ import annotations

import threading
from pathlib import Path

from app.errors import PaddockError
from app.paths import find_paths
from app.translation import tr
from app.ui.icon_button import IconButton
from tests.fakes import FakeEngine
from tests.ui.window.use import OpenWindow, Use

SPEEDS = PaddockError("The file of measured speeds was damaged.")
LEDGER = PaddockError("The ledger was damaged.")
TROUBLE = PaddockError("The model cannot be used.")


def read(use: Use) -> None:
    """Put away what is said, as its reader does."""
    (close,) = (button for button in use.find("notice").findChildren(IconButton) if button.toolTip() == tr("Close"))
    close.click()


def test_everything_that_was_damaged_at_the_start_is_said(start: OpenWindow, tmp_path: Path) -> None:
    """One after the other, however fast they come."""
    paths = find_paths(tmp_path / "home")
    paths.create()
    paths.settings.write_text("{")
    with start(FakeEngine()) as use:
        teller = threading.Thread(target=lambda: [use.desktop.parts.online.notice(each) for each in (SPEEDS, LEDGER)])
        teller.start()
        teller.join()
        assert "settings" in use.notice()
        read(use)
        use.until(lambda: use.notice() == str(SPEEDS))
        read(use)
        use.until(lambda: use.notice() == str(LEDGER))
        read(use)
        assert use.notice() == ""


def test_what_was_not_read_comes_back(use: Use) -> None:
    """Behind an error that took its place; what becomes untrue puts away only itself."""
    use.desktop.parts.online.notice(SPEEDS)
    use.until(lambda: use.notice() == str(SPEEDS))
    use.window.notice.clear()
    assert use.notice() == str(SPEEDS)
    use.window.notice.show_error(TROUBLE)
    assert use.notice() == str(TROUBLE)
    use.window.notice.clear()
    assert use.notice() == str(SPEEDS)
    read(use)
    assert use.notice() == ""
