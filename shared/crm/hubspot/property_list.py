"""The list of an object's properties as HubSpot answers it, read with little memory.

As plain dictionaries a portal with a thousand options in each property takes a gigabyte; only what
is needed is read.
"""

from dataclasses import dataclass

import httpx2
import msgspec

from shared.crm.errors import CrmRetriableError


@dataclass(frozen=True, slots=True)
class PropertyOption:
    """One choice of an enumeration; `value` is what records hold."""

    label: str
    value: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """One property. `read_only`: no API call can write its value."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    description: str = ""
    options: tuple[PropertyOption, ...] = ()
    has_unique_value: bool = False
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    hubspot_defined: bool = False
    archived: bool = False


class _Option(msgspec.Struct, gc=False):
    label: str | None = None
    value: str | None = None
    hidden: bool | None = None


class _Modification(msgspec.Struct, rename="camel"):
    read_only_value: bool | None = None


class _Property(msgspec.Struct, rename="camel"):
    name: str
    label: str | None = None
    type: str | None = None
    field_type: str | None = None
    group_name: str | None = None
    description: str | None = None
    options: list[_Option] | None = None
    has_unique_value: bool | None = None
    calculated: bool | None = None
    hidden: bool | None = None
    hubspot_defined: bool | None = None
    archived: bool | None = None
    modification_metadata: _Modification | None = None


class _List(msgspec.Struct):
    results: list[_Property]


def properties_in(response: httpx2.Response) -> list[PropertyDefinition]:
    """The definitions in an answer; CrmRetriableError when it is no list of properties."""
    try:
        found = msgspec.json.decode(response.content, type=_List)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        # The text of a ValidationError names a place and types, no value.
        where = f" ({wrong})" if isinstance(wrong, msgspec.ValidationError) else ""
        raise CrmRetriableError(
            f"HubSpot's list of properties cannot be read{where}. Something between this machine "
            "and HubSpot may be answering in its place (a proxy, a login page).",
            code="crm_answer_unreadable",
            status=response.status_code,
        ) from None
    return [_definition(item) for item in found.results]


def _definition(found: _Property) -> PropertyDefinition:
    return PropertyDefinition(
        name=found.name,
        label=found.label or "",
        type=found.type or "",
        field_type=found.field_type or "",
        group_name=found.group_name or "",
        description=found.description or "",
        options=tuple(
            PropertyOption(one.label or "", one.value or "", one.hidden is True)
            for one in found.options or ()
        ),
        has_unique_value=found.has_unique_value is True,
        read_only=_read_only(found),
        calculated=found.calculated is True,
        hidden=found.hidden is True,
        hubspot_defined=found.hubspot_defined is True,
        archived=found.archived is True,
    )


def _read_only(found: _Property) -> bool:
    told = found.modification_metadata
    return told is not None and told.read_only_value is True
