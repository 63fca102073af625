"""The access token for gated models: what it is for, and its way into the keyring."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from app.translation import tr
from app.ui.announcement import announce
from app.ui.card import Card
from app.ui.plain_label import PlainLabel
from app.ui.settings.group_extra import ExtraPart
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_FIELD_WIDTH: Final = 320


class TokenState(Enum):
    """What is known of the token."""

    UNKNOWN = "Looking into the keyring of this system."
    NONE = "None. A token would be kept by the keyring of your system, never in a file."
    IN_KEYRING = "There is one, kept by the keyring of your system."
    IN_SESSION = "There is one, kept in memory only: until Paddock is closed."


class TokenTone(Enum):
    """How a sentence about the token is meant; its colour is a token of the theme."""

    QUIET = "text_2"
    GOOD = "ok"
    HAY = "hay"
    WRONG = "error"


class TokenCard(ExtraPart):
    """One row that says whether there is a token, and unfolds what is needed to add or test one."""

    test_requested = Signal(str)
    """The token in the field; "" for the one that is kept."""
    keep_requested = Signal(str)
    forget_requested = Signal()
    stop_requested = Signal()
    """The answer of a test is waited for no more."""
    wanted = Signal()
    """It is looked at: what is known of the token is wanted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._state = TokenState.UNKNOWN
        self._is_busy = False
        self._pressed: QWidget | None = None
        """What had the keyboard before it became busy."""
        self.sentence = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.result = PlainLabel("", theme, TextRole.INTERFACE, "text_2")
        self.add_button = TextButton(tr("Add token"))
        self.test_kept_button = TextButton(tr("Test"))
        self.forget_button = TextButton(tr("Forget"))
        self.field = _TokenField(theme)
        self.test_button = TextButton(tr("Test"))
        self.keep_button = TextButton(tr("Keep"), "primary")
        self.cancel_button = TextButton(tr("Cancel"), "plain")
        self.stop_button = TextButton(tr("Stop"), "link")
        self._unfolded = QWidget()
        self._lay_out(theme)
        self._connect()
        self.show_state(TokenState.UNKNOWN)
        self._fold()

    @override
    def controls(self) -> Sequence[QWidget]:
        kept = (self.add_button, self.test_kept_button, self.forget_button)
        return (*kept, self.field, self.test_button, self.keep_button, self.cancel_button, self.stop_button)

    def show_state(self, state: TokenState, why: str = "") -> None:
        """Show what is known of the token, and why it is not in the keyring."""
        with self._keeping_the_keyboard():
            self._show_state(state, why)

    def _show_state(self, state: TokenState, why: str) -> None:
        self._state = state
        if state is TokenState.NONE and why:  # the keyring would not keep it: that is the whole truth
            self.sentence.setText(tr("None. {why}", why=why))
        else:
            self.sentence.setText(" ".join(part for part in (tr(state.value), why) if part))
        has_token = state in (TokenState.IN_KEYRING, TokenState.IN_SESSION)
        self.add_button.setText(tr("Replace") if has_token else tr("Add token"))
        for button in (self.test_kept_button, self.forget_button):
            button.setVisible(has_token)
        self._allow()

    def show_busy(self, *, is_busy: bool, can_stop: bool = False) -> None:
        """Nothing more can be asked before the answer is there."""
        with self._keeping_the_keyboard():
            self._is_busy = is_busy
            self.stop_button.setVisible(can_stop)
            self._allow()

    def show_result(self, sentence: str, tone: TokenTone) -> None:
        """Say what came of it."""
        self.result.setText(sentence)
        self.result.set_color(tone.value)
        self.result.setVisible(bool(sentence))
        if sentence:
            announce(self, sentence)

    def kept(self) -> None:
        """Let go of what was typed, and of its copy in the clipboard: it is where it belongs."""
        self.field.let_go()
        with self._keeping_the_keyboard():
            self._fold()

    def unfold(self) -> None:
        """Show how one comes to a token, and the field for it."""
        self._unfolded.show()
        self.add_button.hide()
        self.show_result("", TokenTone.QUIET)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._unfolded.isHidden():
            self._cancel()
        else:
            super().keyPressEvent(event)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanted.emit()

    @contextmanager
    def _keeping_the_keyboard(self) -> Generator[None]:
        """Keep it in the card where it is there: a button that can be pressed no more would hand it on to the page.

        It comes back to what was pressed as soon as that can be pressed again.
        """
        held = next((each for each in self.controls() if each.hasFocus()), None)
        if held is None and not self.hasFocus():
            yield
            return
        if not self._is_busy:
            self._pressed = held
        self.setFocus()
        yield
        wished = (None if self._is_busy else self._pressed, held, self.stop_button, self.field, self.add_button, self)
        next(each for each in wished if each is not None and each.isVisible() and each.isEnabled()).setFocus()

    def _fold(self) -> None:
        self._unfolded.hide()
        self.add_button.show()

    def _cancel(self) -> None:
        if self._is_busy:
            self.stop_requested.emit()
        self.field.clear()
        self.show_result("", TokenTone.QUIET)
        with self._keeping_the_keyboard():
            self._fold()

    def _allow(self) -> None:
        has_words = bool(self.field.text().strip())
        is_known = self._state is not TokenState.UNKNOWN
        self.field.setReadOnly(self._is_busy)
        for button in (self.test_button, self.keep_button):
            button.setEnabled(has_words and not self._is_busy)
        for button in (self.add_button, self.test_kept_button, self.forget_button):
            button.setEnabled(is_known and not self._is_busy)

    def _connect(self) -> None:
        self.add_button.clicked.connect(self.unfold)
        self.cancel_button.clicked.connect(self._cancel)
        self.stop_button.clicked.connect(self.stop_requested)
        self.forget_button.clicked.connect(self.forget_requested)
        self.test_kept_button.clicked.connect(lambda: self.test_requested.emit(""))
        self.test_button.clicked.connect(lambda: self.test_requested.emit(self.field.text().strip()))
        self.keep_button.clicked.connect(lambda: self.keep_requested.emit(self.field.text().strip()))
        self.field.returnPressed.connect(self.keep_button.click)
        self.field.textChanged.connect(self._allow)

    def _lay_out(self, theme: Theme) -> None:
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(self._first_line(theme))
        layout.addWidget(self._unfolded)
        last = QHBoxLayout()
        last.addWidget(self.result, 1)
        last.addWidget(self.stop_button)
        layout.addLayout(last)
        self._lay_out_unfolded(theme)
        self.result.setWordWrap(True)
        self.result.hide()
        self.stop_button.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 14, 0, 0)
        outer.addWidget(Card([inside], theme))

    def _first_line(self, theme: Theme) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(tr("Access token for gated models"), theme, TextRole.INTERFACE_STRONG))
        words.addWidget(self.sentence)
        self.sentence.setWordWrap(True)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addLayout(words, 1)
        for button in (self.forget_button, self.test_kept_button, self.add_button):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.test_kept_button.setAccessibleName(tr("Test the access token that is kept"))
        self.forget_button.setAccessibleName(tr("Forget the access token"))
        return line

    def _lay_out_unfolded(self, theme: Theme) -> None:
        layout = QVBoxLayout(self._unfolded)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(6)
        for number, step in enumerate(_steps(), start=1):
            label = PlainLabel(tr("{number}. {step}", number=number, step=step), theme, TextRole.INTERFACE, "text_2")
            label.setWordWrap(True)
            layout.addWidget(label)
        line = QHBoxLayout()
        line.setContentsMargins(0, 6, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.field, 100)  # the stretch at the end takes only what the field may not
        for button in (self.test_button, self.keep_button, self.cancel_button):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        layout.addLayout(line)


class _TokenField(QLineEdit):
    """Shows dots for what is typed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setFont(theme.font(TextRole.ROW))
        self.setMinimumWidth(160)
        self.setMaximumWidth(_FIELD_WIDTH)
        self.setPlaceholderText("hf_…")
        self.setAccessibleName(tr("Access token"))
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhHiddenText
        )

    def let_go(self) -> None:
        """Forget what was typed, and take it out of the clipboard if it was pasted from there."""
        token = self.text().strip()
        self.clear()
        clipboard = QGuiApplication.clipboard()
        modes = [QClipboard.Mode.Clipboard]
        if clipboard.supportsSelection():
            modes.append(QClipboard.Mode.Selection)
        for mode in modes:
            if token and clipboard.text(mode).strip() == token:
                clipboard.clear(mode)


def _steps() -> tuple[str, ...]:
    return (
        tr("Some models are given only to people who agreed to their terms. Agree on the model's page at the hub."),
        tr("At the hub, in Settings under Access Tokens, make a token that may read. It is shown once: copy it."),
        tr("Paste it here. It is sent to the hub, and to no other host. Keeping it takes it out of the clipboard."),
    )
