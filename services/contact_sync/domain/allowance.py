"""What is left of a day's calls, and how long work takes on it, in words."""

import math
from collections.abc import Mapping as Map
from dataclasses import dataclass

from services.contact_sync.domain.cost import Resync, Sizes
from shared.kernel.records import Side

IMPORT_SHARE = 0.75
"""Imports stop here, so that live changes go on (the quota service's reserve)."""

NAMES = {Side.HUBSPOT: "HubSpot", Side.SALESFORCE: "Salesforce"}


@dataclass(frozen=True, slots=True)
class Left:
    """One side's calls of the last 24 hours; None where there is no daily limit (HubSpot)."""

    used: int
    allowance: int | None
    left: int | None


def days(calls: int, left: Left) -> int | None:
    """How many days an import of so many calls takes at the current share; 1 when it fits today.

    None when there is no daily limit, or no share at all.
    """
    if left.allowance is None:
        return None
    share = math.floor(left.allowance * IMPORT_SHARE)
    if calls <= share - left.used:
        return 1
    return math.ceil(calls / share) if share > 0 else None


def in_words(side: Side, calls: int, left: Left | None) -> str:
    """One sentence about the calls of one side."""
    about = f"{NAMES[side]}: a full resync takes about {calls}"
    if left is None:
        return f"{about} calls; how many are left today is not known (see the quota's page)."
    if left.allowance is None or left.left is None:
        return f"{about} calls; there is no daily limit on them, only a rate."
    share = math.floor(left.allowance * IMPORT_SHARE)
    of = f"{about} of {left.left} calls left today"
    took = days(calls, left)
    if took is None:
        return f"{of}; no calls are allowed at all: raise the daily allowance in the settings."
    if calls <= share - left.used:
        return f"{of}: it fits into today."
    spent = f"imports may use {share} of {left.allowance} calls a day, {left.used} are used"
    unit = "day" if took == 1 else "days"
    return f"{of}; {spent}: at the current share it takes about {took} {unit}."


def formula(found: Resync, sizes: Sizes, reads: Map[Side, int]) -> str:
    """How the estimate was made, with its numbers."""
    records = sum(found.records.values())
    return (
        f"{records} records of both sides are listed {sizes.page} ids a call and looked at in "
        f"{found.batches} batches of up to {sizes.batch}. Reading this sample took "
        f"{reads[Side.HUBSPOT]} HubSpot and {reads[Side.SALESFORCE]} Salesforce calls; a full "
        f"batch takes as many, HubSpot's one for each {sizes.hubspot_read} records. If the others "
        f"are like the sample, {found.rows[Side.HUBSPOT]} HubSpot and "
        f"{found.rows[Side.SALESFORCE]} Salesforce records are written, "
        f"{sizes.write[Side.HUBSPOT]} and {sizes.write[Side.SALESFORCE]} a call, each batch its "
        "own. Refusals by a CRM are not foreseen: a refused batch is halved, which costs more."
    )
