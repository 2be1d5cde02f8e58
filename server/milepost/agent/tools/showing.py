"""The words by which a tester shows an assertion: they must be in the evidence, or nobody saw them."""

from collections.abc import Iterator, Sequence

from milepost.agent.desk import Desk
from milepost.agent.witnessed import calls_of, witnessed
from milepost.domain.handoff import SubmittedVerdict
from milepost.scripts.template import plain

EXCERPT = 400
"""Characters of the evidence that a refusal shows."""


async def unseen(desk: Desk, verdicts: Sequence[SubmittedVerdict]) -> list[str]:
    """What verdicts claim to have been shown and was not, a line each."""
    named = {words.evidence for v in verdicts for words in v.shows}
    if not named:
        return []
    pieces = [piece for piece in desk.evidence if piece.id in named]
    texts = {piece.id: witnessed("", [piece], desk.blobs, desk.clock()).text for piece in pieces}
    # What a call showed the model counts too: a picture has no words of its own.
    for call in calls_of(await desk.log.turns(desk.attempt), desk.blobs):
        texts |= dict.fromkeys(call.evidence, call.seen.text)
    return [problem for v in verdicts for problem in imagined(v, texts)]


def imagined(verdict: SubmittedVerdict, texts: dict[str, str]) -> Iterator[str]:
    """What one verdict claims to have been shown and was not."""
    for words in verdict.shows:
        if words.evidence not in verdict.evidence:
            yield f"{verdict.assertion}: `shows` names {words.evidence}, which is not in its `evidence`"
            continue
        text = plain(texts.get(words.evidence, ""))
        if plain(words.text) not in text:
            excerpt = f"{text[:EXCERPT]} …" if len(text) > EXCERPT else text
            yield (
                f"{verdict.assertion}: {words.evidence} does not show {words.text!r}; copy words just as it has them: "
                f"{excerpt!r}"
            )
