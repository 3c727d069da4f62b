"""API calls of the last 24 hours, and the geometry of their picture."""

from dataclasses import dataclass
from datetime import datetime

from services.console.domain.answers import Json, child, items, mapping, moment, truth, whole
from shared.kernel.records import Side

WIDTH = 600
"""Units of the bar's picture; the page scales it to the room that there is."""

MARKS = (50, 80, 95)
"""Percent at which the quota service tells of a crossing."""

WATCH_PERCENT = 80
FULL_PERCENT = 95
CHART_HEIGHT = 40


@dataclass(frozen=True, slots=True)
class Column:
    """One hour in the chart: its place and height in units of the picture."""

    hour: datetime | None
    calls: int
    x: int
    height: int


@dataclass(frozen=True, slots=True)
class Use:
    """One side's use; `allowance` is None where there is no daily limit."""

    side: Side
    used: int
    allowance: int | None
    left: int | None
    set_by_admin: bool
    exhausted_until: datetime | None
    org_used: int | None
    org_limit: int | None
    reported_at: datetime | None
    purposes: tuple[tuple[str, int], ...]
    columns: tuple[Column, ...]

    @property
    def percent(self) -> int | None:
        """Of the allowance, above 100 when more was used; None without one."""
        if self.allowance is None:
            return None
        return self.used * 100 // self.allowance if self.allowance > 0 else 100

    @property
    def bar(self) -> int:
        """The length of the used part, 0 to WIDTH; anything used is seen."""
        if not self.used or self.allowance is None:
            return 0
        return max(2, min(WIDTH, self.used * WIDTH // max(1, self.allowance)))

    @property
    def level(self) -> str:
        """`calm`, `watch` or `full`: how worried the picture looks."""
        if self.exhausted_until is not None or (self.percent or 0) >= FULL_PERCENT:
            return "full"
        return "watch" if (self.percent or 0) >= WATCH_PERCENT else "calm"


def uses_of(answer: object) -> tuple[Use, ...]:
    """The sides that have been used, of an answer of the quota service."""
    json = mapping(answer)
    return tuple(_use(side, child(json, side.value)) for side in Side if child(json, side.value))


def mark_x(percent: int) -> int:
    """Where a mark stands in the bar."""
    return percent * WIDTH // 100


def _use(side: Side, json: Json) -> Use:
    purposes = child(json, "purposes")
    counts = ((name, whole(purposes, name) or 0) for name in purposes)
    return Use(
        side=side,
        used=whole(json, "used") or 0,
        allowance=whole(json, "allowance"),
        left=whole(json, "left"),
        set_by_admin=truth(json, "set_by_admin"),
        exhausted_until=moment(json, "exhausted_until"),
        org_used=whole(json, "org_used"),
        org_limit=whole(json, "org_limit"),
        reported_at=moment(json, "reported_at"),
        purposes=tuple((name, count) for name, count in counts if count),
        columns=_columns(items(json.get("hours"))),
    )


def _columns(hours: tuple[Json, ...]) -> tuple[Column, ...]:
    calls = [whole(hour, "calls") or 0 for hour in hours]
    highest = max(calls, default=0)
    step = WIDTH // max(1, len(hours))
    return tuple(
        Column(
            hour=moment(hour, "hour"),
            calls=count,
            x=index * step,
            height=count * CHART_HEIGHT // highest if highest else 0,
        )
        for index, (hour, count) in enumerate(zip(hours, calls, strict=True))
    )


def label(use: Use) -> str:
    """The bar in one sentence, for those who hear the page."""
    if use.allowance is None:
        return f"{use.used:,} calls in the last 24 hours; there is no daily limit."
    return f"{use.used:,} of {use.allowance:,} calls used in the last 24 hours ({use.percent} %)."


def purpose_text(use: Use) -> str:
    """What the calls were for: `live 120, import 40`."""
    return ", ".join(f"{name} {count:,}" for name, count in use.purposes)
