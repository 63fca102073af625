"""The model picker: which model answers, how far it is loaded, and which files there are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.chat.model_choice import identity_of, model_for, settings_for
from app.chat.turn import TurnSettings
from app.conversation import Conversation
from app.engine.engine import EngineDiedError
from app.engine.events import LoadProgress, ModelLoaded
from app.engine.requests import LoadRequest
from app.engine.worker import EngineFailed, EngineLost, Job, LoadCancelled, WorkerEvent
from app.errors import PaddockError
from app.models.installed import InstalledModel, Source
from app.translation import tr
from app.ui.composer.model_choice import EngineCondition, EngineState, ModelChoice
from app.ui.presenters.desk import Desk


class ModelPresenter(QObject):
    """Knows the chosen model, has it loaded in the background, and shows how that goes."""

    def __init__(self, desk: Desk) -> None:
        """Begin without a choice; `show_for` makes the first one."""
        super().__init__(desk.window)
        self._desk = desk
        self._library = desk.parts.models
        self._chosen: InstalledModel | None = None
        self._conversation: Conversation | None = None
        self._loading: Job | None = None
        self._loaded: LoadRequest | None = None
        self._failed: LoadRequest | None = None
        self._device = ""
        self._notices_shown = 0
        desk.parts.engine.add_watcher(lambda job, event: desk.bridge.post(lambda: self._engine_reports(job, event)))
        composer = desk.window.composer
        composer.model_chosen.connect(self._choose)
        composer.add_model_requested.connect(self.ask_for_file)
        composer.remove_model_requested.connect(self._remove)
        composer.stop_requested.connect(self.stop_loading)
        composer.draft_changed.connect(self._typing)
        desk.window.files_dropped.connect(self._add_files)
        composer.model_list_opening.connect(self._refresh)
        self._be_honest_about_the_starter()

    def turn_settings(self) -> TurnSettings | None:
        """Give with what the next reply is made; None, and a sentence, while no model can answer."""
        if self._chosen is None:
            self._desk.window.composer.open_model_list()
            return None
        settings = settings_for(self._chosen, self._desk.parts.settings)
        try:
            load = LoadRequest(self._chosen.present_path(), settings.load)
        except PaddockError as error:
            self._desk.notices.show(error)
            return None
        identity = identity_of(self._chosen, self._desk.parts.hashes)
        return TurnSettings(identity, load, settings.sampling, settings.writing.system_prompt)

    @property
    def chosen(self) -> InstalledModel | None:
        """The model that answers next."""
        return self._chosen

    def show_for(self, conversation: Conversation | None) -> None:
        """Choose the model of the conversation that is open now. It is loaded when somebody begins to write."""
        self._conversation = conversation
        try:
            model = model_for(self._library, self._desk.parts.store, conversation)
        except PaddockError as error:
            self._desk.notices.show(error)
            model = self._fallback()
        self._chosen = model
        self._refresh()
        self._show_engine_state()

    def have_ready(self) -> None:
        """Load the chosen model if it is not in memory."""
        load = self._wanted_load()
        if self._loading is not None and self._loading.load == load:
            return
        self.stop_loading()
        if load is None or load == self._loaded:
            self._show_engine_state()
            return
        self._failed = None
        self._loading = Job(load, lambda _event: None)
        self._desk.parts.engine.submit(self._loading)

    def load_settings_changed(self) -> None:
        """What is in memory may not be what is wanted any more; it is loaded anew when somebody writes."""
        self._failed = None
        self._show_engine_state()

    def ask_for_file(self) -> None:
        """Let the user look for a model file."""
        path, _filter = QFileDialog.getOpenFileName(
            self._desk.window, tr("Add a model file"), str(Path.home()), tr("Model files (*.gguf)")
        )
        if path:
            self._add_files([Path(path)])

    def _fallback(self) -> InstalledModel | None:
        return next((model for model in self._library.models() if model.is_present), None)

    def _choose(self, model_id: str) -> None:
        model = next((model for model in self._library.models() if model.id == model_id), None)
        if model is None:
            self._refresh()
            return
        if self._conversation is not None:
            self._desk.notices.watch(self._desk.parts.store.set_model(self._conversation.id, model.name))
        self._chosen = model
        self._desk.window.notice.clear()
        self._refresh()
        self.have_ready()

    def _refresh(self) -> None:
        composer = self._desk.window.composer
        models = self._library.models()
        for notice in self._library.notices[self._notices_shown :]:
            self._desk.notices.show(notice)
        self._notices_shown = len(self._library.notices)
        composer.set_models([_choice(model) for model in models])
        composer.set_current_model(_choice(self._chosen) if self._chosen else None)
        if self._chosen is None:
            self._desk.window.empty_state.show_no_model()

    def _be_honest_about_the_starter(self) -> None:
        """Nobody should take what it says for true."""
        for model in self._library.models():
            if model.source is Source.STARTER:
                note = tr("SmolLM2 135M · small, quick, often wrong")
                self._desk.window.transcript.set_model_note(model.name, note)

    def _typing(self, text: str) -> None:
        """Somebody is about to send something: have the model ready, unless that has just failed."""
        load = self._wanted_load() if text and self._loading is None else None
        if load is not None and load not in (self._loaded, self._failed):
            self.have_ready()

    def _wanted_load(self) -> LoadRequest | None:
        if self._chosen is None or not self._chosen.is_present:
            return None
        return LoadRequest(self._chosen.path, self._desk.parts.settings.settings.load)

    def stop_loading(self) -> None:
        """Give up loading ahead. A reply that waits for its model is stopped where replies are."""
        if self._loading is not None:
            self._loading.cancel()
            self._loading = None

    def _show_engine_state(self) -> None:
        wanted = self._wanted_load()
        if wanted is not None and wanted == self._loaded:
            self._desk.window.composer.set_engine_state(EngineState(EngineCondition.LOADED, device=self._device))
        elif wanted is not None and wanted == self._failed:
            self._desk.window.composer.set_engine_state(EngineState(EngineCondition.FAILED))
        else:
            self._desk.window.composer.set_engine_state(EngineState(EngineCondition.NOT_LOADED))

    def _engine_reports(self, job: Job, event: WorkerEvent) -> None:
        match event:
            case LoadProgress(fraction=fraction):
                self._loaded = None
                if job.load == self._wanted_load():
                    self._desk.window.composer.set_engine_state(EngineState(EngineCondition.LOADING, fraction))
                self._desk.window.top_bar.set_loading(fraction)
                return
            case ModelLoaded(model=loaded):
                self._loaded, self._failed, self._device = job.load, None, loaded.device
                self._hash_in_background(job.load.path)
            case EngineFailed(error=error, while_loading=while_loading):
                self._engine_failed(job, error, while_loading=while_loading)
            case LoadCancelled() | EngineLost():
                self._loaded = None
            case _:
                return
        if job is self._loading:
            self._loading = None
        self._desk.window.top_bar.set_loading(None)
        self._show_engine_state()

    def _engine_failed(self, job: Job, error: PaddockError, *, while_loading: bool) -> None:
        if while_loading:
            self._failed = job.load
        if while_loading or isinstance(error, EngineDiedError):
            self._loaded = None
        if job is self._loading:  # a reply that was waiting for it says so itself
            self._desk.notices.show(error)

    def _hash_in_background(self, path: Path) -> None:
        """Receipts name the file's sha256; a file is read for it once."""
        hashes = self._desk.parts.hashes
        starter = self._chosen is not None and self._chosen.source is Source.STARTER
        if not starter and hashes.known(path) is None:
            self._desk.background.run(lambda: hashes.hash_file(path), lambda _sha256: None)

    def _add_files(self, paths: list[Path]) -> None:
        for path in paths:
            self._desk.background.run(lambda path=path: self._library.add(path), self._added, self._desk.notices.show)

    def _added(self, model: InstalledModel) -> None:
        self._choose(model.id)

    def _remove(self, model_id: str) -> None:
        try:
            self._library.remove(model_id)
        except PaddockError as error:
            self._desk.notices.show(error)
            return
        if self._chosen is not None and self._chosen.id == model_id:
            self._chosen = self._fallback()
        self._refresh()
        self._show_engine_state()


def _choice(model: InstalledModel) -> ModelChoice:
    return ModelChoice(
        id=model.id,
        name=model.name,
        size_bytes=model.size_bytes,
        quantization=model.quantization,
        licence=model.licence,
        is_added=model.source is Source.ADDED,
        is_missing=not model.is_present,
    )
