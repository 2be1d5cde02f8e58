"""The words of a person in a button that asks for them: given by a client that can ask, refused otherwise."""

from typing import Any

from milepost.domain.errors import Refused


def spoken(command: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a button, once a person gave the words that it asks for.

    Raises Refused where they did not: a client without a way to ask is told of the one in the terminal.
    """
    asked, about = arguments.pop("ask", None), arguments.pop("about", None)
    if asked is None:
        return arguments
    words = str(arguments.get(asked) or "").strip()
    if not words:
        subject = next((str(arguments[k]) for k in ("assertion", "item", "feature") if arguments.get(k)), "")
        told = " ".join(w for w in ("milepost", command, subject, str(arguments.get("decision", ""))) if w)
        raise Refused(
            f"this needs your words ({asked}), which this editor cannot ask for: `{told} …` in a terminal takes them"
        )
    return arguments | {asked: f"About {about}: {words}" if about else words}
