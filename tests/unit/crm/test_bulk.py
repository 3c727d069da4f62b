import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crm.bulk import Answered, rounds, write_all
from shared.crm.errors import (
    Complaint,
    CrmAuthError,
    CrmFatalError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.gather import CONCURRENT_CALLS
from shared.crm.writes import Refused, Written, merged
from shared.kernel.errors import RetriableError


@dataclass(frozen=True)
class Item:
    key: str
    name: str = ""
    fields: Collection[str] = ("a",)


BAD = Complaint("BAD", "bad", field="a")


def refusal(complaint: Complaint = BAD, status: int = 400) -> CrmFatalError:
    return CrmFatalError("refused", code=complaint.code, status=status, complaint=complaint)


class Crm:
    """Refuses any batch with a bad key as a whole, and does not say which it was."""

    def __init__(self, bad: Collection[str] = (), error: Exception | None = None) -> None:
        self.bad = set(bad)
        self.error = error or refusal()
        self.calls: list[list[str]] = []

    async def send(self, rows: Sequence[Item]) -> Answered[Item]:
        keys = [row.key for row in rows]
        self.calls.append(keys)
        if self.bad & set(keys):
            raise self.error
        return Answered({key: Written(key, f"id-{key}", created=True) for key in keys})


def items(count: int) -> list[Item]:
    return [Item(str(n)) for n in range(count)]


async def test_one_bad_record_among_100_costs_at_most_15_calls() -> None:
    for bad in ("0", "37", "99"):
        crm = Crm([bad])
        results = await write_all(items(100), crm.send, size=100, crm="X")
        assert results[bad] == BAD.refused(bad)
        assert sum(isinstance(one, Written) for one in results.values()) == 99
        assert len(crm.calls) <= 15


@given(st.sets(st.integers(0, 29)), st.integers(1, 30))
async def test_the_bad_are_refused_and_the_good_are_written(bad: set[int], size: int) -> None:
    crm = Crm({str(n) for n in bad})
    results = await write_all(items(30), crm.send, size=size, crm="X")
    assert {key for key, one in results.items() if isinstance(one, Refused)} == crm.bad
    assert list(results) == [str(n) for n in range(30)]
    assert len(crm.calls) <= 2 * 30 - 1 + 30 // size + 1


@pytest.mark.parametrize("status", [400, 409, 413])
async def test_refusals_that_may_be_one_records_fault_are_halved(status: int) -> None:
    crm = Crm(["1"], refusal(status=status))
    results = await write_all(items(4), crm.send, size=4, crm="X")
    assert [key for key, one in results.items() if isinstance(one, Refused)] == ["1"]


async def test_a_field_that_nobody_may_write_is_found_in_two_calls() -> None:
    rows = [Item(str(n), fields=("a", "Nope__c") if n % 2 else ("a",)) for n in range(100)]
    crm = Crm([row.key for row in rows if "Nope__c" in row.fields])
    crm.error = refusal(Complaint("INVALID_FIELD", "no such field", field="nope__C"))
    results = await write_all(rows, crm.send, size=100, crm="X")
    assert len(crm.calls) == 2
    assert {key for key, one in results.items() if isinstance(one, Refused)} == crm.bad


async def test_a_field_that_no_row_has_is_looked_for_by_halves() -> None:
    crm = Crm(["1"], refusal(Complaint("INVALID_FIELD", "no such field", field="other")))
    results = await write_all(items(4), crm.send, size=4, crm="X")
    assert isinstance(results["1"], Refused)
    assert isinstance(results["0"], Written)


@pytest.mark.parametrize(
    "error",
    [
        CrmRetriableError("late", code="crm_timeout"),
        CrmLimitError("full", code="REQUEST_LIMIT_EXCEEDED", retry_after=900, status=403),
        CrmAuthError("dead", code="INVALID_SESSION_ID", status=401),
        RetriableError("no quota", code="quota_exhausted"),
        CrmFatalError("forbidden", code="MISSING_SCOPES", status=403),
    ],
)
async def test_when_every_call_breaks_its_error_is_raised(error: Exception) -> None:
    crm = Crm(["0", "2"], error)
    with pytest.raises(type(error)):
        await write_all(items(4), crm.send, size=2, crm="X")
    assert len(crm.calls) == 2


async def test_when_one_call_breaks_the_others_results_are_kept() -> None:
    crm = Crm(["2"], CrmRetriableError("late", code="crm_timeout"))
    results = await write_all(items(4), crm.send, size=2, crm="X")
    assert results["0"] == Written("0", "id-0", created=True)
    assert [(one.code, one.retriable) for one in results.values() if isinstance(one, Refused)] == [
        ("crm_timeout", True),
        ("crm_timeout", True),
    ]


async def test_a_limit_in_the_middle_of_halving_is_told_of_all_that_is_left() -> None:
    limit = CrmLimitError("full", code="REQUEST_LIMIT_EXCEEDED", status=403)
    answers: list[Exception] = [refusal(), refusal(), refusal(), limit]
    calls: list[list[str]] = []

    async def send(rows: Sequence[Item]) -> Answered[Item]:
        calls.append([row.key for row in rows])
        raise answers[len(calls) - 1]

    results = await write_all(items(4), send, size=4, crm="X")
    assert calls == [["0", "1", "2", "3"], ["0", "1"], ["0"], ["1"]]
    assert [one.code for one in results.values() if isinstance(one, Refused)] == [
        "BAD",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED",
    ]


async def test_a_lock_on_the_whole_call_is_not_looked_for_by_halves() -> None:
    lock = CrmRetriableError("locked", code="UNABLE_TO_LOCK_ROW", status=400)
    crm = Crm(["1"], lock)
    with pytest.raises(CrmRetriableError):
        await write_all(items(4), crm.send, size=4, crm="X")
    assert len(crm.calls) == 1


async def test_a_dead_grant_in_the_middle_parks_no_record() -> None:
    crm = Crm(["2"], CrmAuthError("dead", code="INVALID_SESSION_ID", status=401))
    result = (await write_all(items(4), crm.send, size=2, crm="X"))["2"]
    assert isinstance(result, Refused)
    assert result.retriable


async def test_rows_of_one_record_go_in_rounds() -> None:
    rows = [Item("1", "ada"), Item("2", "bob"), Item("3", "ada"), Item("4", "ada")]
    crm = Crm()
    results = await write_all(rows, crm.send, size=10, crm="X", identity=lambda row: row.name)
    assert crm.calls == [["1", "2"], ["3"], ["4"]]
    assert all(isinstance(one, Written) for one in results.values())


async def test_a_key_that_comes_twice_stays_refused_once_it_was() -> None:
    crm = Crm()
    crm_calls = iter([refusal(), None])

    async def send(rows: Sequence[Item]) -> Answered[Item]:
        problem = next(crm_calls)
        if problem is not None:
            raise problem
        return await crm.send(rows)

    results = await write_all([Item("1"), Item("1")], send, size=10, crm="X")
    assert results == {"1": BAD.refused("1")}


def test_rounds_keep_the_order() -> None:
    assert rounds([Item("1"), Item("2")], lambda row: row.key) == [[Item("1"), Item("2")]]
    assert rounds([], lambda row: row.key) == []


async def test_a_row_that_no_answer_mentions_is_refused_as_omitted() -> None:
    async def send(_rows: Sequence[Item]) -> Answered[Item]:
        return Answered({"0": Written("0", "id", created=False)})

    result = (await write_all(items(2), send, size=10, crm="HubSpot"))["1"]
    assert isinstance(result, Refused)
    assert (result.code, result.retriable) == ("RECORD_OMITTED", True)
    assert "HubSpot" in result.message


async def test_an_answer_that_never_settles_ends_all_the_same() -> None:
    calls: list[int] = []

    async def send(rows: Sequence[Item]) -> Answered[Item]:
        calls.append(len(rows))
        return Answered({}, rows)

    results = await write_all(items(8), send, size=10, crm="X")
    assert {one.code for one in results.values() if isinstance(one, Refused)} == {"RECORD_OMITTED"}
    assert len(calls) == 15


async def test_nothing_to_write_is_no_call() -> None:
    crm = Crm()
    assert await write_all([], crm.send, size=10, crm="X") == {}
    assert crm.calls == []


async def test_calls_at_once_are_bounded() -> None:
    under_way = 0
    most = 0
    all_in = asyncio.Event()

    async def send(rows: Sequence[Item]) -> Answered[Item]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == CONCURRENT_CALLS:
            all_in.set()
        await all_in.wait()
        under_way -= 1
        return Answered({row.key: Written(row.key, "id", created=False) for row in rows})

    await write_all(items(20), send, size=1, crm="X")
    assert most == CONCURRENT_CALLS


def test_merging_never_hides_a_refusal() -> None:
    written = Written("1", "id", created=False)
    refused = BAD.refused("1")
    assert merged([{"1": written}, {"1": refused}]) == {"1": refused}
    assert merged([{"1": refused}, {"1": written}]) == {"1": refused}
