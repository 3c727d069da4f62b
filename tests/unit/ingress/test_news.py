"""Several reports of one record are one piece of news."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.ingress.domain.news import News, coalesce
from shared.kernel.records import ObjectType, RecordRef, Side
from tests.fakes.ingress.samples import NOON

REF = RecordRef(ObjectType.CONTACT, Side.HUBSPOT, "501")
NEWS = News(REF, "updated", NOON, ours=True, values={"firstname": "Ada"})


@pytest.mark.parametrize(
    ("kinds", "strongest"),
    [
        (["updated", "created"], "created"),
        (["created", "updated", "deleted"], "deleted"),
        (["restored", "updated"], "restored"),
        (["merged", "created"], "merged"),
        (["deleted", "restored"], "deleted"),
    ],
)
def test_the_strongest_kind_names_the_news(kinds: list[str], strongest: str) -> None:
    (found,) = coalesce(replace(NEWS, kind=kind) for kind in kinds)
    assert found.kind == strongest


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (True, True, True),
        (True, False, False),
        (None, None, None),
        (True, None, False),
        (False, False, False),
    ],
)
def test_it_is_ours_only_if_all_of_it_is(
    *, first: bool | None, second: bool | None, both: bool | None
) -> None:
    (found,) = coalesce([replace(NEWS, ours=first), replace(NEWS, ours=second)])
    assert found.ours is both


def test_values_and_merged_records_come_together() -> None:
    later = replace(
        NEWS, values={"email": "a@x"}, occurred_at=NOON + timedelta(seconds=1), merged_ids=("7",)
    )
    (found,) = coalesce([replace(NEWS, merged_ids=("6",)), later])

    assert found.values == {"firstname": "Ada", "email": "a@x"}
    assert found.merged_ids == ("6", "7")
    assert found.occurred_at == NOON + timedelta(seconds=1)


def test_records_keep_their_order_and_stay_apart() -> None:
    other = replace(NEWS, ref=replace(REF, record_id="400"))
    company = replace(NEWS, ref=replace(REF, object_type=ObjectType.COMPANY))

    assert [n.ref for n in coalesce([NEWS, other, company, NEWS])] == [
        NEWS.ref,
        other.ref,
        company.ref,
    ]
    assert coalesce([]) == ()
