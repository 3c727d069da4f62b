"""What writing and looking at everybody costs, in numbers and words."""

import pytest

from services.contact_sync.domain.allowance import Left, days, formula, in_words
from services.contact_sync.domain.cost import Calls, Seen, Sizes, resync, write_calls
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.domain.preview import Fate, Foreseen, Held
from services.contact_sync.domain.totals import totals
from services.contact_sync.domain.world import Claim
from shared.kernel.records import Side

HUBSPOT, SALESFORCE = Side.HUBSPOT, Side.SALESFORCE
SIZES = Sizes(batch=200, page=200, hubspot_read=100, write={HUBSPOT: 100, SALESFORCE: 200})
READS = {HUBSPOT: 1, SALESFORCE: 2}
NOBODY = {"contacts": 0, "Contact": 0, "Lead": 0}


def write(side: Side, name: str, before: str | None, after: str | None) -> FieldWrite:
    return FieldWrite(side, name, before, after, after, "two_way", "only one changed")


def pair(number: int, *writes: FieldWrite, side: Side = HUBSPOT) -> Foreseen:
    """A linked pair of which one half was in the sample."""
    here, there = str(number), f"003{number}"
    claim = Claim(side, here if side is HUBSPOT else there)
    return Foreseen((claim,), Fate.UPDATE, "", here, there, "Contact", linked=True, writes=writes)


def creation(number: int) -> Foreseen:
    made = (write(SALESFORCE, "LastName", None, "L"),)
    claim = Claim(HUBSPOT, str(number))
    return Foreseen(
        (claim,), Fate.CREATE, "", str(number), None, "Contact", SALESFORCE, writes=made
    )


def seen(*found: Foreseen, reads: dict[Side, int] = READS) -> Seen:
    sides = [one.claims[0].side for one in found]
    return Seen({side: sides.count(side) for side in Side}, reads, found)


def test_rows_go_in_batches_of_their_kind() -> None:
    rows = {
        (HUBSPOT, "contacts", False): 101,
        (SALESFORCE, "Contact", True): 200,
        (SALESFORCE, "Contact", False): 1,
        (SALESFORCE, "Lead", True): 201,
    }
    assert write_calls(rows, SIZES) == {HUBSPOT: 2, SALESFORCE: 1 + 1 + 2}


def test_everybody_is_listed_read_and_written_as_the_sample_was() -> None:
    found = seen(creation(1), pair(2))
    records = {"contacts": 1000, "Contact": 400, "Lead": 0}
    estimate = resync(records, found, SIZES)

    # Only HubSpot was sampled: each of the two stands for 700 of the 1,400 records.
    assert estimate.batches == 5 + 2
    assert estimate.rows == {HUBSPOT: 0, SALESFORCE: 700}
    # 1,000 ids are six pages (the last is empty); HubSpot reads 100 at a time, so twice as often.
    assert estimate.calls[HUBSPOT] == Calls(walk=6, read=7 * 2, write=0)
    # 700 rows in 7 batches are 100 a batch: one call each.
    assert estimate.calls[SALESFORCE] == Calls(walk=3 + 1, read=7 * 2, write=7)
    assert estimate.calls[SALESFORCE].total == 25


def test_a_pair_that_both_walks_meet_is_written_once() -> None:
    change = write(HUBSPOT, "phone", "1", "2")
    found = seen(pair(1, change), pair(1, change, side=SALESFORCE))
    estimate = resync({"contacts": 600, "Contact": 500, "Lead": 100}, found, SIZES)
    assert estimate.rows == {HUBSPOT: 600, SALESFORCE: 0}


def test_each_side_of_the_sample_stands_for_its_own() -> None:
    found = seen(creation(1), pair(2, side=SALESFORCE), pair(3, side=SALESFORCE))
    estimate = resync({"contacts": 10, "Contact": 9000, "Lead": 0}, found, SIZES)
    assert estimate.rows[SALESFORCE] == 10
    assert estimate.calls[SALESFORCE].write == 10


def test_nobody_costs_the_looking() -> None:
    estimate = resync(NOBODY, Seen({HUBSPOT: 0, SALESFORCE: 0}, READS, ()), SIZES)
    assert estimate.calls == {HUBSPOT: Calls(1, 0, 0), SALESFORCE: Calls(2, 0, 0)}


@pytest.mark.parametrize(
    ("calls", "left", "took", "words"),
    [
        (500, Left(100, 9000, 8900), 1, "500 of 8900 calls left today: it fits into today."),
        (20_000, Left(100, 9000, 8900), 3, "of 9000 calls a day, 100 are used: at the current "),
        (20_000, Left(100, 9000, 8900), 3, "imports may use 6750 of 9000 calls a day"),
        (20_000, Left(100, 9000, 8900), 3, "at the current share it takes about 3 days."),
        (500, Left(6700, 9000, 2300), 1, "at the current share it takes about 1 day."),
        (500, Left(0, 0, 0), None, "500 of 0 calls left today; no calls are allowed at all: "),
        (500, Left(7, None, None), None, "500 calls; there is no daily limit on them"),
    ],
)
def test_words_against_what_is_left(calls: int, left: Left, took: int | None, words: str) -> None:
    assert days(calls, left) == took
    told = in_words(SALESFORCE, calls, left)
    assert told.startswith("Salesforce: a full resync takes about ")
    assert words in told


def test_what_is_not_known_is_said() -> None:
    assert "is not known" in in_words(HUBSPOT, 3, None)


def test_the_formula_names_its_numbers() -> None:
    found = seen(creation(1), pair(2))
    text = formula(
        resync({"contacts": 1000, "Contact": 400, "Lead": 0}, found, SIZES), SIZES, READS
    )
    assert text.startswith(
        "1400 records of both sides are listed 200 ids a call and looked at in 7"
    )
    assert "0 HubSpot and 700 Salesforce records are written, 100 and 200 a call" in text


def test_totals_by_side_reason_field_and_problem() -> None:
    cleared = write(HUBSPOT, "phone", "1", None)
    waiting = (Held("value_too_long", "city is long", "city"), Held("no_email", "none"))
    found = [
        pair(1, cleared, write(HUBSPOT, "fax", None, "2")),
        pair(2, cleared, write(SALESFORCE, "Fax", "1", "2")),
        creation(3),
        Foreseen((Claim(SALESFORCE, "0034"),), Fate.PARK, "", held=waiting),
        Foreseen((), Fate.UNLINK, "the HubSpot contact was deleted"),
    ]
    counted = totals(found)
    hubspot, salesforce = counted.sides[HUBSPOT], counted.sides[SALESFORCE]
    assert (hubspot.create, hubspot.update, hubspot.clear, hubspot.park) == (0, 2, 2, 0)
    assert (salesforce.create, salesforce.update, salesforce.clear, salesforce.park) == (1, 1, 0, 1)
    assert counted.reasons == ((("two_way", "only one changed"), 5),)
    assert counted.cleared == (((HUBSPOT, "phone"), 2),)
    assert counted.problems == ((("city", "value_too_long"), 1), ((None, "no_email"), 1))
    assert counted.fates == {
        Fate.CREATE: 1,
        Fate.UPDATE: 2,
        Fate.LINK: 0,
        Fate.NOTHING: 0,
        Fate.PARK: 1,
        Fate.UNLINK: 1,
    }
