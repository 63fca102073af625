"""A command that works on the same data while the window is open."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from app.conversation import MessageStatus
from app.models.library import ModelLibrary
from app.models.starter import find_starter
from app.paths import Paths
from app.storage.conversations import ConversationStore
from app.storage.turns import NewTurn, StartedTurn
from app.storage.written import Written
from app.ui.composer.model_list import ModelRow
from tests.gguf_files import TinyModel
from tests.ui.window.use import Use


def begin(store: ConversationStore, use: Use, text: str) -> Future[StartedTurn]:
    """Begin a turn at the end of the open conversation, as another process would."""
    conversation = use.desktop.conversations.conversation
    assert conversation is not None
    return store.begin_turn(NewTurn(text=text, conversation_id=conversation.id, parent_id=use.messages()[-1].id))


def test_what_a_command_says_appears(use: Use) -> None:
    """The turn is shown below the last one, and the next message goes below it."""
    use.send("First")
    use.until_answered("First", "Hello")
    other = ConversationStore.open(use.desktop.parts.paths)
    try:
        started = begin(other, use, "From a command").result()
        journal = other.journal(started.reply.id)
        journal.append(Written("An answer.", (1,)))
        journal.finish(MessageStatus.COMPLETE, None).result()
    finally:
        other.close()
    use.until_answered("First", "Hello", "From a command", "An answer.")
    use.send("Second")
    use.until_answered("First", "Hello", "From a command", "An answer.", "Second", "Hello")
    use.until(lambda: [message.text for message in use.messages()] == use.shown())


def test_a_reply_that_a_command_is_writing_is_not_disturbed(use: Use) -> None:
    """The message waits in the editor, and it is said why."""
    use.send("First")
    use.until_answered("First", "Hello")
    other = ConversationStore.open(use.desktop.parts.paths)
    try:
        started = begin(other, use, "From a command").result()
        use.send("Me too")
        use.until(lambda: "Another Paddock is writing" in use.notice())
        assert use.window.composer.text() == "Me too"
        other.journal(started.reply.id).finish(MessageStatus.COMPLETE, None).result()
    finally:
        other.close()


def test_new_conversations_and_models_of_a_command_are_listed(use: Use, tmp_path: Path) -> None:
    """The list follows by itself; the picker looks when it is opened."""
    paths: Paths = use.desktop.parts.paths
    other = ConversationStore.open(paths)
    try:
        other.create(title="By a command").result()
    finally:
        other.close()
    use.until(lambda: use.window.sidebar.list.model().rowCount() > 0)
    ModelLibrary(paths, find_starter()).add(TinyModel().write(tmp_path / "tiny.gguf"))
    use.window.composer.open_model_list()
    use.until(lambda: any(row.text() == "Tiny" for row in use.window.findChildren(ModelRow)))
