"""What holds for the open conversation only: asked for, kept, and felt at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.conversation import ConversationOptions, UsedAdapter
from app.models.adapter_file import check_adapter
from app.translation import tr
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.popover import Popover
from app.ui.presenters.conversations import ConversationPresenter
from app.ui.presenters.desk import Desk
from app.ui.presenters.models import ModelPresenter
from app.ui.shortcuts import shortcut_text
from app.ui.theme import Theme


class ThisConversationPresenter(QObject):
    """A button in the top bar, and the popover that it opens."""

    became_private = Signal(str)
    """Nothing of this conversation may be on the disk any more but its words."""

    def __init__(
        self, desk: Desk, conversations: ConversationPresenter, models: ModelPresenter, theme: Theme, icons: Icons
    ) -> None:
        """Put the button into the top bar."""
        super().__init__(desk.window)
        self._desk = desk
        self._conversations = conversations
        self._models = models
        self._theme = theme
        self._icons = icons
        self._popover: Popover | None = None
        key = shortcut_text("this_conversation")
        self._button = IconButton("sliders-horizontal", tr("This conversation"), theme, icons, key=key)
        self._button.setObjectName("this_conversation_button")
        self._button.clicked.connect(self.open)
        desk.window.top_bar.set_buttons([self._button])

    def open(self) -> None:
        """Show what is set, or put it away."""
        if self._popover is not None:
            self._close()
            return
        from app.ui.this_conversation import ThisConversation  # noqa: PLC0415 - the first window need not wait for it

        loaded = self._models.loading.model
        efforts = loaded.reasoning_efforts if loaded is not None else ()
        content = ThisConversation(self._options, efforts, self._theme, self._icons)
        content.changed.connect(self._change)
        content.add_adapter_requested.connect(self._ask_for_adapter)
        content.remove_adapter_requested.connect(self._remove_adapter)
        self._popover = Popover(content, self._theme)
        self._popover.dismissed.connect(self._dismissed)
        self._popover.open_at(self._button)
        self._button.setDown(True)

    @property
    def _options(self) -> ConversationOptions:
        return self._conversations.open_conversation.options

    def _change(self, options: ConversationOptions) -> None:
        conversation = self._conversations.conversation
        becomes_private = options.private and not self._options.private
        self._conversations.set_options(options)
        if becomes_private and conversation is not None:
            self.became_private.emit(conversation.id)

    def _ask_for_adapter(self) -> None:
        self._close()
        path, _filter = QFileDialog.getOpenFileName(
            self._desk.window, tr("Add an adapter"), str(Path.home()), tr("Adapters (*.gguf)")
        )
        if path:
            self.add_adapter(Path(path))
        else:
            self.open()

    def add_adapter(self, path: Path) -> None:
        """Let the conversation's model wear another adapter, once each, and show it; what is none is said."""
        conversation = self._conversations.open_conversation

        def wear(_: None) -> None:
            if self._conversations.open_conversation is conversation:
                self._wear(UsedAdapter(str(path)))

        self._desk.background.run(lambda: check_adapter(path), wear, self._desk.notices.show)

    def _wear(self, used: UsedAdapter) -> None:
        if used.path not in [adapter.path for adapter in self._options.adapters]:
            self._change(replace(self._options, adapters=(*self._options.adapters, used)))
        self._close()
        self.open()

    def _remove_adapter(self, path: str) -> None:
        left = tuple(adapter for adapter in self._options.adapters if adapter.path != path)
        self._change(replace(self._options, adapters=left))
        self._close()
        self.open()

    def _close(self) -> None:
        if self._popover is not None:
            self._popover.dismiss()

    def _dismissed(self) -> None:
        self._button.setDown(False)
        if self._popover is not None:
            self._popover.deleteLater()
            self._popover = None
