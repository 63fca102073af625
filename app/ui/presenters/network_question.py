"""Asks the user for those who stand at the gate."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtCore import QObject, QUrl

from app.errors import PaddockError
from app.network.addresses import granted_host, shown_host
from app.network.gate import Answer, NetworkPolicy
from app.network.purpose import Purpose
from app.ui.icons import Icons
from app.ui.network_question import AskedToConnect, NetworkQuestion
from app.ui.presenters.desk import Desk
from app.ui.theme import Theme


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A question, and whoever waits for its answer."""

    purpose: Purpose
    host: str
    answer: Future[Answer] = field(default_factory=Future[Answer])


class NetworkQuestionPresenter(QObject):
    """Shows one question after another. Whoever wants to pass waits on a thread that is not the GUI's."""

    def __init__(self, desk: Desk, theme: Theme, icons: Icons) -> None:
        """Stand at the gate."""
        super().__init__(desk.window)
        self._desk = desk
        self._theme = theme
        self._icons = icons
        self._window_thread = threading.get_ident()
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []
        """The first of them is on the screen."""
        self._shown: NetworkQuestion | None = None
        self._is_closed = False
        desk.parts.online.gate.ask = self.ask

    def ask(self, purpose: Purpose, host: str) -> Answer:
        """Come back with the user's answer; a window that is closed, or closes, says no."""
        if threading.get_ident() == self._window_thread:
            raise RuntimeError("The window cannot wait for its own answer: ask on another thread.")
        asked = _Asked(purpose, host)
        with self._lock:
            if self._is_closed:
                return Answer.NO
            self._waiting.append(asked)
        self._desk.bridge.post(self._show_next)
        return asked.answer.result()

    def close(self) -> None:
        """Answer all with no, and those that come later."""
        with self._lock:
            self._is_closed = True
        self._answer_all(Answer.NO)

    def policy_changed(self, policy: NetworkPolicy) -> None:
        """Put away questions that the switch or the settings have answered."""
        if policy is not NetworkPolicy.ASK:
            self._answer_all(Answer.NO if policy is NetworkPolicy.OFFLINE else Answer.ONCE)

    def _answer_all(self, answer: Answer) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for asked in waiting:
            asked.answer.set_result(answer)
        if self._shown is not None:
            self._shown.dismiss()

    def _show_next(self) -> None:
        with self._lock:
            waiting = list(self._waiting)
        if self._shown is not None or not waiting:
            return
        asked = waiting[0]
        shown = AskedToConnect(asked.purpose, asked.host, asked.host == self._hub_host(), len(waiting) - 1)
        question = NetworkQuestion(shown, self._theme, self._icons)
        self._shown = question
        question.answered.connect(partial(self._answered, asked))
        question.open_over(self._desk.window)

    def _hub_host(self) -> str:
        """The host that the access token goes to, as the gate names it; "" where none is set that may be asked."""
        try:
            url = QUrl(self._desk.parts.online.hub_address())
        except PaddockError:
            return ""
        name, port = url.host(QUrl.ComponentFormattingOption.FullyEncoded), url.port()
        return granted_host(shown_host(url.scheme(), name, None if port < 0 else port))

    def _answered(self, asked: _Asked, answer: Answer) -> None:
        if self._shown is not None:
            self._shown.deleteLater()
            self._shown = None
        with self._lock:
            is_waiting = asked in self._waiting
            if is_waiting:
                self._waiting.remove(asked)
        if is_waiting:
            asked.answer.set_result(answer)
        self._desk.bridge.post(self._show_next)
