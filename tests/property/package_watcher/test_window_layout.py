"""Whatever a layout looks like: the window goes in and out, and nothing else ever changes."""

import xml.etree.ElementTree as ET

from hypothesis import given

from services.package_watcher.domain.window_layout import (
    difference,
    has_window,
    with_window,
    without_window,
)
from tests.property.package_watcher.layouts import METADATA, layouts

PAGE = "Causeway_Lead"
NS = f"{{{METADATA}}}"
OURS = f"""
<x xmlns="{METADATA}"><layoutSections><customLabel>true</customLabel>
<detailHeading>true</detailHeading><editHeading>false</editHeading><label>Causeway</label>
<layoutColumns><layoutItems><height>320</height><page>Causeway_Lead</page>
<showLabel>false</showLabel><showScrollbars>true</showScrollbars><width>100%</width></layoutItems>
</layoutColumns><style>OneColumn</style></layoutSections></x>
"""


def shape(node: ET.Element) -> tuple[object, ...]:
    """What an element says, without the spaces between its children."""
    text = "" if len(node) else (node.text or "").strip()
    return (node.tag, text, tuple(shape(one) for one in node))


def parsed(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - made by the test


@given(layouts())
def test_what_is_put_in_is_all_that_differs(data: bytes) -> None:
    after = with_window(data, PAGE)
    assert has_window(after, PAGE)
    if has_window(data, PAGE):
        assert after == data
        return
    assert _common(data, after) + _common(data[::-1], after[::-1]) >= len(data)


@given(layouts())
def test_in_and_out_again_is_byte_for_byte_the_same(data: bytes) -> None:
    if not has_window(data, PAGE):
        assert without_window(with_window(data, PAGE), PAGE) == data


@given(layouts())
def test_the_section_says_what_it_should_and_the_others_what_they_did(data: bytes) -> None:
    if has_window(data, PAGE):
        return
    then = parsed(with_window(data, PAGE))
    known = [shape(one) for one in parsed(data)]
    ours = shape(parsed(OURS.encode())[0])
    found = [shape(one) for one in then]
    assert ours in found
    found.remove(ours)
    assert found == known
    names = [one.tag for one in then]
    first = names.index(f"{NS}layoutSections")
    last = len(names) - names[::-1].index(f"{NS}layoutSections")
    assert set(names[first:last]) == {f"{NS}layoutSections"}


@given(layouts())
def test_out_takes_every_window_and_no_other_item(data: bytes) -> None:
    after = without_window(data, PAGE)
    assert not has_window(after, PAGE)
    assert without_window(after, PAGE) == after

    def others(content: bytes) -> list[tuple[object, ...]]:
        found = parsed(content).iter(f"{NS}layoutItems")
        return [shape(one) for one in found if not _holds(one)]

    assert others(after) == others(data)
    tops = [one.tag for one in parsed(data) if one.tag != f"{NS}layoutSections"]
    assert [one.tag for one in parsed(after) if one.tag != f"{NS}layoutSections"] == tops


@given(layouts())
def test_twice_is_once(data: bytes) -> None:
    once = with_window(data, PAGE)
    assert with_window(once, PAGE) == once


@given(layouts())
def test_the_difference_tells_whether_there_is_one(data: bytes) -> None:
    after = with_window(data, PAGE)
    told = difference("Lead-A", data, after)
    assert bool(told) == (after != data)
    if told:
        assert "+" in told
        assert PAGE in told


def _holds(item: ET.Element) -> bool:
    page = item.find(f"{NS}page")
    return page is not None and "".join(page.itertext()).strip().rpartition("__")[2] == PAGE


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts begin alike with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
