"""What a change event means before anybody is called: an echo of our own write, or news."""

from collections.abc import Mapping as Map


def is_echo(
    *,
    ours: bool,
    complete: bool,
    field_hashes: Map[str, str],
    known: Map[str, str] | None,
) -> bool:
    """Whether an event only repeats what we know to stand there.

    `known` are the hashes of the record's fields as we last saw or wrote them, None for a
    record without a link. A single value that equals ours may be the end of a detour (A, B, A),
    so it counts only where we made the change; a complete picture counts whoever made it. A
    creation by us carries no fields: with a link it is an echo.
    """
    if known is None or not (ours or (complete and field_hashes)):
        return False
    return all(known.get(name) == value for name, value in field_hashes.items())
