"""The history of an installation: every observation, in words, and no longer than a page."""

from dataclasses import replace
from datetime import datetime

from services.package_watcher.domain.model import Installation, Seen, Step
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    NotReady,
    Observation,
    Progress,
    Refused,
    Settled,
    Unreachable,
)

MAX_LINES = 60
"""Equal answers share a line, so that even a bumpy installation has a dozen or two. Beyond that
the second line goes first: how it was ordered and how it ended are what people ask for."""

MAX_SAID = 500
"""Characters of one answer; the full text of a failure is among the failed components."""

ORDERED = "order"
RESUMED = "resume"


def noted(
    installation: Installation, asked: str, answer: str, said: str, at: datetime
) -> Installation:
    """With one more line, or the last one counted up."""
    lines, said = installation.history, said[:MAX_SAID]
    last = lines[-1] if lines else None
    fresh = Seen(asked, answer, said, installation.state, at, at)
    if last is not None and _same(last, fresh):
        counted = replace(last, last_at=at, times=last.times + 1)
        return replace(installation, history=(*lines[:-1], counted))
    kept = lines if len(lines) < MAX_LINES else (lines[0], *lines[2:])
    return replace(installation, history=(*kept, fresh))


def seen_in(
    installation: Installation, step: Step | None, seen: Observation, at: datetime
) -> Installation:
    """With a line for what was seen when `step` was done."""
    answer, said = in_words(seen)
    return noted(installation, step.value if step else "", answer, said, at)


def in_words(seen: Observation) -> tuple[str, str]:
    """An observation as (a stable word, what was said)."""
    match seen:
        case Accepted(request_id):
            return "accepted", f"request {request_id}"
        case NotReady(_, text):
            return "not_ready", text
        case Settled(text):
            return "settled", text
        case Progress():
            return seen.reported.value, _progress(seen)
        case Looked():
            return ("in_place" if seen.in_place else "missing"), seen.text
        case Refused(_, text):
            return "refused", text
        case Unreachable(text):
            return "no_answer", text
        case Held(text):
            return "held_up", text


def _progress(seen: Progress) -> str:
    counted = f"{seen.components_done} of {seen.components} components" if seen.components else ""
    failed = "; ".join(f"{one.component}: {one.problem}" for one in seen.failures)
    return " - ".join(part for part in (seen.text, counted, failed) if part)


def _same(last: Seen, fresh: Seen) -> bool:
    told = (fresh.asked, fresh.answer, fresh.said, fresh.state)
    return (last.asked, last.answer, last.said, last.state) == told
