"""The access token: added, tested, kept and forgotten, off the GUI thread, for a keyring and the hub may take long."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.credentials import Keeper, Kept
from app.errors import PaddockError
from app.translation import told, tr
from app.ui.presenters.desk import Desk
from app.ui.presenters.errands import Errand, Errands
from app.ui.settings.token_card import TokenCard, TokenState, TokenTone
from app.ui.theme import Theme


class AccessTokenPresenter(QObject):
    """Does what is asked of the card. The token itself is handed on, and nowhere kept here."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Know nothing until the card is looked at."""
        super().__init__(desk.window)
        self._background = desk.background
        self._errands = Errands(desk.bridge)
        self._testing: Errand | None = None
        self._online = desk.parts.online
        self._kept: Kept | None = None
        self.card = TokenCard(theme)
        self.card.wanted.connect(self._look)
        self.card.test_requested.connect(self._test)
        self.card.keep_requested.connect(self._keep)
        self.card.forget_requested.connect(self._forget)
        self.card.stop_requested.connect(self._stop)

    def _look(self) -> None:
        self._background.run(lambda: self._online.credentials.token() is not None, self._show_known)

    def _show_known(self, has_token: bool) -> None:  # noqa: FBT001 - a result that is handed on
        trouble = self._online.credentials.trouble
        if not has_token:
            self.card.show_state(TokenState.NONE, "" if trouble is None else told(trouble))
        elif self._kept is not None and self._kept.keeper is Keeper.SESSION:
            self.card.show_state(TokenState.IN_SESSION, "" if self._kept.why is None else told(self._kept.why))
        else:
            self.card.show_state(TokenState.IN_KEYRING)

    def _test(self, token: str) -> None:
        """Ask the hub whose token it is. The gate may ask the user first."""
        self._begin(tr("Asking the hub whose token this is."), can_stop=True)
        online = self._online

        def known(name: str) -> None:
            self._end(tr("It works: at the hub you are {name}.", name=name), TokenTone.GOOD)

        self._testing = self._errands.run(
            lambda _: online.hub.account(token or online.credentials.token() or ""), known, self._failed
        )

    def _stop(self) -> None:
        """Wait for the answer no more. What was asked cannot be taken back, but nobody hears of it."""
        if self._testing is not None:
            self._testing.stop()
        self._end(tr("Stopped. The token was not tested."), TokenTone.QUIET)

    def _keep(self, token: str) -> None:
        self._begin(tr("Handing it to the keyring of your system."))
        self._background.run(lambda: self._online.credentials.keep(token), self._was_kept, self._failed)

    def _was_kept(self, kept: Kept) -> None:
        self._kept = kept
        self.card.kept()
        if kept.keeper is Keeper.KEYRING:
            self._end(tr("The keyring of your system keeps it now."), TokenTone.GOOD)
        else:
            self._end(tr("It can be used now, and is forgotten when Paddock is closed."), TokenTone.HAY)
        self._show_known(has_token=True)

    def _forget(self) -> None:
        self._begin(tr("Forgetting it."))
        self._background.run(self._online.credentials.forget, lambda _: self._was_forgotten(), self._failed_to_forget)

    def _was_forgotten(self) -> None:
        self._kept = None
        self._end(tr("Forgotten, here and in the keyring."), TokenTone.QUIET)
        self._show_known(has_token=False)

    def _failed_to_forget(self, error: PaddockError) -> None:
        self._kept = None
        self._show_known(has_token=False)
        self._failed(error)

    def _failed(self, error: PaddockError) -> None:
        self._end(told(error), TokenTone.WRONG)

    def _begin(self, sentence: str, *, can_stop: bool = False) -> None:
        self.card.show_busy(is_busy=True, can_stop=can_stop)
        self.card.show_result(sentence, TokenTone.QUIET)

    def _end(self, sentence: str, tone: TokenTone) -> None:
        self.card.show_busy(is_busy=False)
        self.card.show_result(sentence, tone)
