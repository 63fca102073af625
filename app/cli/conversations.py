"""`conversations`: what was said."""

from __future__ import annotations

import argparse

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
    for message in messages:
        print_line()
        print_line(one_line(f"{_speaker(message)}:"))
        print_line(message.text)


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
