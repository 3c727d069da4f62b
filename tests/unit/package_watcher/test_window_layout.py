"""The window's section, on layouts as Salesforce writes them and as hands left them."""

import pytest

from services.package_watcher.domain.window_elements import LayoutError
from services.package_watcher.domain.window_layout import (
    difference,
    has_window,
    object_of,
    page_of,
    with_window,
    without_window,
)

PAGE = "Causeway_Lead"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<Layout xmlns="http://soap.sforce.com/2006/04/metadata">'
PLAIN = f"""{HEAD}
    <excludeButtons>Submit</excludeButtons>
    <layoutSections>
        <label>Lead Information</label>
        <layoutColumns>
            <layoutItems>
                <behavior>Required</behavior>
                <field>Name</field>
            </layoutItems>
        </layoutColumns>
        <style>TwoColumnsTopToBottom</style>
    </layoutSections>
    <relatedLists>
        <relatedList>RelatedActivityList</relatedList>
    </relatedLists>
</Layout>
"""
OURS = """
    <layoutSections>
        <customLabel>true</customLabel>
        <detailHeading>true</detailHeading>
        <editHeading>false</editHeading>
        <label>Causeway</label>
        <layoutColumns>
            <layoutItems>
                <height>320</height>
                <page>Causeway_Lead</page>
                <showLabel>false</showLabel>
                <showScrollbars>true</showScrollbars>
                <width>100%</width>
            </layoutItems>
        </layoutColumns>
        <style>OneColumn</style>
    </layoutSections>"""
ADDED = PLAIN.replace(
    "    </layoutSections>\n    <relatedLists>", f"    </layoutSections>{OURS}\n    <relatedLists>"
)


def patched(text: str) -> str:
    return with_window(text.encode(), PAGE).decode()


def test_the_section_comes_behind_the_last_one() -> None:
    assert patched(PLAIN) == ADDED
    assert has_window(ADDED.encode(), PAGE)
    assert not has_window(PLAIN.encode(), PAGE)


def test_line_breaks_and_indents_are_the_file_s_own() -> None:
    windows = PLAIN.replace("    ", "\t").replace("\n", "\r\n")
    assert patched(windows) == ADDED.replace("    ", "\t").replace("\n", "\r\n")


def test_a_file_on_one_line_stays_on_one_line() -> None:
    flat = "".join(line.strip() for line in PLAIN.splitlines())
    assert patched(flat) == "".join(line.strip() for line in ADDED.splitlines())


def test_a_layout_without_sections_gets_one_before_what_follows() -> None:
    bare = f"{HEAD}\n    <excludeButtons>Submit</excludeButtons>\n    <relatedLists/>\n</Layout>\n"
    added = bare.replace("\n    <relatedLists/>", f"{OURS}\n    <relatedLists/>")
    assert patched(bare) == added
    assert without_window(added.encode(), PAGE).decode() == bare


def test_a_prefix_of_the_file_does_not_change_what_is_meant() -> None:
    text = (
        '<m:Layout xmlns:m="http://soap.sforce.com/2006/04/metadata"><m:layoutSections/></m:Layout>'
    )
    found = patched(text)
    assert '<layoutSections xmlns="http://soap.sforce.com/2006/04/metadata">' in found
    assert has_window(found.encode(), PAGE)
    assert without_window(found.encode(), PAGE).decode() == text


def test_what_only_looks_like_the_window_is_not() -> None:
    looks = PLAIN.replace(
        "    <relatedLists>",
        "    <!-- <layoutItems><page>Causeway_Lead</page></layoutItems> -->\n    <relatedLists>",
    )
    assert not has_window(looks.encode(), PAGE)
    other = PLAIN.replace("<field>Name</field>", "<field>Causeway_Lead</field>")
    assert not has_window(other.encode(), PAGE)


@pytest.mark.parametrize(
    "name", ["Causeway_Lead", "acme__Causeway_Lead", "<![CDATA[Causeway_Lead]]>", " Causeway_Lead "]
)
def test_a_window_that_was_moved_by_hand_is_left_where_it_is(name: str) -> None:
    moved = PLAIN.replace(
        "<behavior>Required</behavior>\n                <field>Name</field>", f"<page>{name}</page>"
    )
    assert patched(moved) == moved


def test_out_of_a_section_with_other_items_only_the_page_goes() -> None:
    step = "\n            "
    item = f"            <layoutItems>{step}    <field>Phone</field>{step}</layoutItems>\n"
    extended = ADDED.replace(
        "<width>100%</width>\n            </layoutItems>\n",
        f"<width>100%</width>\n            </layoutItems>\n{item}",
    )
    left = without_window(extended.encode(), PAGE).decode()
    assert "Causeway_Lead" not in left
    assert "<label>Causeway</label>" in left
    assert item in left


def test_a_renamed_section_stays_without_its_page() -> None:
    renamed = ADDED.replace("<label>Causeway</label>", "<label>Our own</label>")
    left = without_window(renamed.encode(), PAGE).decode()
    assert "<label>Our own</label>" in left
    assert "<page>" not in left


def test_a_card_on_the_phone_goes_as_a_whole() -> None:
    card = (
        "\n    <relatedContent>\n        <relatedContentItems>\n            <layoutItem>\n"
        "                <page>Causeway_Lead</page>\n            </layoutItem>\n"
        "        </relatedContentItems>\n    </relatedContent>"
    )
    text = PLAIN.replace("\n    <relatedLists>", f"{card}\n    <relatedLists>")
    left = without_window(text.encode(), PAGE).decode()
    empty = "\n    <relatedContent>\n    </relatedContent>"
    assert left == PLAIN.replace("\n    <relatedLists>", f"{empty}\n    <relatedLists>")


def test_the_difference_is_the_section_alone() -> None:
    told = difference("Lead-Lead Layout", PLAIN.encode(), ADDED.encode()).splitlines()
    assert told[0] == "--- Lead-Lead Layout (now)"
    changed = [line for line in told[2:] if line[0] in "+-"]
    assert len(changed) == 16
    assert {line[0] for line in changed} == {"+"}
    assert difference("x", PLAIN.encode(), PLAIN.encode()) == ""


def test_a_long_difference_is_cut() -> None:
    before, after = b"", "\n".join(f"line {n}" for n in range(500)).encode()
    told = difference("x", before, after).splitlines()
    assert len(told) == 201
    assert told[-1] == "... and 303 lines more"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not well-formed"),
        (b"<Layout", "not well-formed"),
        (b"<Layout/>", "no layout"),
        (b'<Layout xmlns="http://soap.sforce.com/2006/04/metadata"/>', "empty"),
        (b"<html/>", "no layout"),
        (PLAIN.encode("utf-16"), "UTF-8"),
        (PLAIN.replace("UTF-8", "ISO-8859-1").encode(), "UTF-8"),
        (b'<!DOCTYPE Layout [<!ENTITY a "b">]><Layout>&a;</Layout>', "document type"),
        (b"<Layout>" + b"<a>" * 100 + b"</a>" * 100 + b"</Layout>", "nested deeper"),
    ],
)
def test_what_is_no_layout_is_not_touched(data: bytes, why: str) -> None:
    for patch in (with_window, without_window, has_window):
        with pytest.raises(LayoutError, match=why):
            patch(data, PAGE)


def test_a_layout_belongs_to_its_object() -> None:
    assert object_of("Contact-Contact %28Support%29 Layout") == "Contact"
    assert page_of("Lead-Lead Layout") == "Causeway_Lead"
    with pytest.raises(KeyError):
        page_of("Account-Account Layout")
