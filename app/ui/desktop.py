"""The window and everything behind it, from the first start to the last word that is saved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, TypeAlias

from PySide6.QtCore import (
    QByteArray,
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.errors import PaddockError
from app.parts import Parts
from app.paths import Paths, resources
from app.translation import tr
from app.ui.background import Background
from app.ui.engine_bridge import EngineBridge
from app.ui.focus_keeper import FocusKeeper
from app.ui.focus_ring import FocusRing
from app.ui.garbage import Garbage
from app.ui.icons import Icons
from app.ui.main_window import MainWindow
from app.ui.paint_witness import find_witness
from app.ui.panel_walk import PanelWalk
from app.ui.presenters.bin import BinPresenter
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.forgetting import ForgettingPresenter
from app.ui.presenters.idle import IdlePresenter
from app.ui.presenters.model_manager import ACTION_ID
from app.ui.presenters.model_pages import ModelPages, Neighbours
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.notices import Notices
from app.ui.presenters.offline import OfflinePresenter
from app.ui.presenters.permission import IdlePermission, ReadBattery, battery_of_laptop
from app.ui.presenters.settings import SettingsPresenter
from app.ui.presenters.sidebar import SidebarPresenter
from app.ui.presenters.templates import TemplatePresenter
from app.ui.presenters.this_conversation import ThisConversationPresenter
from app.ui.shortcuts import make_shortcuts, shortcut_text
from app.ui.sidebar.sidebar import SidebarAction
from app.ui.signal_watch import SignalWatch
from app.ui.single_instance import SingleInstance
from app.ui.start_trouble import show_start_trouble
from app.ui.theme import Theme
from app.ui.window_state import WindowStateFile

BuildParts: TypeAlias = Callable[[Paths], AbstractContextManager[Parts]]
_log = logging.getLogger(__name__)
_QT_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}


def run_desktop(paths: Paths, build_parts: BuildParts) -> int:
    """Show the window until it is closed, and give the exit status. A second start only raises the first window."""
    qInstallMessageHandler(_log_qt_message)
    app = _make_application()
    instance = SingleInstance(paths.data)
    try:
        if not instance.claim():
            return 0
        with build_parts(paths) as parts:
            desktop = Desktop(app, parts)
            instance.raise_requested.connect(desktop.bring_to_front)
            return desktop.run()
    except PaddockError as error:
        _log.warning("%s (%s)", error, error.details)
        show_start_trouble(error, app)
        return 1
    finally:
        instance.release()


class Desktop:
    """The window, its presenters, and what they share."""

    def __init__(self, app: QApplication, parts: Parts, read_battery: ReadBattery = battery_of_laptop) -> None:
        """Build it all; nothing is shown yet."""
        self._app = app
        self.parts = parts
        self._theme = _dress(app, parts)
        icons = Icons(self._theme)
        self.window = MainWindow(self._theme, icons)
        self._bridge = EngineBridge()  # outlives the window: the store may answer while it is taken apart
        self._background = Background(self._bridge)
        self._state = WindowStateFile(parts.paths.window_state)
        self._witness = find_witness()  # kept: a connection does not keep a plain object alive
        notices = Notices(self.window.notice, self._bridge)
        desk = Desk(parts, self.window, self._bridge, self._background, notices, self._state)
        self.models = ModelPresenter(desk)
        self.conversations = ConversationPresenter(desk, self.models.turn_settings)
        self.conversations.opened.connect(self.models.show_for)  # before anybody who asks which model that is
        self.conversations.options_changed.connect(self.models.set_options)
        self._permission = IdlePermission(desk, read_battery)
        self.idle = IdlePresenter(desk, self.conversations, self.models, self._permission)
        self.this_conversation = ThisConversationPresenter(desk, self.conversations, self.models, self._theme, icons)
        self._forgetting = ForgettingPresenter(desk, self.conversations)
        self.sidebar = SidebarPresenter(desk, self.conversations)
        self.bin = BinPresenter(desk, self._theme, icons)
        self.offline = OfflinePresenter(desk, self._theme, icons)
        self.settings = SettingsPresenter(desk, self._theme, icons, self.models, self.conversations, self.offline)
        self._make_model_pages(desk, icons)
        self._focus_ring = FocusRing(self.window, self._theme, app)
        self._focus_keeper = FocusKeeper(self.window, app)
        self._panels = PanelWalk([*self.window.panels(), (self.model_manager.frame, self.model_manager.frame)])
        self._connect(desk)
        self._restore()

    def run(self) -> int:
        """Show the window until it is closed, and give the exit status."""
        self.start()
        with SignalWatch(self.window.close):
            status = self._app.exec()
        self.end()
        return status

    def start(self) -> None:
        """Show the window, and load the model behind it."""
        self._garbage = Garbage(self._bridge)
        self.window.show()
        QTimer.singleShot(0, self.window, self._start_engine)

    def end(self) -> None:
        """Wait for what runs beside the window, and take the window apart while everything it knows is still there.

        The engine and the store are closed by whoever built the parts.
        """
        self._background.close()
        self._bridge.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(self.window, QEvent.Type.DeferredDelete.value)
        self._garbage.end()

    def bring_to_front(self) -> None:
        """Show the window above the others."""
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _make_model_pages(self, desk: Desk, icons: Icons) -> None:
        near = Neighbours(self.models, self.conversations, self.settings, self.offline, self._permission)
        pages = ModelPages(desk, near, self._theme, icons)
        self.model_manager, self.my_models = pages.manager, pages.my_models
        self.workshop, self.idle_workshop = pages.workshop, pages.idle_workshop
        self.downloads, self.discover = pages.downloads, pages.discover
        self._model_pages = pages  # kept: a connection does not keep a plain object alive

    def _connect(self, desk: Desk) -> None:
        TemplatePresenter(desk, self.models)  # the window keeps it
        self.window.closing.connect(self._close)
        self.window.transcript.verticalScrollBar().valueChanged.connect(self.window.composer.gauge.scrolled)
        self.window.composer.settings_requested.connect(self.settings.open)
        self.bin.restore_requested.connect(self.sidebar.restore)
        self.conversations.opened.connect(self._remember_conversation)
        self._permission.changed.connect(self.idle.prompt_changed)
        self.settings.prompt_settings_changed.connect(self.idle.prompt_changed)
        self._forgetting.prompt_changed.connect(self.idle.prompt_changed)
        self.this_conversation.became_private.connect(self.idle.forget)
        self.sidebar.binned.connect(self.idle.forget)
        self.parts.store.on_trouble = lambda trouble: desk.bridge.post(
            lambda: desk.notices.saving_is_in_trouble(trouble)
        )
        self.parts.online.on_notice = lambda notice: desk.bridge.post(lambda: desk.notices.report(notice))
        for notice in (*self.parts.settings.notices, *self.parts.online.notices):
            desk.notices.report(notice)
        if self._witness is not None:
            self.window.transcript.painted.connect(self._witness.painted)
        self._bind_keys()

    def _bind_keys(self) -> None:
        window = self.window
        window.set_actions(
            [
                SidebarAction("boxes", tr("Models"), self.model_manager.open, shortcut_text("models"), ACTION_ID),
                SidebarAction("trash-2", tr("Bin"), self.bin.open),
                SidebarAction("settings", tr("Settings"), self.settings.open, shortcut_text("settings")),
            ]
        )
        make_shortcuts(
            window,
            {
                "new_conversation": self.conversations.open_new,
                "search": self.sidebar.search,
                "rename": self.sidebar.rename,
                "stop": self._stop,
                "focus_composer": window.show_conversation,
                "add_model": self.models.ask_for_file,
                "choose_model": window.composer.open_model_list,
                "models": self.model_manager.open,
                "this_conversation": self.this_conversation.open,
                "toggle_sidebar": window.side_panel.toggle,
                "settings": self.settings.open,
                "next_panel": self._panels.forward,
                "previous_panel": self._panels.backward,
                "quit": self._quit,
            },
        )
        window.rail.new_requested.connect(self.conversations.open_new)
        window.rail.search_requested.connect(self.sidebar.search)
        window.top_bar.menu_requested.connect(window.side_panel.open_sidebar)

    def _quit(self) -> None:
        self.window.close()

    def _stop(self) -> None:
        if self.window.composer.gauge.hide_card():
            return
        self.conversations.stop()
        self.models.stop_loading()

    def _restore(self) -> None:
        state = self._state.state
        geometry = QByteArray.fromHex(state.geometry.encode("ascii", "ignore"))
        self.window.restore(geometry, state.sidebar_width, sidebar_hidden=state.sidebar_hidden)
        self.sidebar.refresh()
        self.conversations.open_first(state.conversation_id)

    def _start_engine(self) -> None:
        self.parts.engine.start()
        self.models.have_ready()
        self._permission.start()
        self.downloads.start()

    def _remember_conversation(self, conversation: object) -> None:
        self._state.change(conversation_id=getattr(conversation, "id", ""))

    def _close(self) -> None:
        geometry = bytes(self.window.saveGeometry().toHex().data()).decode()
        panel = self.window.side_panel
        self._state.change(geometry=geometry, sidebar_width=panel.sidebar_width, sidebar_hidden=panel.is_collapsed)
        self.conversations.application_closes()
        self._app.quit()


def _dress(app: QApplication, parts: Parts) -> Theme:
    """Give the application the colours and the type that are set."""
    appearance = parts.settings.settings.appearance
    theme = Theme(appearance.theme, appearance.zoom_percent)
    theme.apply(app)
    return theme


def _make_application() -> QApplication:
    app = QApplication(["paddock"])
    app.setApplicationName("Paddock")
    app.setDesktopFileName("paddock")
    app.setWindowIcon(QIcon(str(resources() / "icons" / "paddock.svg")))
    app.setQuitOnLastWindowClosed(False)  # the window says itself when it is done
    return app


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_QT_LEVELS.get(kind, logging.ERROR), "Qt: %s (%s)", message, context.category)
