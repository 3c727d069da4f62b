"""What a change event means before anybody is called: an echo of our own write, or news."""

from collections.abc import Mapping as Map


def is_echo(*, ours: bool, field_hashes: Map[str, str], known: Map[str, str] | None) -> bool:
    """Whether an event only repeats what we know to stand there.

    `known` are the hashes of the record's fields as we last saw or wrote them, None for a
    record without a link. A creation by us carries no fields: with a link it is an echo.
    """
    if not ours or known is None:
        return False
    return all(known.get(name) == value for name, value in field_hashes.items())
