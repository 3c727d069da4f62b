"""Which HubSpot properties to make for some Salesforce fields, and under which names. Pure.

A name is "salesforce_" and the field's API name in lower case. API names are unique in any case, so
two fields never share one, and the same field gets the same name every time (I6).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.model import HubSpotField, HubSpotFields, SalesforceField
from services.mapping.domain.shapes import (
    MAX_OPTIONS,
    NewProperty,
    Shape,
    holds,
    label_of,
    merged_options,
    shape_of,
)

GROUP = "salesforceinformation"
GROUP_LABEL = "Salesforce Information"
"""Where properties for Salesforce's fields stand, as those of HubSpot's own integration (facts:
native 1.2)."""

PREFIX = "salesforce_"
MAX_NAME = 100
MAX_CUSTOM = 1_000
"""Custom properties an object (facts: hubspot-api 6)."""
MORE_NAMES = 9
"""Names that are tried when the first ones are taken by properties of other types."""
_TAIL = 12
"""Characters of a long name's end that are kept: there it differs from its neighbours."""


class Action(StrEnum):
    """What happens for a field. `exists`: a property that fits is there already."""

    CREATE = "create"
    RESTORE = "restore"
    EXISTS = "exists"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Source:
    """A field of one Salesforce object that a property is wanted for."""

    salesforce_object: str
    field: SalesforceField


@dataclass(frozen=True, slots=True)
class Planned:
    """What happens for one field; the objects that share it share the property.

    `name` is the property's, "" when there is none. `new` is its definition when it is made.
    `reason` says why it is not the ordinary one, `notes` what it cannot hold.
    """

    field: str
    salesforce_objects: tuple[str, ...]
    action: Action
    name: str = ""
    new: NewProperty | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Creation:
    """What became of one property: made, there already, or not made because of `problem`."""

    created: bool
    problem: str = ""
    retriable: bool = False


def plan(
    sources: Sequence[Source], known: HubSpotFields, *, taken: Collection[str] = ()
) -> tuple[Planned, ...]:
    """What to do for each field, in the order of `sources`.

    `known` are all properties of the object by name, archived ones too; those in `taken` serve
    other fields. The same sources and the properties that a plan made give a plan that makes
    nothing.
    """
    taken = set(taken)
    planned: list[Planned] = []
    for group, shape in _grouped(sources):
        if isinstance(shape, str):
            planned.append(_refused(group, shape))
            continue
        found = _placed(group, shape, known, taken)
        taken.add(found.name)
        planned.append(found)
    return tuple(_within_limit(planned, known))


def names_for(sources: Sequence[Source]) -> Iterator[str]:
    """The names to try for a field, the ordinary one first."""
    field = sources[0].field.name
    base = _name(field)
    yield base
    yield _name(f"{sources[0].salesforce_object}_{field}")
    for number in range(2, 2 + MORE_NAMES):
        yield f"{base[: MAX_NAME - 3]}_{number}"


def _name(field: str) -> str:
    """Lower-case letters, digits and underscores, at most 100; a letter first."""
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in field.lower())
    name = PREFIX + plain
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - _TAIL] + name[-_TAIL:]


def _grouped(sources: Iterable[Source]) -> list[tuple[list[Source], Shape | str]]:
    """Fields of one name and one shape on several objects become one property."""
    groups: dict[tuple[str, str, str], list[tuple[Source, Shape | str]]] = {}
    for source in sources:
        shape = shape_of(source.field)
        kind = ("", shape) if isinstance(shape, str) else (shape.type, shape.field_type)
        groups.setdefault((source.field.name.lower(), *kind), []).append((source, shape))
    return [_joined(members) for members in groups.values()]


def _joined(members: list[tuple[Source, Shape | str]]) -> tuple[list[Source], Shape | str]:
    unique = {source.salesforce_object: (source, shape) for source, shape in members}
    group = [source for source, _ in unique.values()]
    shapes = [shape for _, shape in unique.values() if isinstance(shape, Shape)]
    if not shapes:
        return group, members[0][1]
    first = shapes[0]
    notes = tuple(dict.fromkeys(note for shape in shapes for note in shape.notes))
    options = first.options
    if first.type == "enumeration" and len(shapes) > 1:
        lists = [shape.options for shape in shapes]
        options = merged_options(lists, multiple=first.field_type == "checkbox")
    if len(options) > MAX_OPTIONS:
        return group, f"{group[0].field.name} has {len(options)} values on all objects together."
    return group, replace(first, options=options, notes=notes)


def _placed(group: list[Source], shape: Shape, known: HubSpotFields, taken: set[str]) -> Planned:
    new = NewProperty(
        name="",
        label=label_of(group[0].field),
        type=shape.type,
        field_type=shape.field_type,
        options=shape.options,
        description=f"Made by Causeway for Salesforce's {group[0].field.name}.",
    )
    reasons: list[str] = []
    for name in names_for(group):
        if name in taken:
            reasons.append(f"{name} is taken by another field")
            continue
        action, why = _judged(group, replace(new, name=name), known.get(name))
        if action is Action.REFUSED:
            reasons.append(why)
            continue
        made = replace(new, name=name) if action in {Action.CREATE, Action.RESTORE} else None
        reason = "; ".join([*reasons, why] if why else reasons)
        field, objects = group[0].field.name, _objects(group)
        return Planned(field, objects, action, name, made, reason, shape.notes)
    return _refused(group, f"Every name is taken: {'; '.join(reasons[:3])}.")


def _judged(
    group: list[Source], new: NewProperty, there: HubSpotField | None
) -> tuple[Action, str]:
    """Whether a name can be used, and if not, why."""
    if there is None:
        return Action.CREATE, ""
    same = (there.type, there.field_type) == (new.type, new.field_type)
    if there.archived:
        if same and not there.hubspot_defined:
            return Action.RESTORE, f"{there.name} is in HubSpot's recycle bin and comes back"
        kind = f"{there.type}, {there.field_type}"
        return Action.REFUSED, f"{there.name} is in HubSpot's recycle bin as ({kind})"
    fits = holds(there, new.type, new.field_type) and all(
        kind_of(there, source.field) is not None for source in group
    )
    if fits and not there.read_only:
        missing = _without_partner(new, there)
        return Action.EXISTS, f"it lacks {missing} of the values" if missing else ""
    kind = f"{there.type}, {there.field_type}"
    return Action.REFUSED, f"{there.name} is there already as ({kind}), which does not fit"


def _without_partner(new: NewProperty, there: HubSpotField) -> int:
    """How many values of a list the property that exists does not have."""
    if there.type != "enumeration" or there.options_left_out:
        return 0
    has = {option.value for option in there.options}
    return sum(option.value not in has for option in new.options if not option.hidden)


def _within_limit(planned: Iterable[Planned], known: HubSpotFields) -> Iterator[Planned]:
    used = sum(not one.hubspot_defined and not one.archived for one in known.values())
    room = MAX_CUSTOM - used
    for item in planned:
        if item.new is None:
            yield item
        elif room > 0:
            room -= 1
            yield item
        else:
            reason = (
                f"HubSpot allows {MAX_CUSTOM} custom properties of an object, and {used} are "
                "there; delete some that nobody uses, or map this field to one of them."
            )
            yield replace(item, action=Action.REFUSED, name="", new=None, reason=reason)


def _refused(group: list[Source], reason: str) -> Planned:
    return Planned(group[0].field.name, _objects(group), Action.REFUSED, reason=reason)


def _objects(group: list[Source]) -> tuple[str, ...]:
    return tuple(source.salesforce_object for source in group)
