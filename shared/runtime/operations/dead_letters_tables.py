"""Dead letters on a terminal: tables for people, JSON for scripts."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.kernel.errors import CausewayError
from shared.messaging.dead_letters import Done, Found, Look
from shared.messaging.dead_letters_reading import Letter

WIDTH_OF_A_PIPE = 120
"""Columns where nobody's terminal says how wide it is: the ids and codes stay whole."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A queue at which a command failed; the other queues were served."""

    queue: str
    error: CausewayError


def as_json(value: object) -> str:
    """Any of the values here as JSON, with times in ISO format and ids as text."""
    return json.dumps(msgspec.to_builtins(value), indent=2)


def letters_json(
    looks: Sequence[Look], shown: Sequence[Letter], troubles: Sequence[Trouble]
) -> str:
    """A list, or the plan of a dry run."""
    return as_json(
        {
            "letters": [asdict(letter) for letter in shown],
            "queues": [
                {"queue": look.queue, "waiting": look.waiting, "not_looked_at": look.beyond}
                for look in looks
            ],
            "failed": _failed(troubles),
        }
    )


def done_json(all_done: Sequence[Done], troubles: Sequence[Trouble]) -> str:
    """What was settled, and what is left."""
    queues = [
        {"queue": one.queue, "done": one.done, "left": one.left, "not_looked_at": one.beyond}
        for one in all_done
    ]
    return as_json({"queues": queues, "failed": _failed(troubles)})


def found_json(found: Found) -> str:
    """One letter with its contents, as the REST interface tells it."""
    return as_json({**asdict(found.letter), "contents": _contents(found)})


def show_letters(console: Console, looks: Sequence[Look], shown: Sequence[Letter]) -> None:
    """The letters, the oldest first, and how many there are."""
    table = Table("letter", "queue and code", "about", show_lines=True)
    for letter in shown:
        table.add_row(*(Text("\n".join(cell), overflow="fold") for cell in _cells(letter)))
    if shown:
        console.print(table)
    found = sum(len(look.letters) for look in looks)
    waiting = sum(look.waiting for look in looks)
    console.print(
        f"{_counted(found, 'letter')}, {len(shown):,} shown; {waiting:,} in these queues."
    )
    _beyond(console, sum(look.beyond for look in looks))


def show_plan(console: Console, looks: Sequence[Look], verb: str) -> None:
    """What would be done, by queue and code."""
    table = Table("queue", "code", "letters", "why")
    for look in looks:
        errors = {letter.code: letter.error for letter in look.letters}
        for code, count in sorted(Counter(letter.code for letter in look.letters).items()):
            why = Text(errors[code], overflow="fold")
            table.add_row(look.queue, Text(code), f"{count:,}", why)
    found = sum(len(look.letters) for look in looks)
    if found:
        console.print(table)
    console.print(f"{_counted(found, 'letter')} would be {verb}. Nothing was done yet.")
    _beyond(console, sum(look.beyond for look in looks))


def show_done(console: Console, all_done: Sequence[Done], verb: str) -> None:
    """What was done, and what is left."""
    for one in all_done:
        console.print(f"{one.queue}: {one.done:,} {verb}, {one.left:,} left.", highlight=False)
    _beyond(console, sum(one.beyond for one in all_done))


def show_found(console: Console, found: Found) -> None:
    """One letter: what it says of itself, and each event in it."""
    letter = found.letter
    facts = Table("letter", letter.id, show_lines=False)
    for name, value in (
        ("queue", letter.queue),
        ("message", letter.message_id),
        ("code", letter.code),
        ("error", letter.error),
        ("event", letter.event),
        ("events", str(letter.events)),
        ("size", f"{letter.size:,} bytes"),
        ("sha256", letter.sha256),
    ):
        facts.add_row(name, Text(value, overflow="fold"))
    console.print(facts)
    if not found.contents:
        console.print("The body is not a batch of events; it is not shown.")
    for number, content in enumerate(_contents(found), 1):
        table = Table(f"event {number}", "")
        fields = content.pop("fields")
        for name, value in (*content.items(), *((f"data.{n}", v) for n, v in fields.items())):
            table.add_row(Text(name), Text("" if value is None else str(value), overflow="fold"))
        console.print(table)


def _beyond(console: Console, beyond: int) -> None:
    if beyond:
        console.print(
            f"{beyond:,} more were not looked at: settle what is in front of them, then repeat."
        )


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _cells(letter: Letter) -> tuple[list[str], list[str], list[str]]:
    """Three cells of a few lines each: a row fits a terminal of 100 columns without folded ids."""
    content = _counted(letter.events, "event") if letter.events else "unreadable"
    time = letter.time.isoformat(" ", timespec="seconds") if letter.time else "no time"
    about = [letter.event.removeprefix("causeway."), letter.subject, *map(str, letter.connections)]
    return (
        [letter.id, time],
        [letter.queue, letter.code, f"{content}, {letter.size:,} bytes"],
        [line for line in about if line],
    )


def _contents(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "id": str(content.envelope.id),
            "source": content.envelope.source,
            "type": content.envelope.type,
            "time": content.envelope.time.isoformat(),
            "subject": content.envelope.subject,
            "connection_id": str(content.envelope.connection_id),
            "traceparent": content.envelope.traceparent,
            "fields": dict(content.fields),
        }
        for content in found.contents
    ]


def _failed(troubles: Sequence[Trouble]) -> list[dict[str, str]]:
    return [
        {"queue": one.queue, "code": one.error.code, "error": str(one.error)} for one in troubles
    ]
