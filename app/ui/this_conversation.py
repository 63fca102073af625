"""What holds for one conversation only: privacy, summaries, probabilities, reasoning, adapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.conversation import ConversationOptions, UsedAdapter
from app.settings.values import find_setting
from app.translation import tr
from app.ui.announcement import announce
from app.ui.icon_button import IconButton
from app.ui.icons import Icons
from app.ui.plain_label import PlainLabel
from app.ui.scale_field import ScaleField
from app.ui.settings.choice_editor import ChoiceBox
from app.ui.settings.switch import Switch
from app.ui.short_name import short_name
from app.ui.text_button import TextButton
from app.ui.theme import TextRole, Theme

_SWITCHES: Final = (
    ("private", "Private", "Only its words are kept on the disk, nothing of what the engine computes."),
    (
        "summarises",
        "Summarise what falls out",
        "The model sums up what it no longer sees. You can edit the summary.",
    ),
    (
        "keeps_choices",
        "Keep each token's probability",
        "New replies remember how sure the model was, and what else it could have said.",
    ),
)
"""Options that are on or off: the name, and message ids of what it is called and means."""
_WIDTH: Final = 400
_PADDING: Final = 10
_GAP: Final = 14
_STRONGEST: Final = 2.0
_LONGEST_NAME: Final = 31


class ThisConversation(QWidget):
    """The content of a popover. It shows options and says which are wanted instead; whoever made it decides."""

    changed = Signal(object)
    """The wanted `ConversationOptions`."""
    add_adapter_requested = Signal()
    remove_adapter_requested = Signal(str)
    """The path of an adapter."""

    def __init__(self, options: ConversationOptions, efforts: Sequence[str], theme: Theme, icons: Icons) -> None:
        """Offer the reasoning `efforts` that make a difference to the model; none where it does not reason."""
        super().__init__(None)
        self._options = options
        self._theme = theme
        self._icons = icons
        self.setObjectName("this_conversation")
        self.setAccessibleName(tr("This conversation"))
        self.setFixedWidth(_WIDTH)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(_PADDING, _PADDING, _PADDING, _PADDING)
        self._rows.setSpacing(_GAP)
        self._rows.addWidget(PlainLabel(tr("This conversation"), theme, TextRole.INTERFACE_STRONG))
        self._add_switches()
        if efforts:
            self._add_efforts(efforts)
        self._add_adapters()

    def _add_switches(self) -> None:
        for name, label, explanation in _SWITCHES:
            switch = Switch(self._theme)
            switch.setObjectName(f"{name}_switch")
            switch.setAccessibleName(tr(label))
            switch.setAccessibleDescription(tr(explanation))
            switch.setChecked(getattr(self._options, name))
            switch.toggled.connect(partial(self._switch, name))
            self._add_row(tr(label), tr(explanation), switch)
            if self.focusProxy() is None:
                self.setFocusProxy(switch)

    def _switch(self, name: str, is_on: bool) -> None:  # noqa: FBT001 - as `toggled` says it
        self._want(replace(self._options, **{name: is_on}))

    def _add_efforts(self, efforts: Sequence[str]) -> None:
        labels = dict(find_setting("reasoning.effort").choices)
        box = ChoiceBox(self._theme, self._icons)
        box.setObjectName("effort_choice")
        box.setAccessibleName(tr("Reasoning"))
        box.addItem(tr("As in the settings"), None)
        for effort in efforts:
            box.addItem(tr(labels.get(effort, effort)), effort)
        box.setCurrentIndex(max(0, box.findData(self._options.effort)))
        box.activated.connect(partial(self._choose_effort, box))
        self._add_row(tr("Reasoning"), tr("Whether the model thinks before it answers."), box)

    def _choose_effort(self, box: ChoiceBox, index: int) -> None:
        self._want(replace(self._options, effort=box.itemData(index)))

    def _add_adapters(self) -> None:
        add = TextButton(tr("Add"))
        add.setObjectName("add_adapter_button")
        add.setAccessibleName(tr("Add an adapter"))
        add.clicked.connect(self.add_adapter_requested)
        self._about_adapters = self._add_row(tr("Adapters"), _about_adapters(), add)
        for adapter in self._options.adapters:
            self._add_adapter(adapter)

    def _add_adapter(self, adapter: UsedAdapter) -> None:
        name = PurePath(adapter.path).name
        label = PlainLabel("", self._theme, TextRole.ROW)
        label.setToolTip(adapter.path)
        label.setText(short_name(name, _LONGEST_NAME))
        scale = ScaleField(adapter.scale, _STRONGEST, self._theme)
        scale.setObjectName("adapter_scale")
        scale.setAccessibleName(tr("Strength of {name}", name=name))
        scale.scaled.connect(partial(self._scale, adapter.path))
        scale.refused.connect(self._say_what_a_strength_is)
        remove = IconButton("x", tr("Remove {name}", name=name), self._theme, self._icons, size=28, icon_size=14)
        remove.setObjectName("remove_adapter_button")
        remove.clicked.connect(lambda: self.remove_adapter_requested.emit(adapter.path))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label, 1)
        row.addWidget(scale)
        row.addWidget(remove)
        self._rows.addLayout(row)

    def _say_what_a_strength_is(self, kept: float) -> None:
        words = tr("A strength is a number from 0 to 2. It stays {value}.", value=f"{kept:g}")
        self._about_adapters.setText(words)
        self._about_adapters.set_color("error")
        announce(self._about_adapters, words)

    def _scale(self, path: str, value: float) -> None:
        self._about_adapters.setText(_about_adapters())
        self._about_adapters.set_color("text_2")
        adapters = tuple(
            replace(adapter, scale=value) if adapter.path == path else adapter for adapter in self._options.adapters
        )
        self._want(replace(self._options, adapters=adapters))

    def _add_row(self, label: str, explanation: str, control: QWidget) -> PlainLabel:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(PlainLabel(label, self._theme, TextRole.ROW))
        help_label = PlainLabel(explanation, self._theme, TextRole.SMALL, "text_2")
        help_label.setWordWrap(True)
        words.addWidget(help_label)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(words, 1)
        row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        self._rows.addLayout(row)
        return help_label

    def _want(self, options: ConversationOptions) -> None:
        self._options = options
        self.changed.emit(options)


def _about_adapters() -> str:
    return tr("LoRA files that change how the model speaks, each with its strength from 0 to 2.")
