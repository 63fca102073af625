"""The model picker: which model answers, how far it is loaded, and which files there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.chat.model_choice import is_another_file, model_for, settings_for
from app.chat.turn import TurnSettings
from app.chat.turn_settings import turn_settings
from app.conversation import Conversation, ConversationOptions
from app.engine.events import LoadedModel
from app.engine.requests import LoadRequest
from app.errors import PaddockError
from app.models.installed import DamagedModelError, InstalledModel, Source
from app.models.model_files import FileState
from app.translation import tr
from app.ui.composer.model_choice import ModelChoice
from app.ui.notice import NoticeAction
from app.ui.presenters.desk import Desk
from app.ui.presenters.load_report import ChosenLoad, LoadReport
from app.ui.presenters.loading import ModelLoading
from app.ui.presenters.model_watch import ModelWatch


class ModelPresenter(QObject):
    """Knows the chosen model, has it loaded in the background, and shows how that goes."""

    changed = Signal()
    """Another model is chosen, or there are others to choose from."""

    def __init__(self, desk: Desk) -> None:
        """Begin without a choice; `show_for` makes the first one."""
        super().__init__(desk.window)
        self._desk = desk
        self._library = desk.parts.models
        self._listed_last: list[InstalledModel] = []
        self._chosen: InstalledModel | None = None
        self._conversation: Conversation | None = None
        self._options = ConversationOptions()
        self._notices_shown = 0
        self.loading = ModelLoading(desk)
        self._watch = ModelWatch(desk)
        self._watch.changed.connect(self.library_changed)
        self._library.in_use = lambda: self.loading.files
        chosen = ChosenLoad(lambda: self._chosen, self._wanted_load, self.have_ready)
        self._report = LoadReport(desk, self.loading, chosen)
        self.loading.loaded.connect(self._hash_in_background)
        composer = desk.window.composer
        composer.model_chosen.connect(self.choose)
        composer.add_model_requested.connect(self.ask_for_file)
        composer.remove_model_requested.connect(self._remove)
        composer.stop_requested.connect(self.stop_loading)
        composer.draft_changed.connect(self._typing)
        desk.window.files_dropped.connect(self._add_files)
        composer.model_list_opening.connect(self._refresh)

    def turn_settings(self) -> TurnSettings | None:
        """Give with what the next reply is made; None, and a sentence, while no model can answer."""
        if self._chosen is None:
            self._desk.window.composer.open_model_list()
            return None
        try:
            how = self._made_with(self._chosen)
        except DamagedModelError as damage:
            self._show_damage(self._chosen, damage)
            return None
        except PaddockError as error:
            self._desk.notices.show(error)
            return None
        self._watch.used(self._chosen.id)
        return how

    def loaded_settings(self) -> TurnSettings | None:
        """Give the same when the model is in memory, for work that nobody waits for; else None, without a word."""
        if self._chosen is None or not self._chosen.is_present:
            return None
        try:
            how = self._made_with(self._chosen)
        except PaddockError:
            return None  # said when somebody sends
        return how if self.loading.is_loaded(how.load) else None

    def _made_with(self, model: InstalledModel) -> TurnSettings:
        parts = self._desk.parts
        settings = settings_for(model, parts.settings)
        draft = parts.models.draft_for(model)
        how = turn_settings(model, parts.hashes, settings, self._options, parts.paths.states, draft)
        return replace(how, load=self.loading.permitted(how.load))

    @property
    def chosen(self) -> InstalledModel | None:
        """The model that answers next."""
        return self._chosen

    def show_for(self, conversation: Conversation | None) -> None:
        """Choose the model of the conversation that is open now. It is loaded when somebody begins to write."""
        self._conversation = conversation
        try:
            model = self._model_for(conversation)
        except PaddockError as error:
            self._desk.notices.show(error)
            model = self._fallback()
        self._chosen = model
        self._refresh()
        self._report.show_state()

    def set_options(self, options: ConversationOptions) -> None:
        """Take over what is set for the conversation that is open now: its adapters are loaded with the model."""
        self._options = options
        self._report.show_state()

    def have_ready(self) -> None:
        """Load the chosen model if it is not in memory."""
        self.loading.have_ready(self._wanted_load())

    def have_ready_for_reader(self) -> None:
        """Load it for somebody who has not written yet: never in place of another model, which may be wanted again.

        The same model with other adapters is not another one.
        """
        load, model = self._wanted_load(), self.loading.model
        if load is None or self.loading.is_busy or not self.loading.is_new(load):
            return
        if model is None or Path(model.path) == load.path:
            self.have_ready()

    def load_settings_changed(self) -> None:
        """What is in memory may not be what is wanted any more; it is loaded anew when somebody writes."""
        self.loading.forgive()

    def template_changed(self, model_id: str) -> None:
        """Take over which chat template a model is used with now; the chosen model is loaded with it."""
        is_chosen = self._chosen is not None and self._chosen.id == model_id
        if is_chosen:
            self._desk.window.notice.clear()
            try:
                self._chosen = self._library.find(model_id)
            except PaddockError as error:
                self._desk.notices.show(error)
        self._refresh()
        if is_chosen:
            self.have_ready()

    def library_changed(self) -> None:
        """Take over what became of the models: names, files that came or went."""
        if self._chosen is not None:
            known = {model.id: model for model in self._listed()}
            gone = self._chosen.id not in known and self._chosen.source is not Source.FILE
            self._chosen = self._fallback() if gone else known.get(self._chosen.id, self._chosen)
        self._refresh()
        self._report.show_state()

    def let_go(self, model: InstalledModel, then: Callable[[], None]) -> None:
        """Have `model` out of memory, and then call `then`; another one that is here answers in its place."""
        self.loading.unload(model.files, then)
        if self._chosen is None or self._chosen.id != model.id:
            return
        other = self._fallback(but=model.id)
        if other is not None:
            self.choose(other.id)
        else:
            self._chosen = None
            self._refresh()

    def ask_for_file(self) -> None:
        """Let the user look for a model file."""
        path, _filter = QFileDialog.getOpenFileName(
            self._desk.window, tr("Add a model file"), str(Path.home()), tr("Model files (*.gguf)")
        )
        if path:
            self._add_files([Path(path)])

    def _model_for(self, conversation: Conversation | None) -> InstalledModel:
        parts, chosen_id = self._desk.parts, self._desk.state.state.model_id
        chosen = next((model for model in self._listed() if model.id == chosen_id and model.is_present), None)
        if conversation is None and chosen is not None:
            return chosen
        model = model_for(self._library, parts.hashes, parts.store, conversation)
        if model.id == chosen_id:
            self._desk.state.change(model_id="")  # from now on the conversation tells
        if conversation is not None and is_another_file(model, parts.hashes, parts.store, conversation):
            self._desk.notices.say(tr("The file of {name} is not the one that wrote here before.", name=model.name))
        return model

    def _fallback(self, *, but: str = "") -> InstalledModel | None:
        return next((model for model in self._listed() if model.is_present and model.id != but), None)

    def choose(self, model_id: str) -> None:
        """Have this model answer from now on, and load it."""
        model = next((model for model in self._listed() if model.id == model_id), None)
        if model is None:
            self._refresh()
            return
        if self._conversation is not None:
            self._desk.notices.watch(self._desk.parts.store.set_model(self._conversation.id, model.name))
        self._desk.state.change(model_id=model.id if self._conversation is None else "")
        self._chosen = model
        self._desk.window.notice.clear()
        self._refresh()
        self.have_ready()
        if model.damage is not None:
            self._show_damage(model, model.damage)
        elif model.state is FileState.CHANGED:
            sentence = tr(
                "The file of {name} has changed since it was added. “Check the file” looks at it.", name=model.name
            )
            self._desk.notices.say(sentence)

    def _show_damage(self, model: InstalledModel, damage: DamagedModelError) -> None:
        def taken(_model: InstalledModel) -> None:
            self._desk.window.notice.clear()
            self.library_changed()
            self.have_ready()

        def use_anyway() -> None:
            self._desk.background.run(lambda: self._library.accept(model.id), taken, self._desk.notices.show)

        self._desk.notices.show(damage, NoticeAction(tr("Use it anyway"), use_anyway))

    def _listed(self) -> list[InstalledModel]:
        """Give the models of the list; where it cannot be read, say so, and give what it held last."""
        try:
            self._listed_last = self._library.models()
        except PaddockError as error:
            self._desk.notices.show(error)
        return self._listed_last

    def _refresh(self) -> None:
        composer = self._desk.window.composer
        models = self._listed()
        for notice in self._library.notices[self._notices_shown :]:
            self._desk.notices.report(notice)
        self._notices_shown = len(self._library.notices)
        composer.set_models([_choice(model) for model in models])
        composer.set_current_model(_choice(self._chosen) if self._chosen else None)
        if self._chosen is None:
            self._desk.window.empty_state.show_no_model()
        self.changed.emit()

    def _typing(self, text: str) -> None:
        """Somebody is about to send something: have the model ready, unless that has just failed."""
        load = self._wanted_load() if text and not self.loading.is_busy else None
        if load is not None and self.loading.is_new(load):
            self.have_ready()

    def _wanted_load(self) -> LoadRequest | None:
        if self._chosen is None or not self._chosen.is_present:
            return None
        try:
            return self._made_with(self._chosen).load
        except PaddockError:
            return None  # said when somebody sends

    def stop_loading(self) -> None:
        """Give up loading ahead."""
        self.loading.stop()

    def _hash_in_background(self, model: LoadedModel) -> None:
        """Receipts name the file's sha256; a file is read for it once. What hinders that, who sends is told."""
        if self._chosen is None or self._chosen.source is not Source.STARTER:
            self._desk.parts.hashes.hash_later(Path(model.path))

    def _add_files(self, paths: list[Path]) -> None:
        for path in paths:
            self._desk.background.run(lambda path=path: self._library.add(path), self._added, self._desk.notices.show)

    def _added(self, model: InstalledModel) -> None:
        self.choose(model.id)

    def _remove(self, model_id: str) -> None:
        self._desk.background.run(
            lambda: self._library.remove(model_id), lambda _forgotten: self.library_changed(), self._desk.notices.show
        )


def _choice(model: InstalledModel) -> ModelChoice:
    return ModelChoice(
        id=model.id,
        name=model.name,
        size_bytes=model.size_bytes,
        quantization=model.quantization,
        licence=model.licence,
        is_added=model.source not in (Source.STARTER, Source.FILE),
        is_missing=not model.is_present,
        is_changed=model.state is FileState.CHANGED,
        template="" if model.template is None else model.template.name,
    )
