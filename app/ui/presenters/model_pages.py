"""The model manager with all its pages, and what downloads and converts models behind them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from app.settings.registry import Group
from app.ui.icons import Icons
from app.ui.model_manager.downloads_words import percent
from app.ui.model_manager.tab import Tab
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.discover import DiscoverPresenter
from app.ui.presenters.downloads import DownloadsPresenter
from app.ui.presenters.model_manager import ACTION_ID, ModelManagerPresenter
from app.ui.presenters.models import ModelPresenter
from app.ui.presenters.my_models import MyModelsPresenter
from app.ui.presenters.network_question import NetworkQuestionPresenter
from app.ui.presenters.offline import OfflinePresenter
from app.ui.presenters.permission import IdlePermission
from app.ui.presenters.settings import SettingsPresenter
from app.ui.presenters.workshop import WorkshopPresenter
from app.ui.presenters.workshop_idle import IdleWorkshop
from app.ui.shortcuts import shortcut_text
from app.ui.task_bar import TaskBarProgress, find_task_bar
from app.ui.theme import Theme
from app.workshop.jobs import WorkshopJobs


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The presenters that the pages tell of what happens, and hear of what they must know."""

    models: ModelPresenter
    conversations: ConversationPresenter
    settings: SettingsPresenter
    offline: OfflinePresenter
    permission: IdlePermission


class ModelPages:
    """Makes them all; each page is built when somebody opens it, and the network is asked when the user asks."""

    def __init__(self, desk: Desk, neighbours: Neighbours, theme: Theme, icons: Icons) -> None:
        self._desk = desk
        self._neighbours = neighbours
        self._theme = theme
        self._icons = icons
        models, settings = neighbours.models, neighbours.settings
        self.manager = ModelManagerPresenter(desk, models, theme, icons)
        self.manager.hardware_requested.connect(partial(settings.open_at, Group.HARDWARE))
        self.my_models = MyModelsPresenter(desk, self.manager, models, theme, icons)
        jobs = WorkshopJobs(desk.parts.paths, desk.parts.settings)
        self.workshop = WorkshopPresenter(desk, models, jobs, theme, icons)
        self.my_models.convert_requested.connect(self.workshop.open_convert)
        self.idle_workshop = self._make_idle_workshop()
        self.downloads = self._make_downloads()
        self.discover = DiscoverPresenter(desk, self.manager, models, theme, icons)
        self.discover.token_wanted.connect(partial(settings.open_at, Group.NETWORK))
        self.downloads.changed.connect(self.discover.show_downloads)
        desk.window.composer.more_models_requested.connect(lambda: self.manager.open(tab=Tab.DISCOVER))

    def _make_idle_workshop(self) -> IdleWorkshop:
        """Make what converts a model when it has been calm for a while."""
        near = self._neighbours
        idle = IdleWorkshop(self._desk, self.workshop, near.conversations, near.models, near.permission)
        near.permission.changed.connect(idle.permission_changed)
        near.settings.prompt_settings_changed.connect(idle.permission_changed)
        return idle

    def _make_downloads(self) -> DownloadsPresenter:
        """Make what shows the downloads, and who asks the user before anything is connected to."""
        window, near = self._desk.window, self._neighbours
        question = NetworkQuestionPresenter(self._desk, self._theme, self._icons)
        near.offline.changed.connect(question.policy_changed)
        window.closing.connect(question.close)  # before anybody who waits for somebody that it has asked for
        downloads = DownloadsPresenter(self._desk, self.manager, self._theme, self._icons)
        task_bar = TaskBarProgress(partial(find_task_bar, window), window)
        downloads.progressed.connect(task_bar.show_fraction)
        downloads.progressed.connect(self._hint_at_downloads)
        downloads.arrived.connect(near.models.library_changed)
        downloads.use_requested.connect(self._use)
        near.settings.download_limits_changed.connect(downloads.limits_changed)
        near.offline.changed.connect(downloads.policy_changed)
        window.closing.connect(downloads.close)
        return downloads

    def _hint_at_downloads(self, fraction: float | None) -> None:
        hint = shortcut_text("models") if fraction is None else percent(fraction)
        self._desk.window.sidebar.set_action_hint(ACTION_ID, hint)

    def _use(self, model_id: str) -> None:
        self._neighbours.models.choose(model_id)
        self._desk.window.show_conversation()
