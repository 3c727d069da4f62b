import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.web.paging import Page, decode_cursor, decode_place, encode_cursor
from shared.web.problems import Problem

WHEN = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
ROW = UUID("0191a2b3-0000-7000-8000-000000000001")


def test_a_place_survives_the_round_trip() -> None:
    cursor = encode_cursor([WHEN, ROW, 7])
    assert decode_cursor(cursor) == ["2026-03-01T12:00:00.000005+00:00", str(ROW), "7"]
    assert cursor.replace("-", "").replace("_", "").isalnum()


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text", ["", "x", "é", b64("{}"), b64("[1]"), b64("nonsense"), "A" * 513, b64("[" * 300)]
)
def test_what_is_no_cursor_is_a_bad_request(text: str) -> None:
    with pytest.raises(Problem) as caught:
        decode_cursor(text)
    assert caught.value.status == 400
    assert caught.value.errors[0].field == "query.cursor"


def test_a_place_is_read_by_the_kinds_of_its_keys() -> None:
    assert decode_place(encode_cursor([WHEN, ROW]), datetime.fromisoformat, UUID) == (WHEN, ROW)


@pytest.mark.parametrize("parts", [[], ["x"], [ROW, ROW], [7]])
def test_a_place_of_another_list_is_a_bad_request(parts: list[object]) -> None:
    with pytest.raises(Problem) as caught:
        decode_place(encode_cursor(parts), UUID)
    assert caught.value.status == 400


def test_the_last_page_has_no_next() -> None:
    assert Page[int](items=[1, 2]).model_dump() == {"items": [1, 2], "next_cursor": None}
