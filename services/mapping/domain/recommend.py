"""The default mappings that two catalogues allow, and why the others were left out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.conversions import Fit, accepted_by, fit_of
from services.mapping.domain.defaults import defaults_of
from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Kind,
    Mapping,
    SalesforceField,
    Wanted,
)
from services.mapping.domain.rules import possible_rule
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A default mapping that this pair of accounts cannot have."""

    wanted: Wanted
    why: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What "recommended" means for one pair of accounts."""

    mappings: tuple[Mapping, ...]
    left_out: tuple[LeftOut, ...]


def recommend(catalogue: Catalogue, object_type: ObjectType = ObjectType.CONTACT) -> Recommendation:
    """A type's defaults that exist on both sides, fit without a conversion and can be written."""
    results = [_fit(wanted, catalogue) for wanted in defaults_of(object_type)]
    return Recommendation(
        mappings=tuple(fit for fit in results if isinstance(fit, Mapping)),
        left_out=tuple(fit for fit in results if isinstance(fit, LeftOut)),
    )


def _fit(wanted: Wanted, catalogue: Catalogue) -> Mapping | LeftOut:
    hubspot = catalogue.properties(wanted.object_type).get(wanted.hubspot_property)
    if hubspot is None:
        return LeftOut(wanted, _no_property(wanted))
    present = _present(wanted, catalogue)
    if not present:
        return LeftOut(wanted, f"the connected Salesforce user sees no {wanted.salesforce_field}")
    fitting = {name: item for name, item in present.items() if kind_of(hubspot, item) is not None}
    if not fitting:
        return LeftOut(wanted, type_clash(hubspot, next(iter(present.values()))))
    return _possible(described(wanted, hubspot, fitting))


def _possible(mapping: Mapping) -> Mapping | LeftOut:
    rule = possible_rule(
        mapping.wanted.rule,
        hubspot=mapping.hubspot_writable,
        salesforce=mapping.salesforce_writable,
    )
    if rule is None:
        return LeftOut(mapping.wanted, "both fields are read-only for Causeway")
    return replace(mapping, wanted=replace(mapping.wanted, rule=rule))


def _no_property(wanted: Wanted) -> str:
    return f"HubSpot has no {wanted.object_type} property {wanted.hubspot_property}"


def _present(wanted: Wanted, catalogue: Catalogue) -> dict[str, SalesforceField]:
    found = {
        name: catalogue.fields(name).get(wanted.salesforce_field)
        for name in wanted.salesforce_objects
    }
    return {name: item for name, item in found.items() if item is not None}


def described(
    wanted: Wanted, hubspot: HubSpotField, salesforce: dict[str, SalesforceField]
) -> Mapping:
    """The mapping of a fitting pair; `salesforce` is the field by object name, not empty.

    Where two objects differ, the stricter one counts: the shorter length, the read-only field.
    """
    fields = tuple(salesforce.values())
    fit = fit_of(hubspot, fields[0]) or Fit(Kind.TEXT)
    lengths = [item.length for item in fields if item.length]
    scales = [item.scale for item in fields if item.scale is not None]
    return Mapping(
        wanted=replace(wanted, salesforce_objects=tuple(salesforce)),
        kind=fit.kind,
        max_length=min(lengths) if lengths and _limited(fields) else None,
        hubspot_writable=not hubspot.read_only,
        salesforce_writable=all(item.writable for item in fields),
        hubspot_kind=fit.hubspot,
        salesforce_kind=fit.salesforce,
        scale=min(scales) if scales and fit.kind is Kind.NUMBER else None,
        loss=fit.loss,
    )


def type_clash(hubspot: HubSpotField, salesforce: SalesforceField) -> str:
    """Why two fields cannot be joined, in words for an admin."""
    fitting = ", ".join(accepted_by(hubspot)) or "nothing"
    return (
        f"HubSpot's {hubspot.name} ({hubspot.type}, {hubspot.field_type}) cannot be joined to "
        f"Salesforce's {salesforce.name} ({salesforce.type}); it fits {fitting}"
    )


def _limited(fields: Iterable[SalesforceField]) -> bool:
    unlimited = {"reference", "boolean", "multipicklist", "picklist"}
    return all(item.type not in unlimited for item in fields)
