"""The messages of one attempt: appended to, never rewritten, so that their prefix stays byte-stable (D17)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from milepost.domain.record import Record
from milepost.domain.turn import Call, Reply
from milepost.domain.turns import NudgeGiven, ToolEnded, ToolStarted, TurnEnded, TurnFailed, TurnStarted
from milepost.model.messages import Image, Message


@dataclass(slots=True)
class Context:
    """What the model has been shown so far, and the calls that are still to be answered."""

    messages: list[Message]
    turn: int = 0
    """The last turn that ended."""
    prompt_tokens: int = 0
    """As the provider counted them in that turn."""
    bytes: int = 0
    bytes_at_turn: int = 0
    """Bytes of the prompt of that turn."""
    images: int = 0
    """How many it shows."""
    nudges: int = 0
    open_calls: list[Call] = field(default_factory=list)
    """Calls of the last reply with no result yet."""
    begun: set[str] = field(default_factory=set)
    """Of these, the ones that were started: what they did is unknown."""
    unknown: int = 0
    """How many results so far were unknown."""
    ended: str | None = None
    """What the call showed that ended the attempt, where it was recorded before the engine stopped."""

    @classmethod
    def opened(cls, system: str, parts: Sequence[str]) -> "Context":
        """A fresh context: the system prompt, then one user message of these parts."""
        context = cls([])
        context.add(Message(role="system", content=system))
        context.add(Message(role="user", content="\n\n".join(p for p in parts if p)))
        return context

    @property
    def last_words(self) -> str:
        """What the model said last, where it called nothing and nobody has said anything since."""
        last = self.messages[-1]
        return last.content.strip() if last.role == "assistant" and not last.calls else ""

    def add(self, message: Message) -> None:
        """Append one message."""
        self.messages.append(message)
        self.bytes += size(message)
        self.images += len(message.images)

    def replied(self, n: int, reply: Reply, prompt_tokens: int) -> None:
        """Append what the model said in turn `n`."""
        self.turn, self.prompt_tokens, self.bytes_at_turn = n, prompt_tokens, self.bytes
        self.open_calls = list(reply.tool_calls)
        self.begun = set()
        calls, thinking = tuple(reply.tool_calls), tuple(reply.thinking)
        self.add(Message(role="assistant", content=reply.content, calls=calls, thinking=thinking))

    def answered(self, call: Call, text: str, images: tuple[Image, ...] = ()) -> None:
        """Append the result of one call."""
        self.open_calls = [c for c in self.open_calls if c.id != call.id]
        self.begun.discard(call.id)
        self.add(Message(role="tool", content=text, call_id=call.id, name=call.name, images=images))

    def nudged(self, text: str) -> None:
        """Append what the engine says to the model."""
        self.nudges += 1
        self.add(Message(role="user", content=text))

    def replay(self, records: Sequence[Record], image: Callable[[str], Image]) -> None:
        """Append what the log remembers of this attempt, as it was the first time."""
        held: dict[str, ToolEnded] = {}
        for record in records:
            match record.event:
                case TurnEnded() as ended:
                    self.flush(held, image)
                    self.replied(ended.n, ended.reply, ended.usage.fresh + ended.usage.cached)
                case ToolStarted() as started:
                    self.begun.add(started.call)
                case ToolEnded() as ended:
                    held[ended.call] = ended
                case NudgeGiven() as nudge:
                    self.flush(held, image)
                    self.nudged(nudge.text)
                case TurnStarted() | TurnFailed() | _:
                    pass
        self.flush(held, image)

    def flush(self, held: dict[str, ToolEnded], image: Callable[[str], Image]) -> None:
        """Append results in the order of their calls, whatever order they came in."""
        for call in list(self.open_calls):
            ended = held.pop(call.id, None)
            if ended is not None:
                self.unknown += ended.outcome == "unknown"
                self.ended = ended.result if ended.ends else self.ended
                self.answered(call, ended.result, tuple(image(i) for i in ended.images))


def size(message: Message) -> int:
    """UTF-8 bytes of one message, near enough to bound its tokens."""
    calls = sum(len(c.name) + len(str(c.arguments).encode()) + 40 for c in message.calls)
    return len(message.content.encode()) + calls + 20
