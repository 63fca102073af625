"""An open conversation: send, stop, continue, and what each event of the engine does to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TypeVar

from app.chat.branches import choices_before
from app.chat.prompt import generation_request, prompt_request, prompted
from app.chat.recorder import ReplyRecorder, status_of, trouble_of
from app.chat.reply_progress import ReplyProgress
from app.chat.running_reply import RunningReply
from app.chat.title import title_of
from app.chat.turn import ConversationListener, JobQueue, Post, TurnSettings, TurnStore
from app.conversation import (
    Conversation,
    ConversationOptions,
    FinishReason,
    Message,
    MessageStatus,
    Receipt,
    Role,
    Summary,
    Trouble,
)
from app.engine.events import GenerationFinished, PromptDescription, PromptEvaluated
from app.engine.requests import BranchPoint, GenerationRequest, PromptMessage, PromptRequest
from app.engine.worker import EngineFailed, Job, LoadCancelled, WorkerEvent
from app.errors import Fault, PaddockError
from app.storage.turns import NewTurn, StartedTurn, make_id

T = TypeVar("T")


class ReplyRunningError(PaddockError):
    """The conversation is busy with a reply."""

    fault = Fault.USER


def written_elsewhere() -> ReplyRunningError:
    """Another process is writing a reply in this conversation."""
    return ReplyRunningError(
        "Another Paddock is writing a reply in this conversation just now.",
        next_step="Send it again when that has ended.",
    )


class OpenConversation:
    """One conversation in use. It belongs to one thread; what comes from others is handed over by `post`.

    A reply goes on when nobody looks: `listener` may be None, and be set again later.
    """

    def __init__(
        self,
        store: TurnStore,
        jobs: JobQueue,
        post: Post,
        conversation: Conversation | None = None,
        branch: Sequence[Message] = (),
        summary: Summary | None = None,
    ) -> None:
        """Open `conversation` with its active branch; None begins a new one with the first message.

        `summary` stands for the beginning of the branch when that does not fit in the context window.
        """
        self._store = store
        self._jobs = jobs
        self._post = post
        self._conversation = conversation
        self._options = conversation.options if conversation else ConversationOptions()
        self._messages = list(branch)
        self._summary = summary
        self._left_out: tuple[str, ...] = ()
        self._description: PromptDescription | None = None
        self._reply: RunningReply | None = None
        self._unsaved = False
        self.listener: ConversationListener | None = None

    @property
    def conversation(self) -> Conversation | None:
        """The conversation; None before its first message."""
        return self._conversation

    @property
    def options(self) -> ConversationOptions:
        """What is set for this conversation only, also before its first message."""
        return self._options

    @property
    def messages(self) -> tuple[Message, ...]:
        """The active branch, root first, with the words of a running reply as far as they have come."""
        if self._reply is None or not self._messages:
            return tuple(self._messages)
        return (*self._messages[:-1], self._reply.added_to(self._messages[-1]))

    @property
    def is_replying(self) -> bool:
        """Whether a reply is being written, or about to be."""
        return self._reply is not None

    @property
    def progress(self) -> ReplyProgress | None:
        """How far the running reply is; None while there is none."""
        return self._reply.progress if self._reply is not None else None

    @property
    def is_settled(self) -> bool:
        """Whether what is on the disk is all there is: nothing is being written, and the last reply's end is safe."""
        return self._reply is None and not self._unsaved

    def send(self, text: str, how: TurnSettings) -> None:
        """Add the user's message and begin the reply to it."""
        self._refuse_while_replying()
        turn = self._new_turn(text, how)
        self._reply = RunningReply(turn.reply_id, how)
        before = tuple(self._messages)
        for message in _messages_of(turn):
            self._messages.append(message)
            self._tell(lambda listener, shown=message: listener.message_added(shown))
        begun = self._store.begin_turn(turn)
        begun.add_done_callback(self._on_owner(lambda future: self._turn_begun(future, turn, before)))

    def continue_reply(self, how: TurnSettings) -> None:
        """Go on with the last reply from where it ended; one without words is begun again."""
        self._refuse_while_replying()
        reply = self._messages[-1]
        if reply.role is not Role.ASSISTANT:
            raise ReplyRunningError("There is no reply to continue.", next_step="Send a message first.")
        self._reply = RunningReply(reply.id, how)
        begun = self._store.continue_reply(reply.id, model_sha256=how.model.sha256)
        begun.add_done_callback(self._on_owner(self._reply_continued))

    def branch_from(self, token_index: int, alternative: int, how: TurnSettings) -> None:
        """Write the last reply anew from one of its tokens on, with another one there. The old one stays beside it.

        The index counts the reply's tokens, those of its reasoning included, as its generations hold them.
        """
        self._refuse_while_replying()
        original = self._messages[-1]
        if original.role is not Role.ASSISTANT or original.parent_id is None:
            raise ReplyRunningError("There is no reply to branch from.", next_step="Send a message first.")
        point = BranchPoint(token_index, alternative, choices_before(original, token_index, alternative))
        reply = self._reply = RunningReply(make_id(), how, (original, point))
        begun = self._store.begin_reply(
            original.parent_id,
            model_name=how.model.name,
            model_sha256=how.model.sha256,
            reply_id=reply.message_id,
        )
        begun.add_done_callback(self._on_owner(self._branch_begun))

    def prompt(self, how: TurnSettings, draft: str = "") -> PromptRequest:
        """Give what the model would read if `draft` were sent now."""
        request = prompt_request(self._messages, self._conversation, self.summary, how)
        messages = request.messages
        if not messages and how.system_prompt:
            messages = (PromptMessage(Role.SYSTEM, how.system_prompt),)
        if draft:
            messages = (*messages, PromptMessage(Role.USER, draft))
        return dataclasses.replace(request, messages=messages)

    @property
    def summary(self) -> Summary | None:
        """What stands for the beginning of the branch; None while nothing does, or nothing is wanted to."""
        return self._summary if self.options.summarises else None

    @property
    def left_out(self) -> tuple[str, ...]:
        """The ids of the messages that the model did not see when it last read the prompt, or looked at it."""
        return self._left_out

    @property
    def description(self) -> PromptDescription | None:
        """The prompt as it was when it was last looked at; None before that."""
        return self._description

    def looked_at(self, description: PromptDescription) -> None:
        """Take over what the engine says would be left out of the prompt now."""
        self._description = description
        ids = [message.id for message in prompted(self._messages)]
        self._note_left_out([ids[i] for i in description.left_out if i < len(ids)])

    def overflows(self) -> None:
        """Take over that its last turn alone does not fit: the model sees nothing before it but what must stay."""
        seen = prompted(self._messages)
        last_turn = max((at for at, message in enumerate(seen) if message.role is Role.USER), default=0)
        fallen = [message for message in seen[:last_turn] if message.role is not Role.SYSTEM and not message.pinned]
        self._note_left_out([message.id for message in fallen])

    def summarised(self, summary: Summary) -> None:
        """Take over a summary that was made or edited."""
        self._summary = summary

    def stop(self) -> None:
        """End the running reply. The words so far stay."""
        if self._reply is not None:
            self._reply.interruption.request()

    def application_closes(self) -> None:
        """Let the running reply be marked as interrupted, not as stopped, when it ends now."""
        if self._reply is not None and self._reply.recorder is not None:
            self._reply.recorder.application_closes()

    def renamed(self, conversation: Conversation) -> None:
        """Take over what was changed elsewhere: the title, the model, the draft. The options are set here alone."""
        self._conversation = dataclasses.replace(conversation, options=self._options)

    def set_options(self, options: ConversationOptions) -> None:
        """Set what holds for this conversation only, and keep it; a new one takes it along when it is saved."""
        self._options = options
        if self._conversation is not None:
            self._conversation = dataclasses.replace(self._conversation, options=options)
            saved = self._store.set_options(self._conversation.id, options)
            saved.add_done_callback(self._on_owner(self._options_saved))

    def pinned(self, message_id: str, *, pinned: bool) -> None:
        """Take over that a message of the branch stays in the context window, or no longer does."""
        for at, message in enumerate(self._messages):
            if message.id == message_id:
                self._messages[at] = dataclasses.replace(message, pinned=pinned)
                self._tell(lambda listener, at=at: listener.message_changed(self.messages[at]))

    def _refuse_while_replying(self) -> None:
        if self._reply is not None:
            raise ReplyRunningError("A reply is being written.", next_step="Stop it, or wait for its end.")

    def _new_turn(self, text: str, how: TurnSettings) -> NewTurn:
        return NewTurn(
            text=text,
            conversation_id=self._conversation.id if self._conversation else None,
            parent_id=self._messages[-1].id if self._messages else None,
            title=title_of(text),
            system_prompt=how.system_prompt if how.system_prompt and not self._messages else None,
            model_name=how.model.name,
            model_sha256=how.model.sha256,
            options=self._options,
        )

    def _turn_begun(self, begun: Future[StartedTurn], turn: NewTurn, before: Sequence[Message]) -> None:
        try:
            started = begun.result()
        except PaddockError as error:
            # Nothing of the turn is on the disk: let the user have the words again.
            self._messages = list(before)
            self._reply = None
            self._tell_not_saved(error, turn.text)
            return
        conversation, wanted = started.conversation, self._options
        if self._conversation is not None:
            self.renamed(conversation)
        else:
            self._conversation, self._options = conversation, conversation.options
            if wanted != turn.options:  # set while the turn was on its way to the disk
                self.set_options(wanted)
        known = dataclasses.replace(conversation, options=self._options)
        self._tell(lambda listener: listener.conversation_changed(known))
        self._generate()

    def _reply_continued(self, begun: Future[Message]) -> None:
        try:
            message = begun.result()
        except PaddockError as error:
            self._reply = None
            self._tell_not_saved(error)
            return
        self._messages[-1] = message
        self._tell(lambda listener: listener.message_changed(message))
        self._generate()

    def _branch_begun(self, begun: Future[Message]) -> None:
        try:
            message = begun.result()
        except PaddockError as error:
            self._reply = None
            self._tell_not_saved(error)
            return
        self._messages[-1] = message
        self._tell(lambda listener: listener.branch_changed(tuple(self._messages)))
        self._generate()

    def _generate(self) -> None:
        reply = self._reply
        if reply is None:
            return
        self._unsaved = True
        journal = self._store.journal(reply.message_id)
        reply.recorder = ReplyRecorder(
            journal, reply.how.model, self._pass_on, self._on_owner(self._saved), reply.how.hash_file
        )
        self._jobs.submit(Job(reply.how.load, reply.recorder.report, self._request(reply), reply.interruption))

    def _request(self, reply: RunningReply) -> GenerationRequest:
        branch, point = self._messages, None
        if reply.branches_from is not None:
            original, point = reply.branches_from
            branch = [*branch[:-1], original]
        prompt = prompt_request(branch, self._conversation, self.summary, reply.how)
        reply.prompted_ids = tuple(message.id for message in prompted(branch))
        return generation_request(prompt, self._conversation, reply.how, point)

    def _pass_on(self, event: WorkerEvent) -> None:
        self._post(lambda: self._handle(event))

    def _handle(self, event: WorkerEvent) -> None:
        reply = self._reply
        if reply is None:
            return
        reply.take(event)
        if isinstance(event, PromptEvaluated):
            self._note_left_out([reply.prompted_ids[i] for i in event.left_out if i < len(reply.prompted_ids)])
        self._tell(lambda listener: listener.reply_progressed(reply.message_id, event))
        match event:
            case GenerationFinished(reason=reason, receipt=receipt):
                self._end(reply, reason, receipt)
            case LoadCancelled():
                self._end(reply, FinishReason.CANCELLED, None)
            case EngineFailed(error=error):
                self._end(reply, FinishReason.ERROR, None, trouble_of(error))
            case _:
                pass

    def _note_left_out(self, message_ids: Sequence[str]) -> None:
        if self._left_out != tuple(message_ids):
            self._left_out = tuple(message_ids)
            self._tell(lambda listener: listener.left_out_changed(message_ids))

    def _end(
        self, reply: RunningReply, reason: FinishReason, receipt: Receipt | None, trouble: Trouble | None = None
    ) -> None:
        written = reply.added_to(self._messages[-1])
        *before, last = written.generations
        ended = dataclasses.replace(
            written,
            status=status_of(reason),
            trouble=trouble,
            generations=(*before, dataclasses.replace(last, receipt=receipt)),
        )
        self._messages[-1] = ended
        self._reply = None
        self._tell(lambda listener: listener.message_changed(ended))

    def _saved(self, saved: Future[Message]) -> None:
        self._unsaved = False
        try:
            message = saved.result()
        except PaddockError as error:
            self._tell_not_saved(error)
            return
        self._tell(lambda listener: listener.reply_saved(message))

    def _options_saved(self, saved: Future[Conversation]) -> None:
        try:
            saved.result()
        except PaddockError as error:
            self._tell_not_saved(error)

    def _tell_not_saved(self, error: PaddockError, unsent_text: str = "") -> None:
        self._tell(lambda listener: listener.not_saved(error, unsent_text))

    def _on_owner(self, handler: Callable[[Future[T]], None]) -> Callable[[Future[T]], None]:
        return lambda future: self._post(lambda: handler(future))

    def _tell(self, tell: Callable[[ConversationListener], None]) -> None:
        if self.listener is not None:
            tell(self.listener)


def _messages_of(turn: NewTurn) -> list[Message]:
    """What the turn adds, as it will be read back."""
    now = datetime.now(UTC)
    place = turn.conversation_id or turn.new_conversation_id
    system = (
        [Message(turn.system_message_id, place, None, Role.SYSTEM, turn.system_prompt, MessageStatus.COMPLETE, now)]
        if turn.system_prompt is not None
        else []
    )
    parent = turn.system_message_id if system else turn.parent_id
    user = Message(turn.user_message_id, place, parent, Role.USER, turn.text, MessageStatus.COMPLETE, now)
    reply = Message(turn.reply_id, place, user.id, Role.ASSISTANT, "", MessageStatus.STREAMING, now, turn.model_name)
    return [*system, user, reply]
