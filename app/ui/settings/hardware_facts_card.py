"""What this laptop has, a row each."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from app.hardware import Memory
from app.translation import tr
from app.ui.card import Card
from app.ui.mirroring import mirrored
from app.ui.plain_label import PlainLabel
from app.ui.settings.group_extra import ExtraPart
from app.ui.settings.hardware_words import memory_words
from app.ui.theme import TextRole, Theme

_TICK_MS: Final = 2_000
_BAR: Final = 5
_BAR_WIDTH: Final = 320


class HardwareFactsCard(ExtraPart):
    """Processor, memory, graphics processors, disk, engine builds, and the model in memory."""

    wanted = Signal()
    """It is looked at: what there is now is wanted."""
    ticked = Signal()
    """It is still looked at: memory may have changed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        looking = tr("Looking.")
        self.processor = _Fact(tr("Processor"), looking, theme)
        self.memory = _Fact(tr("Memory"), looking, theme)
        self.in_use = _Fact(tr("Model in memory"), looking, theme)
        self.graphics = _Fact(tr("Graphics processors"), looking, theme)
        self.disk = _Fact(tr("Disk"), looking, theme)
        self.builds = _Fact(tr("Engine builds"), looking, theme)
        self.bar = _MemoryBar(theme)
        self.memory.add(self.bar)
        rows = (self.processor, self.memory, self.in_use, self.graphics, self.disk, self.builds)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Card(rows, theme))
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self.ticked)

    @property
    def is_looking(self) -> bool:
        """Whether what changes is looked at again and again."""
        return self._tick.isActive()

    def show_memory(self, memory: Memory) -> None:
        """Show how much memory is free now."""
        self.memory.say(memory_words(memory))
        self.bar.show_memory(memory)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()
        self.wanted.emit()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()


class _Fact(QWidget):
    """A name and a sentence that can be selected."""

    def __init__(self, name: str, sentence: str, theme: Theme) -> None:
        super().__init__()
        self._name = name
        self.sentence = PlainLabel(sentence, theme, TextRole.INTERFACE, "text_2")
        self.sentence.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 11, 16, 11)
        self._layout.setSpacing(2)
        self._layout.addWidget(PlainLabel(name, theme, TextRole.INTERFACE_STRONG))
        self._layout.addWidget(self.sentence)
        self.say(sentence)

    def add(self, widget: QWidget) -> None:
        """Put something below the sentence."""
        self._layout.addSpacing(4)
        self._layout.addWidget(widget)

    def say(self, sentence: str) -> None:
        """Say what is so now."""
        if self.sentence.text() != sentence or not self.accessibleName():
            self.sentence.setText(sentence)
            self.setAccessibleName(f"{self._name}: {sentence}")


class _MemoryBar(QWidget):
    """How much of the memory is taken. The sentence above says it in numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._taken = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(_BAR_WIDTH)
        theme.changed.connect(self.update)

    def show_memory(self, memory: Memory) -> None:
        """Show how much is taken now."""
        self._taken = 1 - memory.available_bytes / memory.total_bytes if memory.total_bytes else 0.0
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(_BAR_WIDTH, _BAR)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("pressed"))
        painter.drawRoundedRect(QRectF(self.rect()), _BAR / 2, _BAR / 2)
        taken = self.rect()
        taken.setWidth(max(_BAR, round(self.width() * self._taken)))
        painter.setBrush(self._theme.color("gauge_1"))
        painter.drawRoundedRect(QRectF(mirrored(self, taken)), _BAR / 2, _BAR / 2)
        painter.end()
