"""What HubSpot property a Salesforce field becomes (facts: native 4.2, hubspot-api 6). Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.mapping.domain.model import HubSpotField, Option, SalesforceField

MAX_OPTIONS = 5_000
MAX_OPTION_CHARACTERS = 3_000
"""Of one property, and of one option with its label and its description (HubSpot's help pages on
field types)."""
MAX_LABEL = 250
"""HubSpot names no limit; longer ones are unreadable in its pages."""

_PLAIN = {
    "string": ("string", "text"),
    "email": ("string", "text"),
    "url": ("string", "text"),
    "combobox": ("string", "text"),
    "phone": ("string", "phonenumber"),
    "textarea": ("string", "textarea"),
    "double": ("number", "number"),
    "int": ("number", "number"),
    "long": ("number", "number"),
    "currency": ("number", "number"),
    "percent": ("number", "number"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
}
_CHOICES = {"picklist": "select", "multipicklist": "checkbox"}
_BOOLEAN = (Option("true", "Yes"), Option("false", "No"))
"""HubSpot wants exactly these two values (facts: hubspot-api 6)."""

_TEXTS = frozenset({"text", "textarea", "html", "phonenumber"})

_UNSUPPORTED = {
    "id": "a record's id belongs to the link, which Causeway keeps itself",
    "reference": "a lookup holds the id of another Salesforce record, which means nothing in "
    "HubSpot; records are joined by associations",
    "address": "an address is made of several fields; map its street, city and the others",
    "location": "a location is made of several fields; map its latitude and longitude",
    "base64": "HubSpot has no property that holds a file",
    "anyType": "its values may be of any type",
    "complexvalue": "its values are structures",
    "encryptedstring": "Salesforce masks its values, and HubSpot would show what is encrypted here",
    "time": "HubSpot has no property for a time of the day",
    "datacategorygroupreference": "it refers to a category of Salesforce Knowledge",
    "json": "its values are structures",
}


@dataclass(frozen=True, slots=True)
class NewProperty:
    """The definition of a property to be made."""

    name: str
    label: str
    type: str
    field_type: str
    options: tuple[Option, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a property for a field; `notes` say what it cannot hold."""

    type: str
    field_type: str
    options: tuple[Option, ...] = ()
    notes: tuple[str, ...] = ()


def shape_of(field: SalesforceField) -> Shape | str:
    """The property that can hold what `field` holds, or why there is none."""
    if field.type == "boolean":
        return Shape("bool", "booleancheckbox", _BOOLEAN)
    if field.type in _PLAIN:
        return Shape(*_PLAIN[field.type])
    if field.type in _CHOICES:
        return _choice(field, _CHOICES[field.type])
    why = _UNSUPPORTED.get(field.type, f"Causeway does not know the type {field.type}")
    return f"{field.name} cannot become a property: {why}."


def holds(there: HubSpotField, type_: str, field_type: str) -> bool:
    """Whether a property is of the kind that a field would get, so that nothing is converted.

    A text holds the values of a single choice as they are.
    """
    text = there.type in {"string", "phone_number"} and there.field_type in _TEXTS
    match type_:
        case "string":
            return text
        case "bool":
            return there.field_type == "booleancheckbox"
        case "enumeration":
            multiple = field_type == "checkbox"
            options = {"checkbox"} if multiple else {"select", "radio"}
            listed = there.type == "enumeration" and there.field_type in options
            return listed or (text and not multiple)
        case _:
            return there.type == type_


def _choice(field: SalesforceField, field_type: str) -> Shape | str:
    count = len(field.options) or field.options_left_out
    if count > MAX_OPTIONS:
        if field_type == "checkbox":
            return f"{field.name} has {count} values; HubSpot takes {MAX_OPTIONS} in a property."
        note = f"made as text: it has {count} values, and HubSpot takes {MAX_OPTIONS} in a list"
        return Shape("string", "text", (), (note,))
    if field.options_left_out:
        return f"The values of {field.name} were not kept; read its object again."
    options = merged_options([field.options], multiple=field_type == "checkbox")
    if not options:
        return f"{field.name} has no values that HubSpot can hold, so there is no list to make."
    lost = [option.value for option in field.options if option.value not in _values(options)]
    notes = (f"HubSpot cannot hold {len(lost)} of its values", *_shown(lost)) if lost else ()
    return Shape("enumeration", field_type, options, tuple(notes))


def merged_options(lists: Iterable[tuple[Option, ...]], *, multiple: bool) -> tuple[Option, ...]:
    """The options of several picklists as one list that HubSpot takes.

    Each value once, each label once (HubSpot refuses a repeated one): a second label gets its value
    behind it. One that is in use in any list is not hidden.
    """
    found: dict[str, Option] = {}
    for option in (option for options in lists for option in options):
        if not _holdable(option, multiple=multiple):
            continue
        known = found.get(option.value)
        if known is None or (known.hidden and not option.hidden):
            found[option.value] = option
    return tuple(_labelled(found.values()))


def _labelled(options: Iterable[Option]) -> Iterator[Option]:
    taken: set[str] = set()
    for option in options:
        label = _readable(option.label) or _readable(option.value)
        number = 1
        unique = label
        while unique.casefold() in taken:
            number += 1
            tail = option.value if number == 2 else f"{option.value}, {number}"  # noqa: PLR2004
            unique = f"{label} ({_readable(tail)})"
        taken.add(unique.casefold())
        yield Option(option.value, unique, option.hidden)


def _holdable(option: Option, *, multiple: bool) -> bool:
    """Whether HubSpot can hold the value: it joins the values of a multiple choice with `;`."""
    value = option.value
    return (
        bool(value.strip())
        and value.isprintable()
        and not (multiple and ";" in value)
        and len(value) + 2 * len(option.label) + len(value) <= MAX_OPTION_CHARACTERS
    )


def label_of(field: SalesforceField) -> str:
    """What people see above the property."""
    return (_readable(field.label) or field.name)[:MAX_LABEL]


def _readable(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _values(options: Iterable[Option]) -> set[str]:
    return {option.value for option in options}


def _shown(lost: list[str]) -> tuple[str, ...]:
    """A few of the values that are lost, readable."""
    return tuple(f"left out: {_readable(value)[:80]!r}" for value in lost[:5])
