"""Records that wait on a terminal: tables for people, JSON for scripts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.kernel.errors import CausewayError
from shared.outbox.mail import Priority
from shared.outbox.mailbox_operations import LaneSummary, Waiting
from shared.runtime.operations.mailbox_desk import Done

WIDTH_OF_A_PIPE = 160
"""Columns where nobody's terminal says how wide it is: the ids stay whole."""

Rows = Mapping[str, Sequence[Waiting]]
Lanes = Mapping[str, Sequence[LaneSummary]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A service at whose mailbox a command failed; the others were served."""

    service: str
    error: CausewayError


def listed_json(rows: Rows, lanes: Lanes, troubles: Sequence[Trouble]) -> str:
    """The records, and all lanes that have such records."""
    records = [
        {"service": service, **asdict(row), "priority": _priority(row)}
        for service, some in rows.items()
        for row in some
    ]
    return _json({"records": records, "lanes": _lanes(lanes), "failed": _failed(troubles)})


def plan_json(lanes: Lanes, troubles: Sequence[Trouble]) -> str:
    """What a command would look at."""
    return _json({"dry_run": True, "lanes": _lanes(lanes), "failed": _failed(troubles)})


def done_json(all_done: Sequence[Done], troubles: Sequence[Trouble]) -> str:
    """What was done."""
    services = [{"service": one.service, "done": one.done, "in_work": one.held} for one in all_done]
    return _json({"dry_run": False, "services": services, "failed": _failed(troubles)})


def show_list(console: Console, rows: Rows, lanes: Lanes) -> None:
    """The records, then how many there are of each lane."""
    table = Table("service", "connection", "lane", "side", "record", "state", "due", "tries", "why")
    for service, some in rows.items():
        for row in some:
            words = (service, str(row.connection_id), row.lane, row.side, row.record_id)
            table.add_row(
                *(Text(word, overflow="fold") for word in words),
                _state(row),
                _time(row.due_at),
                str(row.attempts),
                Text(row.reason, overflow="fold"),
            )
    shown = sum(map(len, rows.values()))
    if shown:
        console.print(table)
    _show_lanes(console, lanes)
    there = sum(one.records for some in lanes.values() for one in some)
    console.print(f"{there:,} records, {shown:,} shown.")


def show_plan(console: Console, lanes: Lanes, verb: str, *, parked: bool) -> None:
    """What would be done, lane by lane; `parked` when parked records are meant as well."""
    _show_lanes(console, lanes)
    every = [one for some in lanes.values() for one in some]
    records = sum(one.due + one.later + (one.parked if parked else 0) for one in every)
    held = sum(one.held for one in every)
    console.print(f"{records:,} records would be {verb}. Nothing was done yet: add --yes.")
    if held:
        console.print(f"{held:,} more are in work at the moment.")


def show_done(console: Console, all_done: Sequence[Done], verb: str, held: str) -> None:
    """What was done; `held` says what became of records in work."""
    for one in all_done:
        console.print(f"{one.service}: {one.done:,} {verb}.")
        if one.held:
            console.print(f"{one.service}: {one.held:,} in work, {held}.")


def _show_lanes(console: Console, lanes: Lanes) -> None:
    table = Table(
        "service", "connection", "lane", "due", "later", "in work", "parked", "oldest", "on hold"
    )
    for service, some in lanes.items():
        for one in some:
            words = (service, str(one.connection_id), one.lane)
            numbers = (one.due, one.later, one.held, one.parked)
            table.add_row(
                *(Text(word, overflow="fold") for word in words),
                *(f"{number:,}" for number in numbers),
                _time(one.oldest),
                Text(one.on_hold, overflow="fold"),
            )
    if table.row_count:
        console.print(table)


def _state(row: Waiting) -> str:
    return "in work" if row.held else "parked" if row.parked else _priority(row)


def _priority(row: Waiting) -> str:
    return Priority(row.priority).name.lower()


def _time(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(timespec="seconds")


def _lanes(lanes: Lanes) -> list[dict[str, Any]]:
    return [{"service": service, **asdict(one)} for service, some in lanes.items() for one in some]


def _failed(troubles: Sequence[Trouble]) -> list[dict[str, str]]:
    return [
        {"service": one.service, "code": one.error.code, "error": str(one.error)}
        for one in troubles
    ]


def _json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value), indent=2)
