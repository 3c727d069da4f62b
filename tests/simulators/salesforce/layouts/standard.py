"""The layouts of a new org, and the one Visualforce page that its admin put on a layout."""

from functools import cache
from pathlib import Path

SUFFIX = ".layout"
FOLDER = Path(__file__).parent / "files"
PAGE = b"""<apex:page standardController="Lead" showHeader="false">
    <apex:outputText value="Territory of {!Lead.Name}"/>
</apex:page>
"""
PAGE_META = b"""<?xml version="1.0" encoding="UTF-8"?>
<ApexPage xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>58.0</apiVersion>
    <availableInTouch>false</availableInTouch>
    <confirmationTokenRequired>false</confirmationTokenRequired>
    <label>Territory Map</label>
</ApexPage>
"""
STANDARD_PAGES = {
    "Territory_Map": {
        "pages/Territory_Map.page": PAGE,
        "pages/Territory_Map.page-meta.xml": PAGE_META,
    }
}


@cache
def standard_layouts() -> dict[str, bytes]:
    """The files by full name; several of an object, sections with signs that XML escapes."""
    return {
        one.name.removesuffix(SUFFIX): one.read_bytes() for one in sorted(FOLDER.glob(f"*{SUFFIX}"))
    }
