"""The decisions of the daily look."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.model import Method
from services.package_watcher.domain.observation import Held, Refused, Unreachable
from services.package_watcher.domain.presence import (
    Checked,
    Finding,
    Found,
    Presence,
    Removed,
    Restored,
    checked,
    leaving,
    next_check,
)
from tests.unit.package_watcher.fakes import NOON

ID = UUID("01890000-0000-7000-8000-000000000001")
LATER = NOON + timedelta(minutes=5)
THERE = Presence(ID, Found.IN_PLACE, NOON, Method.DEPLOY, version="1.0", user_id="0051")
GONE = Checked(("Lead.Causeway_Key__c",), ("Lead",), "no field on Lead")
WORSE = Checked(
    ("Contact.Causeway_Key__c", "Lead.Causeway_Key__c"), ("Contact", "Lead"), "no fields"
)


def test_all_is_well() -> None:
    seen = Checked(version="1.1")
    after, effects = checked(THERE, seen, "0051", LATER)
    assert (after, effects) == (replace(THERE, version="1.1"), ())
    assert next_check(after, seen) == timedelta(days=1)


def test_what_is_missing_is_looked_for_twice() -> None:
    first, effects = checked(THERE, GONE, "0051", LATER)
    assert (first.found, first.since, effects) == (Found.SUSPECT, LATER, ())
    assert next_check(first, GONE) == timedelta(minutes=5)
    second, effects = checked(first, GONE, "0051", LATER)
    assert second.found is Found.REMOVED
    assert effects == (Removed("no field on Lead", GONE.missing, GONE.objects),)
    assert next_check(second, GONE) == timedelta(days=1)


def test_a_false_alarm_is_forgotten() -> None:
    first, _ = checked(THERE, GONE, "0051", LATER)
    second, effects = checked(first, Checked(), "0051", LATER)
    assert (second.found, second.missing, effects) == (Found.IN_PLACE, (), ())


def test_it_is_told_once_and_again_when_more_is_missing() -> None:
    gone = replace(THERE, found=Found.REMOVED, missing=GONE.missing, objects=GONE.objects)
    assert checked(gone, GONE, "0051", LATER)[1] == ()
    worse, effects = checked(gone, WORSE, "0051", LATER)
    assert effects == (Removed("no fields", WORSE.missing, WORSE.objects),)
    assert (worse.found, worse.since) == (Found.REMOVED, NOON)


def test_a_return_is_told_once() -> None:
    gone = replace(THERE, found=Found.REMOVED, missing=GONE.missing, objects=GONE.objects)
    back, effects = checked(gone, Checked(version="1.0"), "0052", LATER)
    assert (back.found, back.since, back.user_id, effects) == (
        Found.IN_PLACE,
        LATER,
        "0052",
        (Restored(),),
    )
    assert checked(back, Checked(), "0052", LATER)[1] == ()


@pytest.mark.parametrize("found", list(Found))
@pytest.mark.parametrize(
    "seen", [Refused("X", "no"), Unreachable("no answer"), Held("no calls", 60.0)]
)
def test_no_answer_proves_nothing(found: Found, seen: Finding) -> None:
    before = replace(THERE, found=found)
    after, effects = checked(before, seen, "0051", LATER)
    assert (after.found, after.since, effects) == (found, NOON, ())
    assert after.said


@pytest.mark.parametrize(
    ("seen", "pause"),
    [
        (Unreachable("?"), timedelta(hours=1)),
        (Held("?", 60.0), timedelta(hours=1)),
        (Held("?", 7200.0), timedelta(hours=2)),
        (Held("?", 1e6), timedelta(days=1)),
        (Refused("X", "no"), timedelta(days=1)),
    ],
)
def test_when_it_is_looked_again_without_an_answer(seen: Finding, pause: timedelta) -> None:
    assert next_check(THERE, seen) == pause


def test_another_version_that_was_installed_by_hand_is_remembered() -> None:
    by_version = replace(THERE, method=Method.VERSION, version_id="04t1")
    after, _ = checked(by_version, Checked(version_id="04t2"), "0051", LATER)
    assert after.version_id == "04t2"


def test_leaving_takes_the_grant_from_everybody() -> None:
    out = leaving(THERE, "ordered", LATER)
    assert (out.found, out.user_id, out.said) == (Found.REMOVED, "", "ordered")
