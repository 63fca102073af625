"""The looks of text in the conversation: one set of formats for the present theme and zoom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextFormat

from app.ui.theme import TextRole, Theme
from app.ui.transcript.blocks import Container, Paragraph, Style
from app.ui.transcript.strips import INDENT, gap_between, indent_of

PILL: Final = int(QTextFormat.Property.UserProperty) + 1
"""Characters that stand in a rounded frame: inline code."""
UNWRITTEN: Final = int(QTextFormat.Property.UserProperty) + 2
"""Characters that are there for the layout only, and are left out when text is copied."""
MARKER: Final = int(QTextFormat.Property.UserProperty) + 3
"""On a paragraph: the bullet or number that is painted before it."""

GUTTER: Final = 12
"""Room at both sides of words, for long numbers of lists, the frames of inline code, and the caret."""
LOOSE_LINE: Final = 21
"""How high a line of interface text is where several are read one after the other, in pixels at 100 % zoom."""

_HEADINGS: Final = {1: TextRole.HEADING_1, 2: TextRole.HEADING_2}
_STRONG: Final = 600
_SMALL_MARKER: Final = 3
_LETTER: Final = 9
_FIXED_HEIGHT: Final = QTextBlockFormat.LineHeightTypes.FixedHeight.value


@dataclass(frozen=True, slots=True)
class _Voice:
    """What decides the look of a span beside its own style."""

    role: TextRole
    is_quoted: bool


class TextFormats:
    """Formats by what they are for. Made anew by `forget` when the theme or the zoom has changed."""

    def __init__(self, theme: Theme, *, is_quiet: bool = False) -> None:
        """`is_quiet`: all words are as quiet as numbers, and only links are not."""
        self._theme = theme
        self._is_quiet = is_quiet
        self._characters: dict[tuple[Style, _Voice], QTextCharFormat] = {}

    def forget(self) -> None:
        """The theme changed."""
        self._characters.clear()

    def characters(self, style: Style, paragraph: Paragraph) -> QTextCharFormat:
        """The look of a span in `paragraph`."""
        voice = _Voice(_role_of(paragraph), Container.QUOTE in paragraph.nesting)
        if (style, voice) not in self._characters:
            self._characters[style, voice] = self._make(style, voice)
        return self._characters[style, voice]

    def unwritten(self, paragraph: Paragraph, *, is_pill: bool) -> QTextCharFormat:
        """The look of characters that only help the layout."""
        made = QTextCharFormat(self.characters(Style(), paragraph))
        made.setProperty(UNWRITTEN, True)
        if is_pill:
            made.setProperty(PILL, True)
        return made

    def paragraph(self, paragraph: Paragraph, above: Paragraph | None) -> QTextBlockFormat:
        """The place and line height of a paragraph that follows `above` in the same strip."""
        zoom = self._theme.zoom
        made = self.typed(_role_of(paragraph))
        made.setTopMargin(0 if above is None else gap_between(above, paragraph))
        indent = GUTTER + round(_indent_in_strip(paragraph) * zoom)
        is_turned = paragraph.is_right_to_left
        made.setLeftMargin(GUTTER if is_turned else indent)
        made.setRightMargin(indent if is_turned else GUTTER)
        if paragraph.marker:
            made.setProperty(MARKER, paragraph.marker)
        return made

    def typed(self, role: TextRole, line: int | None = None) -> QTextBlockFormat:
        """The line height of text that is shown as it was typed: the role's own, or `line`, at the present zoom."""
        return lines_of(round((line or self._theme.line_height(role)) * self._theme.zoom))

    def font(self, role: TextRole) -> QFont:
        """The font of `role` at the conversation's zoom."""
        return self._theme.font(role, zoomed=True)

    def look(self, role: TextRole, tone: str) -> QTextCharFormat:
        """The look of plain text of `role` in the colour `tone`."""
        return look_of(self.font(role), self._theme.color(tone))

    def _make(self, style: Style, voice: _Voice) -> QTextCharFormat:
        role = TextRole.INLINE_CODE if style.code else voice.role
        font = self._theme.font(role, weight=_STRONG if style.strong else None, zoomed=True)
        font.setItalic(style.emphasis)
        font.setStrikeOut(style.strike)
        made = look_of(font, self._theme.color(self._tone(voice)))
        if style.code:
            made.setProperty(PILL, True)
        if style.href:
            made.setForeground(self._theme.color("accent"))
            made.setAnchor(True)
            made.setAnchorHref(style.href)
        return made

    def _tone(self, voice: _Voice) -> str:
        if self._is_quiet:
            return "text_3"
        return "text_2" if voice.is_quoted else "text"


def lines_of(height: int) -> QTextBlockFormat:
    """Lines that are `height` pixels high, whatever stands in them."""
    made = QTextBlockFormat()
    made.setLineHeight(height, _FIXED_HEIGHT)
    return made


def look_of(font: QFont, color: QColor) -> QTextCharFormat:
    """Characters in one font and one colour."""
    made = QTextCharFormat()
    made.setFont(font)
    made.setForeground(color)
    return made


def _role_of(paragraph: Paragraph) -> TextRole:
    return _HEADINGS.get(paragraph.level, TextRole.HEADING_3) if paragraph.level else TextRole.READING


def _indent_in_strip(paragraph: Paragraph) -> int:
    """From the strip's edge, which stands inside the quotes, to the words: the lists, and room for a long number."""
    quotes = [at for at, container in enumerate(paragraph.nesting) if container is Container.QUOTE]
    whole = indent_of(paragraph.nesting)
    inside = whole - (indent_of(paragraph.nesting[: quotes[-1] + 1]) if quotes else 0)
    return inside + max(0, len(paragraph.marker) - _SMALL_MARKER) * _LETTER if inside >= INDENT else inside
