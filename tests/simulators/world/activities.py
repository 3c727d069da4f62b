# ruff: noqa: RUF001 -- as people type, dashes included
"""What people do all day: tasks, notes, calls, e-mails, meetings."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from tests.simulators.people_places import CULTURES
from tests.simulators.world.deals import DAYS, FIRST_DAY
from tests.simulators.world.draws import dice

Urgency = Literal["low", "normal", "high"]
URGENCIES: tuple[Urgency, ...] = ("low", "normal", "normal", "high")
Progress = Literal["open", "started", "waiting", "deferred", "done"]
PROGRESS: tuple[Progress, ...] = ("open", "started", "waiting", "deferred", "done", "done")
NAMES = tuple(name for culture in CULTURES for name, _ in culture.last)
SUBJECTS = (
    "Call {name} back",
    "Angebot an {name} schicken",
    "Relancer {name}",
    "{name} さんに電話",
    "Enviar factura a {name}",
    "متابعة مع {name}",
    "Re: Fwd: AW: your order",
    "✅ follow up ({name})",
    "Lunch?",
)
BODIES = (
    "",
    "<p>Spoke about <b>delivery</b> &amp; price.</p>",
    "Zurückrufen – nicht vor 10 Uhr!\nDurchwahl: 4711",
    "次回は来週。",
    "Wants a discount of 5% > last year's.",
    "قال إنه سيتصل غدا",
    "Line one\r\nLine two\ttabbed",
)


@dataclass(frozen=True, slots=True)
class Activity:
    """One of them. ``minutes`` is how long a call or a meeting takes."""

    subject: str
    body: str
    at: datetime
    urgency: Urgency
    progress: Progress
    minutes: int
    incoming: bool


def activity(seed: int, kind: str, number: int) -> Activity:
    """The ``number``-th activity of a kind of a seed."""
    chance = dice(seed, kind, number)
    day = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC)
    return Activity(
        subject=chance.choice(SUBJECTS).format(name=chance.choice(NAMES)),
        body=chance.choice(BODIES),
        at=day + timedelta(days=chance.randrange(DAYS), minutes=15 * chance.randrange(24 * 4)),
        urgency=chance.choice(URGENCIES),
        progress=chance.choice(PROGRESS),
        minutes=chance.choice((5, 15, 30, 60)),
        incoming=chance.random() < 0.5,
    )
