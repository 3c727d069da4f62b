"""An echo of our own write, or news."""

import pytest

from services.contact_sync.domain.changes import is_echo

Case = tuple[dict[str, str], dict[str, str] | None, bool]

KNOWN = {"phone": "h1", "fax": "h2"}


OURS = [
    # the changed fields of our own write, complete or not: an echo?
    ({"phone": "h1"}, KNOWN, True),
    ({"phone": "h1", "fax": "h2"}, KNOWN, True),
    ({}, KNOWN, True),
    ({"phone": "other"}, KNOWN, False),
    ({"phone": "h1", "fax": "other"}, KNOWN, False),
    ({"unmapped": "h9"}, KNOWN, False),
    ({"phone": "h1"}, None, False),
    ({}, None, False),
]
THEIRS_COMPLETE = [
    ({"phone": "h1", "fax": "h2"}, KNOWN, True),
    ({}, KNOWN, False),
    ({"phone": "other", "fax": "h2"}, KNOWN, False),
    ({"phone": "h1"}, None, False),
]


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("case", OURS)
def test_our_own_write(case: Case, *, complete: bool) -> None:
    hashes, known, echo = case
    assert is_echo(ours=True, complete=complete, field_hashes=hashes, known=known) is echo


@pytest.mark.parametrize("case", THEIRS_COMPLETE)
def test_a_complete_picture_that_somebody_else_sent(case: Case) -> None:
    hashes, known, echo = case
    assert is_echo(ours=False, complete=True, field_hashes=hashes, known=known) is echo


@pytest.mark.parametrize("case", [*OURS, *THEIRS_COMPLETE])
def test_single_values_of_somebody_else_are_always_news(case: Case) -> None:
    hashes, known, _ = case
    assert not is_echo(ours=False, complete=False, field_hashes=hashes, known=known)
