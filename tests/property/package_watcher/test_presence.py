"""The daily look: told once, never without two looks, never on a guess."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.package_watcher.domain.editions import Edition, edition
from services.package_watcher.domain.model import Method
from services.package_watcher.domain.presence import (
    CHECK_EVERY,
    CONFIRM_AFTER,
    Checked,
    Finding,
    Found,
    Presence,
    Removed,
    Restored,
    checked,
    next_check,
)
from tests.property.package_watcher.answers import FINDINGS
from tests.unit.package_watcher.fakes import NOON

ID = UUID("01890000-0000-7000-8000-000000000001")
VERSIONS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(
    lambda parts: ".".join(str(part) for part in parts)
)


@given(st.lists(FINDINGS, max_size=30))
def test_removals_and_returns_alternate(findings: list[Finding]) -> None:
    presence = Presence(ID, Found.IN_PLACE, NOON, Method.DEPLOY)
    told: list[type[object]] = []
    for number, seen in enumerate(findings):
        before = presence
        presence, effects = checked(presence, seen, "0051", NOON + timedelta(days=number))
        told += [type(effect) for effect in effects]
        assert CONFIRM_AFTER <= next_check(presence, seen) <= CHECK_EVERY
        if not isinstance(seen, Checked):
            assert (presence.found, effects) == (before.found, ())
        if before.found is Found.IN_PLACE:
            assert presence.found is not Found.REMOVED
    for first, second in zip([Restored, *told], told, strict=False):
        assert not (first is Restored and second is Restored)
    gone = bool(told) and told[-1] is Removed
    assert (presence.found is Found.REMOVED) is gone


@given(VERSIONS, VERSIONS)
def test_editions_mirror_each_other(one: str, other: str) -> None:
    mirrored = {Edition.OLDER: Edition.NEWER, Edition.NEWER: Edition.OLDER}
    found = edition(one, other)
    assert edition(other, one) is mirrored.get(found, found)
    assert edition(one, one) is Edition.CURRENT
