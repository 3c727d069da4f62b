"""What joining two fields would mean, before anybody does."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.mapping.api.answers import refusals
from services.mapping.api.desk import Desk
from services.mapping.api.fields import no_field
from services.mapping.domain.conversions import fit_of
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    HubSpotField,
    Kind,
    SalesforceField,
)
from services.mapping.domain.recommend import type_clash
from services.mapping.domain.value_pairs import Suggested, suggest
from services.mapping.handlers.views import fields_of
from shared.contracts.settings import ValuePair
from shared.kernel.records import ObjectType, Side

MappedType = Literal[ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL]
MAX_NAME = 255
"""Characters of a field's name; both CRMs allow fewer."""

Name = Annotated[str, Query(min_length=1, max_length=MAX_NAME)]


class PairView(BaseModel):
    """Whether two fields can be joined, how they are compared, and what is lost.

    `values` are suggestions for a table of values: pairs that are spelt differently and probably
    mean the same. The lonely ones have no partner; they stop a record, unless they are paired.
    """

    fits: bool
    why_not: str = ""
    compared_as: Kind | None = None
    loss: str = ""
    values: list[ValuePair] = []
    lonely_hubspot: list[str] = []
    lonely_salesforce: list[str] = []


def pair_routes(desk: Desk) -> APIRouter:
    """The route under /mappings/{id}/pair."""
    router = APIRouter(prefix="/mappings")

    @router.get("/{connection_id}/pair", dependencies=[Depends(desk.guard.viewer)])
    async def judge_pair(
        connection_id: UUID,
        hubspot_property: Name,
        salesforce_field: Name,
        salesforce_object: Name = "Contact",
        object_type: MappedType = ObjectType.CONTACT,
    ) -> PairView:
        """What it would mean to join these two fields, from the fields as they were read last."""
        with refusals():
            catalogue = await fields_of(desk.store, connection_id)
        ours = catalogue.properties(object_type).get(hubspot_property)
        if ours is None:
            raise no_field(Side.HUBSPOT, object_type, hubspot_property)
        theirs = catalogue.fields(salesforce_object).get(salesforce_field)
        if theirs is None or salesforce_object not in SALESFORCE_OBJECTS[object_type]:
            raise no_field(Side.SALESFORCE, salesforce_object, salesforce_field)
        return _judged(ours, theirs)

    return router


def _judged(ours: HubSpotField, theirs: SalesforceField) -> PairView:
    fit = fit_of(ours, theirs)
    if fit is None:
        return PairView(fits=False, why_not=f"{type_clash(ours, theirs)}.")
    lists = ours.options and theirs.options and fit.kind is not Kind.OWNER
    found = suggest(ours.options, theirs.options) if lists else Suggested()
    return PairView(
        fits=True,
        compared_as=fit.kind,
        loss=fit.loss,
        values=[ValuePair(hubspot=p.hubspot, salesforce=p.salesforce) for p in found.pairs],
        lonely_hubspot=list(found.lonely_hubspot),
        lonely_salesforce=list(found.lonely_salesforce),
    )
