"""The sidebar: finding, opening, renaming and deleting conversations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.conversation import Conversation, SearchHit
from app.ui.icons import Icons
from app.ui.menu import MenuRow
from app.ui.plain_label import PlainLabel
from app.ui.row_button import RowButton
from app.ui.sidebar import Sidebar, SidebarAction
from app.ui.theme import Theme
from tests.ui.hands import click, emitted, press, show_active

pytestmark = pytest.mark.ui

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def conversation(id_: str, title: str, *, days_ago: int = 0, minutes_ago: int = 0) -> Conversation:
    """A conversation that was last used some time before NOW."""
    used = NOW - timedelta(days=days_ago, minutes=minutes_ago)
    return Conversation(id_, title, created_at=used, updated_at=used)


LEASE = conversation("lease", "Notice period in the lease", minutes_ago=5)
BREAD = conversation("bread", "Why sourdough collapses", days_ago=1)
STORY = conversation("story", "Bedtime story with a llama", days_ago=5)


@pytest.fixture
def window(qapp: QApplication) -> QWidget:
    """The window that the sidebar is in."""
    widget = QWidget()
    widget.resize(800, 600)
    return widget


@pytest.fixture
def sidebar(qtbot: QtBot, window: QWidget, theme: Theme, icons: Icons) -> Sidebar:
    """A sidebar with three conversations; the lease is open."""
    panel = Sidebar(theme, icons)
    layout = QVBoxLayout(window)
    layout.addWidget(panel)
    panel.set_conversations([BREAD, STORY, LEASE], NOW)
    panel.select("lease")
    show_active(qtbot, window)
    return panel


def shown(sidebar: Sidebar) -> list[str]:
    """The words of the rows from top to bottom."""
    model = sidebar.list.model()
    return [model.index(number, 0).data() for number in range(model.rowCount())]


def row_place(sidebar: Sidebar, words: str) -> QRect:
    """Where the row with `words` is painted."""
    return sidebar.list.visualRect(sidebar.list.model().index(shown(sidebar).index(words), 0))


def sentence(sidebar: Sidebar) -> str:
    """The words in the empty part of the list."""
    return " ".join(label.text() for label in sidebar.findChildren(PlainLabel) if label.text())


def test_conversations_stand_below_their_days_newest_first(sidebar: Sidebar) -> None:
    """Whatever order storage gives, the newest is on top."""
    assert shown(sidebar) == [
        "Today",
        "Notice period in the lease",
        "Yesterday",
        "Why sourdough collapses",
        "Previous 7 days",
        "Bedtime story with a llama",
    ]


def test_a_day_ends_at_midnight_where_the_user_is(sidebar: Sidebar) -> None:
    """Half past eleven at night in UTC is the next day already in Tokyo, and so is this morning there."""
    tokyo = timezone(timedelta(hours=9))
    used = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    late = Conversation("late", "Late", used, used)
    sidebar.set_conversations([late], NOW)
    assert shown(sidebar)[0] == "Yesterday"
    sidebar.set_conversations([late], datetime(2026, 11, 23, 12, 0, tzinfo=tokyo))
    assert shown(sidebar)[0] == "Today"


def test_older_conversations_are_grouped_by_month(sidebar: Sidebar) -> None:
    """A month of another year says which."""
    rows = [conversation("a", "A", days_ago=30), conversation("b", "B", days_ago=400)]
    sidebar.set_conversations(rows, NOW)
    assert shown(sidebar) == ["October", "A", "October 2025", "B"]


def test_a_click_opens_a_conversation_and_a_heading_opens_nothing(qtbot: QtBot, sidebar: Sidebar) -> None:
    """The row says which it is; the words between the rows are only words."""
    with qtbot.assertNotEmitted(sidebar.conversation_selected, wait=10):
        click(sidebar.list.viewport(), row_place(sidebar, "Today").center())
    opened = emitted(sidebar.conversation_selected)
    place = row_place(sidebar, BREAD.title).center()
    click(sidebar.list.viewport(), place)
    assert opened == [("bread",)]


def test_only_the_open_conversation_is_selected(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Pointing and walking do not claim that something is open."""
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    selected = [index.data() for index in sidebar.list.selectedIndexes()]
    assert selected == [LEASE.title]


def test_the_list_is_walked_with_the_keyboard(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Down passes the heading, Enter opens."""
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    opened = emitted(sidebar.conversation_selected)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert opened == [("bread",)]


def test_a_title_is_read_in_its_own_direction(sidebar: Sidebar) -> None:
    """A Hebrew one begins where the English ones do, and its exclamation mark stands at its left."""
    pictures: list[QImage] = []
    for title in ("שכר!", "\u202bשכר!\u202c", "\u202aשכר!\u202c"):
        sidebar.set_conversations([conversation("a", title)], NOW)
        pictures.append(sidebar.list.viewport().grab().toImage())
    assert pictures[0] == pictures[1]
    assert pictures[0] != pictures[2]


def test_renaming_in_place_asks_for_the_new_title(qtbot: QtBot, sidebar: Sidebar) -> None:
    """F2, a new title, Enter. The row changes when storage has it, not before."""
    sidebar.rename_current()
    field = sidebar.findChild(QLineEdit, "rename_field")
    assert field is not None
    field.setText("  The lease  ")
    renamed = emitted(sidebar.rename_requested)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: renamed == [("lease", "The lease")])
    assert LEASE.title in shown(sidebar)


def test_escape_and_an_empty_title_rename_nothing(qtbot: QtBot, sidebar: Sidebar) -> None:
    """A title is never lost by accident."""
    for keys in ([Qt.Key.Key_Escape], [Qt.Key.Key_Delete, Qt.Key.Key_Return]):
        sidebar.rename_current()
        field = sidebar.list.viewport().findChild(QLineEdit, "rename_field")
        assert field is not None
        with qtbot.assertNotEmitted(sidebar.rename_requested, wait=10):
            for key in keys:
                QTest.keyClick(field, key)
        qtbot.waitUntil(lambda: sidebar.list.viewport().findChild(QLineEdit, "rename_field") is None)


def test_a_reply_that_arrives_does_not_take_the_title_from_under_the_pen(qtbot: QtBot, sidebar: Sidebar) -> None:
    """While a title is edited the rows stay; afterwards they are brought up to date."""
    sidebar.rename_current()
    field = sidebar.findChild(QLineEdit, "rename_field")
    assert field is not None
    sidebar.set_conversations([conversation("bread", BREAD.title), LEASE], NOW)
    assert field.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shown(sidebar) == ["Today", BREAD.title, LEASE.title])


def test_delete_moves_the_row_under_the_keyboard(qtbot: QtBot, sidebar: Sidebar) -> None:
    """The Delete key asks for the row it is on, not for the open one."""
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Down)
    deleted = emitted(sidebar.delete_requested)
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert deleted == [("bread",)]


def current(sidebar: Sidebar) -> str:
    """The row that the keyboard is on."""
    return str(sidebar.list.currentIndex().data())


def has_ring(sidebar: Sidebar, theme: Theme, words: str) -> bool:
    """Whether the row with `words` is painted as the one the keyboard is on."""
    place = row_place(sidebar, words)
    image = sidebar.list.viewport().grab().toImage()
    return image.pixelColor(place.center().x(), place.top() + 1) == theme.color("accent")


def test_nothing_is_deleted_that_was_not_marked(qtbot: QtBot, sidebar: Sidebar, theme: Theme) -> None:
    """After a click beside the rows no row is marked; the first Delete only shows where the keyboard is."""
    click(sidebar.list.viewport(), row_place(sidebar, "Today").center())
    assert sidebar.list.hasFocus()
    assert not has_ring(sidebar, theme, LEASE.title)
    deleted = emitted(sidebar.delete_requested)
    press(Qt.Key.Key_Delete)
    assert deleted == []
    assert has_ring(sidebar, theme, LEASE.title)
    press(Qt.Key.Key_Delete)
    assert deleted == [("lease",)]


def test_a_row_that_was_scrolled_away_is_not_deleted_unseen(sidebar: Sidebar) -> None:
    """The first Delete brings it into sight, the second moves it."""
    many = [conversation(str(number), f"Conversation {number}", minutes_ago=number) for number in range(200)]
    sidebar.set_conversations(many, NOW)
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Home)
    sidebar.list.scrollToBottom()
    deleted = emitted(sidebar.delete_requested)
    press(Qt.Key.Key_Delete)
    assert deleted == []
    assert sidebar.list.viewport().rect().contains(row_place(sidebar, "Conversation 0"))
    press(Qt.Key.Key_Delete)
    assert deleted == [("0",)]


@pytest.mark.parametrize(
    ("doomed", "next_one"),
    [(LEASE, BREAD.title), (BREAD, STORY.title), (STORY, BREAD.title)],
    ids=["open", "middle", "last"],
)
def test_after_deleting_the_keyboard_is_on_the_next_row(
    window: QWidget, sidebar: Sidebar, theme: Theme, doomed: Conversation, next_one: str
) -> None:
    """Even when leaving the conversation put the keyboard elsewhere first; after the last row it is the one above."""
    elsewhere = QLineEdit(window)
    elsewhere.show()
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    sidebar.list.setCurrentIndex(sidebar.list.model().index(shown(sidebar).index(doomed.title), 0))
    press(Qt.Key.Key_Delete)
    elsewhere.setFocus()
    sidebar.set_conversations([each for each in (LEASE, BREAD, STORY) if each is not doomed], NOW)
    sidebar.select(None if doomed is LEASE else "lease")
    assert sidebar.list.hasFocus()
    assert current(sidebar) == next_one
    assert has_ring(sidebar, theme, next_one)


def test_a_delete_that_failed_does_not_take_the_keyboard_later(window: QWidget, sidebar: Sidebar) -> None:
    """The row is still there at the next look; when it goes one day, the user is elsewhere and stays there."""
    elsewhere = QLineEdit(window)
    elsewhere.show()
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Delete)
    elsewhere.setFocus()
    sidebar.set_conversations([LEASE, BREAD, STORY], NOW)
    sidebar.set_conversations([BREAD, STORY], NOW)
    assert elsewhere.hasFocus()


def test_a_list_that_is_brought_up_to_date_does_not_move_the_keyboard(sidebar: Sidebar) -> None:
    """A reply ends in the open conversation while somebody walks the list."""
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Down)
    sidebar.set_conversations([conversation("lease", "The lease"), BREAD, STORY], NOW)
    sidebar.select("lease")
    assert current(sidebar) == BREAD.title
    sidebar.select("story")
    assert current(sidebar) == STORY.title


@pytest.mark.parametrize("key", [Qt.Key.Key_Home, Qt.Key.Key_PageUp])
def test_the_way_up_ends_on_the_first_row_and_not_on_its_heading(sidebar: Sidebar, key: Qt.Key) -> None:
    """Home and Page Up from the last row."""
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_End)
    assert current(sidebar) == STORY.title
    press(key)
    assert current(sidebar) == LEASE.title


def test_a_list_without_an_open_conversation_begins_at_its_first_row(sidebar: Sidebar) -> None:
    """Whoever comes there by Tab is on a row, never on a heading."""
    sidebar.select(None)
    sidebar.set_conversations([], NOW)
    sidebar.set_conversations([LEASE, BREAD], NOW)
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    assert current(sidebar) == LEASE.title


def test_shift_f10_opens_the_menu_of_the_row_under_the_keyboard(sidebar: Sidebar) -> None:
    """And what is chosen there is done with that row."""
    sidebar.list.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_Down)
    deleted = emitted(sidebar.delete_requested)
    press(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return)
    assert deleted == [("bread",)]
    assert sidebar.list.hasFocus()


@pytest.mark.parametrize(("steps", "words"), [(0, "Rename"), (1, "Move to the bin")])
def test_the_context_menu_is_used_with_the_keyboard(
    qtbot: QtBot, window: QWidget, sidebar: Sidebar, steps: int, words: str
) -> None:
    """The menu opens on a row, arrows walk it, Enter uses it, and it is gone."""
    deleted: list[str] = []
    sidebar.delete_requested.connect(deleted.append)
    open_context_menu(sidebar, row_place(sidebar, BREAD.title).center())
    for _ in range(steps):
        press(Qt.Key.Key_Down)
    focused = QApplication.focusWidget()
    assert isinstance(focused, MenuRow)
    assert focused.accessibleName() == words
    QTest.keyClick(focused, Qt.Key.Key_Return)
    assert deleted == (["bread"] if words == "Move to the bin" else [])
    assert (sidebar.findChild(QLineEdit, "rename_field") is not None) == (words == "Rename")
    qtbot.waitUntil(lambda: not window.findChildren(MenuRow))


def test_escape_closes_the_menu_and_the_keyboard_is_where_it_was(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Nothing was chosen, nothing happens."""
    sidebar.list.setFocus()
    open_context_menu(sidebar, row_place(sidebar, BREAD.title).center())
    press(Qt.Key.Key_Escape)
    assert sidebar.list.hasFocus()


def test_search_waits_for_a_pause_and_shows_what_was_found(qtbot: QtBot, sidebar: Sidebar) -> None:
    """One search for one word, not one for each letter; Enter opens the first."""
    searches: list[str] = []
    sidebar.search_changed.connect(searches.append)
    QTest.keyClicks(sidebar.search_field, "lease")
    qtbot.waitUntil(lambda: searches == ["lease"])
    sidebar.set_search_hits([SearchHit("lease", "m7", LEASE.title, "…the notice period is…")])
    assert shown(sidebar) == [LEASE.title]
    opened = emitted(sidebar.hit_selected)
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Return)
    assert opened == [("lease", "m7")]


def test_escape_ends_the_search_and_brings_the_conversations_back(qtbot: QtBot, sidebar: Sidebar) -> None:
    """The field is empty again and says so at once."""
    sidebar.search_field.setText("lease")
    sidebar.set_search_hits([])
    ended = emitted(sidebar.search_changed)
    QTest.keyClick(sidebar.search_field, Qt.Key.Key_Escape)
    sidebar.set_search_hits(None)
    assert ended == [("",)]
    assert LEASE.title in shown(sidebar)


def test_a_search_without_result_says_where_it_did_not_look(sidebar: Sidebar) -> None:
    """The sentence holds the words that were looked for, as plain text."""
    sidebar.search_field.setText("<b>lease</b>")
    sidebar.set_search_hits([])
    assert sentence(sidebar) == ("No conversation holds “<b>lease</b>”. Deleted ones in the bin are not searched.")


def test_an_empty_sidebar_says_where_conversations_are_kept(sidebar: Sidebar) -> None:
    """With one that is kept it is seen."""
    assert sentence(sidebar) == ""
    sidebar.set_conversations([LEASE], NOW)
    assert sentence(sidebar) == ""
    sidebar.set_conversations([], NOW)
    assert sentence(sidebar) == "Your conversations will be kept here, on this laptop only."


def test_the_bottom_shows_only_ways_that_exist(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Rows come from what is handed in, and each does its one thing."""
    visited: list[str] = []
    models = SidebarAction("boxes", "Models", lambda: visited.append("models"))
    settings = SidebarAction("settings", "Settings", lambda: visited.append("settings"))
    sidebar.set_actions([models, settings])
    sidebar.set_actions([settings])
    qtbot.waitUntil(lambda: [row.text() for row in bottom_rows(sidebar)] == ["Settings"])
    click(bottom_rows(sidebar)[0])
    assert visited == ["settings"]


def bottom_rows(sidebar: Sidebar) -> list[RowButton]:
    """The rows below the list."""
    return [row for row in sidebar.findChildren(RowButton) if not row.objectName()]


def test_new_conversation_is_one_click(qtbot: QtBot, sidebar: Sidebar) -> None:
    """It can be found by its name, and by its accessible name."""
    button = sidebar.findChild(QAbstractButton, "new_conversation_button")
    assert button is not None
    assert button.accessibleName() == "New conversation"
    with qtbot.waitSignal(sidebar.new_requested):
        click(button)


def test_ten_thousand_conversations_are_no_burden(sidebar: Sidebar) -> None:
    """All rows have one height, so that only those in sight cost anything."""
    many = [conversation(str(number), f"Conversation {number}", minutes_ago=number) for number in range(10_000)]
    started = process_time()
    sidebar.set_conversations(many, NOW)
    sidebar.list.scrollToBottom()
    QApplication.processEvents()
    assert len(shown(sidebar)) > 10_000
    assert sidebar.list.uniformItemSizes()
    assert process_time() - started < 3


def test_the_same_rows_again_do_not_move_the_list(sidebar: Sidebar) -> None:
    """What arrives while somebody reads further down leaves the place as it is."""
    many = [conversation(str(number), f"Conversation {number}", minutes_ago=number) for number in range(200)]
    sidebar.set_conversations(many, NOW)
    sidebar.list.verticalScrollBar().setValue(400)
    sidebar.set_conversations([*many, conversation("new", "New one")], NOW)
    assert sidebar.list.verticalScrollBar().value() == 400


def test_rows_are_told_to_assistive_technology(sidebar: Sidebar) -> None:
    """The list has a name; headings are not offered as rows to open."""
    assert sidebar.list.accessibleName() == "Conversations"
    model = sidebar.list.model()
    headings = [model.index(row, 0) for row in range(model.rowCount())]
    enabled = [index.data() for index in headings if model.flags(index) & Qt.ItemFlag.ItemIsEnabled]
    assert enabled == [LEASE.title, BREAD.title, STORY.title]


def open_context_menu(sidebar: Sidebar, place: QPoint) -> None:
    """Ask for the menu as the right button does."""
    viewport = sidebar.list.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)


def test_a_reply_that_is_being_written_is_marked(sidebar: Sidebar, theme: Theme, qapp: QApplication) -> None:
    """By a dot at the row's end, which says in words what it means; at its other end where one reads from the right."""
    sidebar.mark_replying(frozenset({"bread"}))
    sidebar.set_conversations([BREAD, LEASE], NOW)
    index = next(index for index in indices(sidebar) if index.data() == BREAD.title)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "A reply is being written"
    row, accent = sidebar.list.visualRect(index), theme.color("accent").name()

    def color(x: int) -> str:
        return sidebar.list.viewport().grab().toImage().pixelColor(x, row.center().y()).name()

    assert color(row.right() - 10) == accent
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert color(row.left() + 11) == accent
    finally:
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    sidebar.mark_replying(frozenset())
    assert color(row.right() - 10) != accent


def indices(sidebar: Sidebar) -> list[QModelIndex]:
    """The rows of the list, headings too."""
    model = sidebar.list.model()
    return [model.index(row, 0) for row in range(model.rowCount())]


def test_the_mark_of_a_page_goes_with_its_page(qtbot: QtBot, sidebar: Sidebar) -> None:
    """Left by the keyboard, nothing passes over the row that would paint it anew."""
    sidebar.set_actions([SidebarAction("boxes", "Models", lambda: None, id="models")])
    row = next(each for each in sidebar.findChildren(RowButton) if each.text() == "Models")
    sidebar.mark_action("models", is_here=True)
    qtbot.waitUntil(row.isVisible)
    marked = row.grab().toImage()
    with qtbot.waitSignal(row.toggled):
        sidebar.mark_action("models", is_here=False)
    assert not row.isChecked()
    assert not row.isCheckable()
    assert row.grab().toImage() != marked
