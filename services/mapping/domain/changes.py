"""What a difference means by itself: the kinds of changes in it, for people. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.mapping.domain.drift import (
    Difference,
    Field,
    FieldDifference,
    ObjectDifference,
    PipelineDifference,
)
from services.mapping.domain.model import HubSpotField, Option, Pipeline, SalesforceField


class Kind(StrEnum):
    """One kind of change."""

    UNREADABLE = "unreadable"
    READABLE = "readable"
    NEW = "new"
    REMOVED = "removed"
    TYPE = "type_changed"
    READ_ONLY = "became_read_only"
    WRITABLE = "became_writable"
    REQUIRED = "became_required"
    OPTIONAL = "became_optional"
    SHORTER = "became_shorter"
    LONGER = "became_longer"
    NARROWER = "digits_lost"
    RESTRICTED = "became_restricted"
    VALUES_ADDED = "values_added"
    VALUES_REMOVED = "values_removed"
    VALUES_RENAMED = "values_renamed"
    RELABELLED = "relabelled"


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `values` are those of a list that it is about, `detail` says it in words."""

    kind: Kind
    detail: str = ""
    values: tuple[str, ...] = ()


def changes_of(difference: Difference) -> tuple[Change, ...]:
    """The changes in a difference that somebody may want to know of; there may be none."""
    if isinstance(difference, ObjectDifference):
        return (Change(Kind.UNREADABLE if difference.after is None else Kind.READABLE),)
    if difference.before is None:
        return _of_new(difference)
    if difference.after is None:
        return (Change(Kind.REMOVED),)
    if isinstance(difference, FieldDifference):
        return tuple(_of_field(difference.before, difference.after))
    return tuple(_of_pipeline(difference.before, difference.after))


def _of_new(difference: FieldDifference | PipelineDifference) -> tuple[Change, ...]:
    new = difference.after
    required = isinstance(new, SalesforceField) and new.required
    return (Change(Kind.NEW), *((Change(Kind.REQUIRED),) if required else ()))


def _of_field(before: Field, after: Field) -> Iterator[Change]:
    yield from _of_type(before, after)
    yield from _switched(writable(before), writable(after), Kind.WRITABLE, Kind.READ_ONLY)
    yield from _switched(before.required, after.required, Kind.REQUIRED, Kind.OPTIONAL)
    if isinstance(before, SalesforceField) and isinstance(after, SalesforceField):
        yield from _of_sizes(before, after)
        if after.restricted and not before.restricted:
            yield Change(Kind.RESTRICTED, "only the values of its list are taken from now on")
    yield from _of_values(before.options, after.options)
    yield from _of_label(before.label, after.label)


def _of_type(before: Field, after: Field) -> Iterator[Change]:
    old, new = _type(before), _type(after)
    if old != new:
        yield Change(Kind.TYPE, f"from {old} to {new}")


def _type(field: Field) -> str:
    if isinstance(field, HubSpotField):
        return f"{field.type}, {field.field_type}"
    return field.type


def writable(field: Field) -> bool:
    """Whether Causeway may set it."""
    return not field.read_only if isinstance(field, HubSpotField) else field.writable


def _switched(before: object, after: object, on: Kind, off: Kind) -> Iterator[Change]:
    if bool(before) != bool(after):
        yield Change(on if after else off)


def _of_sizes(before: SalesforceField, after: SalesforceField) -> Iterator[Change]:
    if before.length and after.length and before.length != after.length:
        kind = Kind.SHORTER if after.length < before.length else Kind.LONGER
        yield Change(kind, f"from {before.length} to {after.length} characters")
    old, new = (before.precision, before.scale), (after.precision, after.scale)
    if None not in (*old, *new) and old != new and _fewer(before, after):
        yield Change(
            Kind.NARROWER,
            f"from {before.precision} digits, {before.scale} of them after the point, to "
            f"{after.precision} and {after.scale}",
        )


def _fewer(before: SalesforceField, after: SalesforceField) -> bool:
    """Whether numbers that fitted may not fit any more."""
    old, new = before.scale or 0, after.scale or 0
    return new < old or (after.precision or 0) - new < (before.precision or 0) - old


def _of_values(before: Iterable[Option], after: Iterable[Option]) -> Iterator[Change]:
    old = {option.value: option for option in before if not option.hidden}
    new = {option.value: option for option in after if not option.hidden}
    added = tuple(value for value in new if value not in old)
    removed = tuple(value for value in old if value not in new)
    renamed = tuple(value for value in new if value in old and old[value].label != new[value].label)
    if added:
        yield Change(Kind.VALUES_ADDED, f"{len(added)} more", added)
    if removed:
        yield Change(Kind.VALUES_REMOVED, f"{len(removed)} less", removed)
    if renamed:
        yield Change(Kind.VALUES_RENAMED, f"{len(renamed)} with another label", renamed)


def _of_label(before: str, after: str) -> Iterator[Change]:
    if before != after:
        yield Change(Kind.RELABELLED, f"from {before!r} to {after!r}")


def _of_pipeline(before: Pipeline, after: Pipeline) -> Iterator[Change]:
    old = [Option(stage.id, stage.label) for stage in before.stages]
    new = [Option(stage.id, stage.label) for stage in after.stages]
    yield from _of_values(old, new)
    yield from _of_label(before.label, after.label)
