"""The question before a model is deleted: what goes, how much it is, whose it is, and what can be done."""

from __future__ import annotations

from collections.abc import Callable

from app.models.deletion import Deletion
from app.models.download.sizes import shown_size
from app.models.installed import InstalledModel
from app.translation import tr
from app.ui.model_manager.question import Answer, Question
from app.ui.theme import Theme


def deletion_question(
    model: InstalledModel, deletion: Deletion, remove: Callable[[], None], delete: Callable[[], None], theme: Theme
) -> Question:
    """Offer what may be done: files of others go only with a word of their own, some never."""
    size = shown_size(deletion.size_bytes)
    sentences = [deletion.sentence]
    answers: list[Answer] = []
    can_go = bool(deletion.files) and deletion.refusal is None
    if can_go and deletion.touches_others:
        sentences.append(_warning(model, size))
        answers.append(Answer(tr("Move the file to the bin too"), "delete_file_button", delete, "destructive"))
    if deletion.refusal is not None and deletion.refusal.next_step:
        sentences.append(tr(deletion.refusal.next_step, **deletion.refusal.values))
    if can_go and not deletion.touches_others:
        sentences.append(tr("{size} become free once the bin is emptied.", size=size))
        answers.append(Answer(tr("Move to the bin, {size}", size=size), "delete_file_button", delete, "destructive"))
    else:
        answers.append(Answer(tr("Remove from the list"), "remove_from_list_button", remove, "primary"))
    return Question(tr("Delete {name}?", name=model.name), sentences, answers, theme)


def _warning(model: InstalledModel, size: str) -> str:
    if model.owner:
        return tr(
            "You can move the file itself ({size}) to the bin too: {owner} will miss it.", size=size, owner=model.owner
        )
    return tr("You can move the file itself ({size}) to the bin too.", size=size)
