"""`conversations`: what was said."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import indent

from app.cli.ask_output import receipt_json
from app.cli.printing import Json, one_line, print_json, print_line, print_table, rfc3339
from app.conversation import Conversation, Message, Role, SearchHit
from app.parts import Parts
from app.translation import tr


def conversations(parts: Parts, arguments: argparse.Namespace) -> int:
    """Do what the action says and give the exit status."""
    match arguments.action:
        case "list":
            _list(parts.store.conversations(), as_json=arguments.json)
        case "show":
            _show(parts, arguments)
        case _:
            _search(parts.store.search(" ".join(arguments.words)), as_json=arguments.json)
    return 0


def _list(found: list[Conversation], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"id": entry.id, "title": entry.title, "model": entry.model, "updated_at": rfc3339(entry.updated_at)}
                for entry in found
            ]
        )
    elif found:
        print_table([[entry.id, entry.updated_at.astimezone().strftime("%x %H:%M"), entry.title] for entry in found])
    else:
        print_line(tr("There are no conversations yet."))


def _show(parts: Parts, arguments: argparse.Namespace) -> None:
    conversation = parts.store.conversation(arguments.id)
    messages = parts.store.tree(conversation.id) if arguments.tree else parts.store.branch(conversation.id)
    if arguments.json:
        print_json(
            {
                "id": conversation.id,
                "title": conversation.title,
                "messages": [_message_json(message) for message in messages],
            }
        )
        return
    print_line(one_line(conversation.title))
    for placed in _laid_out(messages):
        print_line()
        print_line(placed.margin + one_line(placed.heading))
        print_line(indent(placed.message.text, placed.margin))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A message as it stands in the tree: below so many forks, as one of so many versions of its place."""

    message: Message
    forks: int
    version: int
    versions: int

    @property
    def margin(self) -> str:
        """What stands before each of its lines."""
        return "  " * self.forks

    @property
    def heading(self) -> str:
        """Who speaks, with the id by which it is named, and which version it is."""
        heading = f"{_speaker(self.message)} · {self.message.id}"
        if self.versions == 1:
            return heading
        return f"{heading} · {tr('{number} of {all}', number=self.version, all=self.versions)}"


def _laid_out(messages: list[Message]) -> Iterator[_Placed]:
    """Give each message before those that answer it, a branch after the other."""
    answers: dict[str | None, list[Message]] = defaultdict(list)
    for message in messages:
        answers[message.parent_id].append(message)
    waiting = _versions(answers[None], 0)
    while waiting:
        placed = waiting.pop()
        yield placed
        waiting += _versions(answers[placed.message.id], placed.forks)


def _versions(siblings: list[Message], forks: int) -> list[_Placed]:
    """Give the first of them last."""
    count = len(siblings)
    forks += count > 1
    return [_Placed(message, forks, number, count) for number, message in enumerate(siblings, 1)][::-1]


def _speaker(message: Message) -> str:
    match message.role:
        case Role.USER:
            return tr("You")
        case Role.SYSTEM:
            return tr("System prompt")
        case Role.ASSISTANT:
            return message.model_name or tr("Model")


def _message_json(message: Message) -> Json:
    return {
        "id": message.id,
        "parent_id": message.parent_id,
        "role": message.role.value,
        "text": message.text,
        "status": message.status.value,
        "receipt": receipt_json(message.receipt),
    }


def _search(hits: list[SearchHit], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "conversation": hit.conversation_id,
                    "message": hit.message_id,
                    "title": hit.title,
                    "snippet": hit.snippet,
                }
                for hit in hits
            ]
        )
    elif hits:
        print_table([[hit.conversation_id, hit.title, hit.snippet] for hit in hits])
    else:
        print_line(tr("No conversation holds these words. Deleted ones in the bin are not searched."))
