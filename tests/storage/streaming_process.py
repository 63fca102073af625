"""A process that streams replies into the database until somebody kills it. It says on its output what it did.

`stream`: one reply for ever; each line is the moment at which a piece had been handed to the journal (`time.monotonic`,
one clock for all processes). `finish`: one short reply after another; each line is the id of one that is safe.
"""

from __future__ import annotations

import sys
import time
from itertools import count

from app.conversation import MessageStatus
from app.paths import find_paths
from app.storage.conversations import ConversationStore, NewTurn
from app.storage.written import Written

ANSWER = ("It ", "is ", "safe.")


def say(line: str) -> None:
    """Tell whoever started this process, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stream(store: ConversationStore) -> None:
    """Append "0 ", "1 ", "2 " ... at the pace of a model, to a reply whose id is the first line."""
    reply = store.begin_turn(NewTurn("Count", title="Counting")).result().reply
    say(reply.id)
    journal = store.journal(reply.id)
    for number in count():
        journal.append(Written(f"{number} ", (number,)))
        say(str(time.monotonic()))
        time.sleep(0.01)


def finish(store: ConversationStore) -> None:
    """Write short replies to one message and wait for each."""
    user = store.begin_turn(NewTurn("Again and again")).result().user
    while True:
        reply = store.begin_reply(user.id).result()
        journal = store.journal(reply.id)
        for token, piece in enumerate(ANSWER):
            journal.append(Written(piece, (token,)))
        journal.finish(MessageStatus.COMPLETE, None).result()
        say(reply.id)


if __name__ == "__main__":
    {"stream": stream, "finish": finish}[sys.argv[1]](ConversationStore.open(find_paths()))
