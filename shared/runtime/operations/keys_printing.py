"""The keys of the secrets on a terminal: a table for people, JSON for scripts."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from shared.db.rotation import Use
from shared.kernel.errors import CausewayError
from shared.runtime.operations.keys_desk import KeyUse, Rotated, advice

WIDTH_OF_A_PIPE = 140
"""Columns where nobody's terminal says how wide it is: the advice stays on few lines."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A service whose secrets could not be served; the others were."""

    service: str
    error: CausewayError


def keys_json(
    keys: Sequence[KeyUse],
    found: Sequence[tuple[str, Use]],
    done: Sequence[Rotated] | None,
    troubles: Sequence[Trouble],
) -> str:
    """The state of the keys, after `done` if something was done."""
    return json.dumps(
        {
            "dry_run": done is None,
            "services": [
                {
                    "service": one.service,
                    "rotated": one.rotated,
                    "changed": one.changed,
                    "unreadable": one.unreadable,
                    "named": list(one.named),
                }
                for one in done or ()
            ],
            "keys": [{**asdict(use), "todo": _advice(use, troubles)} for use in keys],
            "columns": [{"service": service, **asdict(use)} for service, use in found],
            "failed": [
                {"service": one.service, "code": one.error.code, "error": str(one.error)}
                for one in troubles
            ],
        },
        indent=2,
    )


def show_keys(
    console: Console,
    keys: Sequence[KeyUse],
    found: Sequence[tuple[str, Use]],
    troubles: Sequence[Trouble],
) -> None:
    """Each key with what it is needed for."""
    table = Table("key", "rows", "needed by", "what to do")
    for use in keys:
        needed = ", ".join(
            f"{service}.{one.column}: {one.rows:,}"
            for service, one in found
            if one.key_id == use.key_id
        )
        table.add_row(
            Text(use.key_id or "(none)"),
            f"{use.rows:,}",
            Text(needed, overflow="fold"),
            Text(_advice(use, troubles), overflow="fold"),
        )
    console.print(table)


def show_plan(console: Console, keys: Sequence[KeyUse], current: str) -> None:
    """What a rotation would do."""
    ready = sum(use.rows for use in keys if use.known and not use.current)
    if not ready:
        console.print(f"Nothing to do: no row needs another key of the ring than {current}.")
        return
    console.print(
        f"{ready:,} secrets would be sealed with {current}. Nothing was done yet: add --yes."
    )


def show_done(console: Console, all_done: Sequence[Rotated], current: str) -> None:
    """What a rotation did."""
    for one in all_done:
        meanwhile = f", {one.changed:,} were stored anew by others meanwhile" if one.changed else ""
        console.print(
            f"{one.service}: {one.rotated:,} secrets are sealed with {current} now{meanwhile}."
        )
        for text in one.named:
            console.print(Text(f"{one.service}: left as it is. {text}"))
        if one.unreadable > len(one.named):
            console.print(f"{one.service}: {one.unreadable - len(one.named):,} more do not open.")


def _advice(use: KeyUse, troubles: Sequence[Trouble]) -> str:
    """Nothing is called free while nobody knows whether all rows were seen."""
    if troubles and use.known and not use.current and not use.rows:
        names = ", ".join(one.service for one in troubles)
        return f"keep it in CAUSEWAY_KEY_RING: nobody knows what {names} needs"
    return advice(use)
