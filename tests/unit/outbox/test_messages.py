from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import RowMapping

from shared.outbox.mail import Note, Priority
from shared.outbox.noting import coalesced
from shared.outbox.relay import _messages

ONE, TWO = UUID(int=1), UUID(int=2)


def rows(*kinds: tuple[str, UUID]) -> list[RowMapping]:
    made: list[dict[str, Any]] = [
        {"position": n, "type": type_, "connection_id": connection}
        for n, (type_, connection) in enumerate(kinds)
    ]
    return cast("list[RowMapping]", made)


@pytest.mark.parametrize(
    ("kinds", "sizes"),
    [
        ([], []),
        ([("a", ONE)], [1]),
        ([("a", ONE)] * 100, [100]),
        ([("a", ONE)] * 201, [100, 100, 1]),
        ([("a", ONE), ("a", TWO), ("a", ONE)], [1, 1, 1]),
        ([("a", ONE), ("b", ONE)], [1, 1]),
    ],
)
def test_only_neighbours_of_one_kind_share_a_message(
    kinds: list[tuple[str, UUID]], sizes: list[int]
) -> None:
    messages = _messages(rows(*kinds))

    assert [len(message) for message in messages] == sizes
    positions = [row["position"] for message in messages for row in message]
    assert positions == list(range(len(kinds)))


def note(record: str, priority: int = Priority.LIVE, kind: str = "") -> Note:
    return Note(ONE, "contact", "hubspot", record, priority, {"kind": kind})


def test_notes_are_written_in_one_order_whatever_order_they_came_in() -> None:
    assert [each.record_id for each in coalesced([note("2"), note("10"), note("1")])] == [
        "1",
        "10",
        "2",
    ]


def test_of_several_notes_the_last_of_the_most_urgent_stays() -> None:
    (kept,) = coalesced(
        [
            note("1", kind="first"),
            note("1", Priority.INTERACTIVE, "asked"),
            note("1", Priority.INTERACTIVE, "asked again"),
            note("1", Priority.IMPORT, "imported"),
        ],
    )

    assert (kept.priority, kept.cause) == (Priority.INTERACTIVE, {"kind": "asked again"})


def test_other_connections_lanes_and_sides_are_other_records() -> None:
    others = [
        Note(ONE, "contact", "hubspot", "1"),
        Note(ONE, "contact", "salesforce", "1"),
        Note(ONE, "company", "hubspot", "1"),
        Note(uuid4(), "contact", "hubspot", "1"),
    ]

    assert len(coalesced(others)) == 4
