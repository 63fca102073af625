"""The window and everything behind it, from the first start to the last word that is saved."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from types import FrameType
from typing import Final, TypeAlias

from PySide6.QtCore import (
    QByteArray,
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QSocketNotifier,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from app.errors import PaddockError
from app.parts import Parts
from app.paths import Paths, resources
from app.settings.registry import Group
from app.translation import tr
from app.ui.background import Background
from app.ui.engine_bridge import EngineBridge
from app.ui.focus_ring import FocusRing
from app.ui.icons import Icons
from app.ui.main_window import MainWindow
from app.ui.model_manager.downloads_words import percent
from app.ui.model_manager.tab import Tab
from app.ui.paint_witness import find_witness
from app.ui.panel_walk import PanelWalk
from app.ui.presenters.bin import BinPresenter
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.discover import DiscoverPresenter
from app.ui.presenters.downloads import DownloadsPresenter
from app.ui.presenters.forgetting import ForgettingPresenter
from app.ui.presenters.idle import IdlePresenter
from app.ui.presenters.model_manager import ACTION_ID, ModelManagerPresenter
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.my_models import MyModelsPresenter
from app.ui.presenters.network_question import NetworkQuestionPresenter
from app.ui.presenters.notices import Notices
from app.ui.presenters.offline import OfflinePresenter
from app.ui.presenters.permission import IdlePermission, ReadBattery, battery_of_laptop
from app.ui.presenters.settings import SettingsPresenter
from app.ui.presenters.sidebar import SidebarPresenter
from app.ui.presenters.templates import TemplatePresenter
from app.ui.presenters.this_conversation import ThisConversationPresenter
from app.ui.presenters.workshop import WorkshopPresenter
from app.ui.presenters.workshop_idle import IdleWorkshop
from app.ui.shortcuts import make_shortcuts, shortcut_text
from app.ui.sidebar.sidebar import SidebarAction
from app.ui.single_instance import SingleInstance
from app.ui.start_trouble import show_start_trouble
from app.ui.task_bar import TaskBarProgress, find_task_bar
from app.ui.theme import Theme
from app.ui.window_state import WindowStateFile
from app.workshop.jobs import WorkshopJobs

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
        self.model_manager = self._make_model_manager(desk, icons)
        self.downloads, self.discover = self._make_downloads(desk, icons), self._make_discover(desk, icons)
        self._focus_ring = FocusRing(self.window, self._theme, app)
        self._panels = PanelWalk([*self.window.panels(), (self.model_manager.frame, self.model_manager.frame)])
        self._connect(desk)
        self._restore()

    def run(self) -> int:
        """Show the window until it is closed, and give the exit status."""
        self.start()
        with _SignalWatch(self.window.close):
            status = self._app.exec()
        self.end()
        return status

    def start(self) -> None:
        """Show the window, and load the model behind it."""
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

    def bring_to_front(self) -> None:
        """Show the window above the others."""
        self.window.setWindowState(self.window.windowState() & ~self.window.windowState().WindowMinimized)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _make_model_manager(self, desk: Desk, icons: Icons) -> ModelManagerPresenter:
        """Make the model manager with all its pages; each of them is built when somebody opens it."""
        manager = ModelManagerPresenter(desk, self._theme, icons)
        manager.hardware_requested.connect(partial(self.settings.open_at, Group.HARDWARE))
        self.my_models = MyModelsPresenter(desk, manager, self.models, self._theme, icons)
        self._make_workshop(desk, icons)
        return manager

    def _make_workshop(self, desk: Desk, icons: Icons) -> None:
        """Make what converts models, when somebody asks for it or when it has been calm for a while."""
        jobs = WorkshopJobs(self.parts.paths, self.parts.settings)
        self.workshop = WorkshopPresenter(desk, self.models, jobs, self._theme, icons)
        self.idle_workshop = IdleWorkshop(desk, self.workshop, self.conversations, self.models, self._permission)
        self._permission.changed.connect(self.idle_workshop.permission_changed)
        self.my_models.convert_requested.connect(self.workshop.open_convert)

    def _make_discover(self, desk: Desk, icons: Icons) -> DiscoverPresenter:
        """Make what finds models; it asks nobody before the user does."""
        discover = DiscoverPresenter(desk, self.model_manager, self.models, self._theme, icons)
        discover.token_wanted.connect(partial(self.settings.open_at, Group.NETWORK))
        return discover

    def _make_downloads(self, desk: Desk, icons: Icons) -> DownloadsPresenter:
        """Make what shows the downloads, and who asks the user before anything is connected to."""
        question = NetworkQuestionPresenter(desk, self._theme, icons)
        self.offline.changed.connect(question.policy_changed)
        self.window.closing.connect(question.close)  # before anybody who waits for somebody that it has asked for
        downloads = DownloadsPresenter(desk, self.model_manager, self._theme, icons)
        task_bar = TaskBarProgress(partial(find_task_bar, self.window), self.window)
        downloads.progressed.connect(task_bar.show_fraction)
        downloads.progressed.connect(self._hint_at_downloads)
        downloads.arrived.connect(self.models.library_changed)
        downloads.use_requested.connect(self._use_model)
        self.settings.download_limits_changed.connect(downloads.limits_changed)
        self.window.closing.connect(downloads.close)
        return downloads

    def _connect(self, desk: Desk) -> None:
        TemplatePresenter(desk, self.models)  # the window keeps it
        self.window.closing.connect(self._close)
        self.downloads.changed.connect(self.discover.show_downloads)
        self.window.transcript.verticalScrollBar().valueChanged.connect(self.window.composer.gauge.scrolled)
        self.window.composer.settings_requested.connect(self.settings.open)
        self.window.composer.more_models_requested.connect(lambda: self.model_manager.open(tab=Tab.DISCOVER))
        self.bin.restore_requested.connect(self.sidebar.restore)
        self.conversations.opened.connect(self._remember_conversation)
        self._permission.changed.connect(self.idle.prompt_changed)
        self.settings.prompt_settings_changed.connect(self.idle_workshop.permission_changed)
        self.settings.prompt_settings_changed.connect(self.idle.prompt_changed)
        self._forgetting.prompt_changed.connect(self.idle.prompt_changed)
        self.this_conversation.became_private.connect(self.idle.forget)
        self.sidebar.binned.connect(self.idle.forget)
        self.parts.store.on_trouble = lambda trouble: desk.bridge.post(
            lambda: desk.notices.saving_is_in_trouble(trouble)
        )
        if self._witness is not None:
            self.window.transcript.painted.connect(self._witness.painted)
        self._bind_keys()

    def _hint_at_downloads(self, fraction: float | None) -> None:
        hint = shortcut_text("models") if fraction is None else percent(fraction)
        self.window.sidebar.set_action_hint(ACTION_ID, hint)

    def _use_model(self, model_id: str) -> None:
        self.models.choose(model_id)
        self.window.show_conversation()

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


class _SignalWatch:
    """Turns SIGTERM, SIGINT and SIGHUP into an orderly close; Qt's loop does not come back to Python by itself."""

    def __init__(self, close: Callable[[], object]) -> None:
        """Call `close` when the system asks the process to end."""
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._close = close
        self._notifier.activated.connect(self._woken)

    def _woken(self) -> None:
        self._reader.recv(64)
        self._close()

    def __enter__(self) -> None:
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), _only_wake_up)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()


def _only_wake_up(_number: int, _frame: FrameType | None) -> None:
    """Let the signal be noticed by the descriptor that Qt watches, not by its default, which ends the process."""


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
