"""From what is named to where it is: between assertion, feature, handoff, evidence, tests and code."""

from collections.abc import Iterator, Mapping, Sequence

from milepost.ide import mentions
from milepost.ide.document import Document
from milepost.ide.evidence import pieces
from milepost.ide.shapes import Link, Span, Spot
from milepost.ide.snapshot import (
    Snapshot,
    contract_path,
    handoff_path,
    milestone_path,
    plan_path,
    questions_path,
    tree_path,
)


def definition(document: Document, spot: Spot, snapshot: Snapshot) -> list[Link]:
    """Where what a spot names is told: best first.

    At an assertion's own heading the way leads on, to who owns it and the work; from anywhere else it leads to the
    contract.
    """
    named = mentions.at(document.line(spot.line), spot, snapshot)
    if named is None:
        return []
    if named.kind == "assertion":
        block = document.block_at(spot) if document.is_contract else None
        at_home = block is not None and block.assertion.id == named.id and block.first == spot.line
        return list(onward(named.id, snapshot) if at_home else [home(named.id, document, snapshot)])
    if named.kind == "feature":
        return list(feature_places(named.id, document, snapshot))
    if named.kind == "milestone":
        return [link(milestone_path(snapshot.paths, named.id), 0, named.id)]
    return list(item_places(named.id, document, snapshot))


def link(path: str, line: int, title: str) -> Link:
    """The beginning of a line."""
    return Link(path, Span.of_line(line, 0, 0), title)


# --- one thing ---

def home(assertion: str, document: Document, snapshot: Snapshot) -> Link:
    """An assertion's heading: in the document itself where that is the contract, as it may be edited."""
    standing = snapshot.standings[assertion]
    title = f"{assertion} {standing.assertion.title}"
    block = document.named.get(assertion) if document.is_contract else None
    if block is not None:
        return Link(document.path, block.name, title)
    path = contract_path(snapshot.paths, snapshot.mission)
    return link(path, snapshot.story.layout.assertions.get(assertion, 0), title)


def onward(assertion: str, snapshot: Snapshot) -> Iterator[Link]:
    """Who owns an assertion: the feature in the plan, what it left behind, the first file it changed."""
    for feature in snapshot.serving.get(assertion, ())[:1]:
        yield plan_line(feature, snapshot)
        yield from handoff_page(feature, snapshot)
        yield from changed(feature, snapshot)[:1]


def plan_line(name: str, snapshot: Snapshot) -> Link:
    """The line of a milestone or feature in the plan."""
    planned = snapshot.planned.get(name) or snapshot.milestones[name]
    line = snapshot.story.layout.features.get(name, 0)
    return link(plan_path(snapshot.paths), line, f"{name} {planned.title}")


def handoff_page(feature: str, snapshot: Snapshot) -> list[Link]:
    """The newest handoff of a feature, once there is one."""
    if feature not in snapshot.story.handoffs:
        return []
    return [link(handoff_path(snapshot.paths, feature), 0, f"handoff of {feature}")]


def changed(feature: str, snapshot: Snapshot) -> list[Link]:
    """The files that a feature's commits changed, each once."""
    paths = (p for c in snapshot.story.commits.get(feature, ()) for p in c.paths)
    return [link(tree_path(snapshot.paths, p), 0, f"changed by {feature}") for p in dict.fromkeys(paths)]


def feature_places(feature: str, document: Document, snapshot: Snapshot) -> Iterator[Link]:
    """What a feature left behind and its line in the plan; from there, its work."""
    yield from handoff_page(feature, snapshot)
    if document.path != plan_path(snapshot.paths):
        yield plan_line(feature, snapshot)
    else:
        yield from changed(feature, snapshot)[:1]


def item_places(name: str, document: Document, snapshot: Snapshot) -> Iterator[Link]:
    """The line that a finding is about, where the user answers, or what the item is about."""
    item = snapshot.mission.items[name]
    file, line = item.opened.finding.get("file"), item.opened.finding.get("line") or 1
    if file:
        yield link(tree_path(snapshot.paths, file), line - 1, f"{name} {item.opened.type}")
    if item.is_open and item.opened.owner == "user":
        yield link(questions_path(snapshot.paths, snapshot.mission), 0, f"answer {name}")
    about = item.opened.about
    if about in snapshot.standings:
        yield home(about, document, snapshot)
    elif about in snapshot.planned:
        yield plan_line(about, snapshot)


# --- everywhere it is spoken of ---

def references(id: str, snapshot: Snapshot, named_at: Mapping[str, Sequence[Span]]) -> list[Link]:
    """Every place that speaks of an id; `named_at` has where files of the tree name it, by path.

    Raises nothing for an id that is unknown: nobody speaks of that.
    """
    kind = mentions.kind_of(id, snapshot)
    found = [*(assertion_references(id, snapshot) if kind == "assertion" else ())]
    found += feature_references(id, snapshot) if kind == "feature" else ()
    if kind == "milestone":
        found += [plan_line(id, snapshot), link(milestone_path(snapshot.paths, id), 0, id)]
    if kind == "item":
        found += item_places(id, Document("", ""), snapshot)
        found += [plan_line(f.id, snapshot) for f in snapshot.planned.values() if id in f.fixes]
    found += [Link(path, span, id) for path, spans in named_at.items() for span in spans]
    return list(dict.fromkeys(found))


def assertion_references(assertion: str, snapshot: Snapshot) -> Iterator[Link]:
    """Contract, plan, handoffs, tests and evidence of an assertion."""
    yield home(assertion, Document("", ""), snapshot)
    for feature in snapshot.serving.get(assertion, ()):
        yield plan_line(feature, snapshot)
        yield from handoff_page(feature, snapshot)
        yield from tests(assertion, feature, snapshot)
    given = snapshot.standings[assertion].state.verdict
    for piece in pieces(given, snapshot) if given else ():
        if piece.path:
            yield link(piece.path, 0, f"{piece.kind} {piece.title}".rstrip())


def tests(assertion: str, feature: str, snapshot: Snapshot) -> Iterator[Link]:
    """The test files that a feature's handoffs say verify an assertion."""
    for left in snapshot.story.handoffs.get(feature, ()):
        for file in left.handoff.tests:
            if any(case.verifies == assertion for case in file.cases):
                yield link(tree_path(snapshot.paths, file.file), 0, f"test of {assertion}")


def feature_references(feature: str, snapshot: Snapshot) -> Iterator[Link]:
    """Plan, handoff, assertions and changed files of a feature."""
    yield plan_line(feature, snapshot)
    yield from handoff_page(feature, snapshot)
    yield from (home(a, Document("", ""), snapshot) for a in snapshot.served[feature] if a in snapshot.standings)
    yield from changed(feature, snapshot)
