"""The report as one HTML page that needs nothing beside it: the same answers, with pictures and records to look at."""

from collections.abc import Iterator
from importlib import resources

from milepost.domain.quantities import count
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.report import head
from milepost.report.album import Album, Read
from milepost.report.html_text import escape, inline, rendered
from milepost.report.markdown import sections
from milepost.report.shapes import Report, VerdictRow
from milepost.report.shown import Sight, Walk

PICTURED = ("Evidence", "Before and after", "Walkthroughs")
"""Sections that this page shows otherwise than Markdown does."""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
MASKED = (
    "Secrets that Milepost knows are masked in texts. Pictures show what the program showed and cannot be masked: "
    "look at them before you pass this page on."
)


def page(report: Report, folder: MissionFolder) -> str:
    """The whole page, with what the mission keeps by its hash."""
    return render(report, Blobs(folder.blobs).get)


def render(report: Report, read: Read) -> str:
    """The whole page; `read` brings the bytes of a blob."""
    album = Album(read)
    written = sections(report)
    bodies = {title: rendered(lines) for title, lines in written.items() if lines and title not in PICTURED}
    own = {
        "Evidence": "\n".join(evidence(v, album) for v in report.verdicts if v.evidence),
        "Before and after": "\n".join(sight(s, report, album) for s in report.sights),
        "Walkthroughs": "\n".join(walks(report, album)),
    }
    ordered = {title: own.get(title) or bodies.get(title, "") for title in written}
    kept = {title: body for title, body in ordered.items() if body}
    links = "".join(f'<a href="#{anchor(title)}">{escape(title)}</a>' for title in kept)
    body = "\n".join(
        f'<section id="{anchor(title)}"><h2>{escape(title)}</h2>\n{text}\n</section>' for title, text in kept.items()
    )
    style = resources.files("milepost.report").joinpath("report.css").read_text("utf-8")
    top, *answers = [line for line in head.head(report) if line]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.mission.id)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{album.sheet()}\n"
        f'<header><h1>{inline(top.lstrip("# "))} <span class="chip {report.mission.phase}">{report.mission.word}</span>'
        f'</h1>\n{rendered(answers)}\n<nav>{links}</nav>\n</header>\n<main>\n{body}\n</main>\n'
        f"<footer>{MASKED}</footer>\n</body>\n</html>\n"
    )


def anchor(title: str) -> str:
    """What a section is linked by."""
    return title.lower().replace(" ", "-")


def evidence(verdict: VerdictRow, album: Album) -> str:
    """An assertion with everything that its verdict points at."""
    said = "stale" if verdict.stale else verdict.state
    note = f"<p>{escape(verdict.note)}</p>" if verdict.note else ""
    pieces = "".join(album.piece(x) for x in verdict.evidence)
    return (
        f'<article id="{escape(verdict.assertion)}"><h3><code>{escape(verdict.assertion)}</code> '
        f'{escape(verdict.title)} <span class="chip {said}">{said}</span></h3>{note}'
        f'<div class="pieces">{pieces}</div></article>'
    )


def sight(shown: Sight, report: Report, album: Album) -> str:
    """A page before and after, side by side."""
    title = next((v.title for v in report.verdicts if v.assertion == shown.assertion), "")
    after = album.picture(shown.after, f"<b>After</b>, {album.label(shown.after)}")
    if shown.before is None:
        before = f'<p class="none"><b>Before</b>: {escape(shown.because)}.</p>'
    else:
        caption = f"<b>Before</b>, {escape(shown.because)}, {album.label(shown.before)}"
        before = album.picture(shown.before, caption)
    return (
        f'<article><h3><a href="#{escape(shown.assertion)}"><code>{escape(shown.assertion)}</code></a> {escape(title)}'
        f'</h3><div class="pair">{before}{after}</div></article>'
    )


def walks(report: Report, album: Album) -> Iterator[str]:
    """Every walkthrough, under its milestone."""
    titles = {m.id: f"{m.id} {m.title}" for m in report.milestones}
    for milestone in dict.fromkeys(w.milestone for w in report.walks):
        yield f"<h3>{escape(titles.get(milestone, 'The final round'))}</h3>"
        yield from (walk(w, album) for w in report.walks if w.milestone == milestone)


def walk(done: Walk, album: Album) -> str:
    """What one tester did, step by step."""
    links = ", ".join(f'<a href="#{escape(a)}"><code>{escape(a)}</code></a>' for a in done.assertions)
    steps = "".join(
        f"<li><p>{inline(step.said)}</p>{''.join(album.piece(x) for x in step.evidence)}</li>" for step in done.steps
    )
    return (
        f'<article class="walk"><p>{links}: {count(len(done.steps), "step")} by <code>{escape(done.attempt)}</code></p>'
        f"<ol>{steps}</ol></article>"
    )
