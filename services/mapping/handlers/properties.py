"""Makes the HubSpot properties that Salesforce's fields need."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.mapping.domain.bounds import bounded
from services.mapping.domain.kept import MadeProperty
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    Catalogue,
    HubSpotFields,
    SalesforceFields,
    Wanted,
)
from services.mapping.domain.properties import Planned, Source, plan
from services.mapping.handlers.outcomes import Became, Outcome, as_read, only_planned, outcome_of
from services.mapping.handlers.refusals import (
    INVALID,
    RefusedError,
    connected,
    known,
    no_settings,
)
from services.mapping.handlers.translate import wanted_of
from services.mapping.handlers.versions import Author
from services.mapping.ports import Crms, FieldStore, FieldWork
from shared.kernel.errors import FieldProblem
from shared.kernel.records import ObjectType


async def make_properties(
    store: FieldStore,
    crms: Crms,
    connection_id: UUID,
    object_type: ObjectType,
    fields: Sequence[tuple[str, str]],
    *,
    author: Author,
    dry_run: bool,
) -> tuple[Outcome, ...]:
    """Makes a property for each (Salesforce object, field); with `dry_run` only says which.

    A repeat makes nothing (I6). One field that HubSpot refuses does not stop the others.

    Raises:
        RefusedError: the connection is unknown, a side is not connected, its fields were never
            read, or a field is none of the object type (`problems` names each).
    """
    catalogue, _ = await loaded(store, connection_id)
    sources = _sources(catalogue, object_type, fields)
    sources = await _with_options(crms, connection_id, sources)
    there = await crms.read_properties(connection_id, object_type)
    planned = plan(sources, there)
    if dry_run:
        return tuple(only_planned(item) for item in planned)
    return await carry_out(store, crms, connection_id, object_type, planned, there, author)


async def made_properties(
    store: FieldStore, connection_id: UUID, *, after: tuple[str, str] | None, limit: int
) -> list[MadeProperty]:
    """What was made for fields so far, by object type and name.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        known(await work.setups.get(connection_id), connection_id)
        return await work.made.page(connection_id, after=after, limit=limit)


async def loaded(
    store: FieldStore, connection_id: UUID, *, calling: bool = True
) -> tuple[Catalogue, tuple[Wanted, ...]]:
    """The fields as they were read last, and the mappings of the newest version.

    Raises:
        RefusedError: the connection is unknown, its fields were never read, or `calling` and a
            side is not connected.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        if calling:
            connected(setup)
        catalogue = await work.catalogues.get(connection_id)
        version = await work.versions.get(connection_id, setup.version)
    if catalogue is None:
        raise no_settings()
    return catalogue, wanted_of(version.settings.mappings) if version is not None else ()


def _sources(
    catalogue: Catalogue, object_type: ObjectType, fields: Sequence[tuple[str, str]]
) -> list[Source]:
    found: list[Source] = []
    problems: list[FieldProblem] = []
    for index, (name, field) in enumerate(fields):
        there = catalogue.fields(name).get(field)
        if name not in SALESFORCE_OBJECTS[object_type]:
            objects = ", ".join(SALESFORCE_OBJECTS[object_type])
            text = f"{name} is no object of a {object_type}: use {objects}."
            problems.append(FieldProblem(f"fields[{index}].salesforce_object", text))
        elif there is None:
            text = (
                f"The connected Salesforce user sees no field {field} on {name}. Check the API "
                "name and the field-level security, then read the fields again."
            )
            problems.append(FieldProblem(f"fields[{index}].field", text))
        else:
            found.append(Source(name, there))
    if problems:
        raise RefusedError(
            f"{len(problems)} fields cannot be looked at. Correct what `errors` lists; nothing "
            "was made.",
            code=INVALID,
            problems=problems,
        )
    return found


async def _with_options(crms: Crms, connection_id: UUID, sources: Sequence[Source]) -> list[Source]:
    """The same fields; those whose options were too many to keep are read again with them."""
    objects = {one.salesforce_object for one in sources if one.field.options_left_out}
    read: dict[str, SalesforceFields] = {
        name: await crms.read_fields(connection_id, name) for name in sorted(objects)
    }
    return [
        replace(one, field=read.get(one.salesforce_object, {}).get(one.field.name, one.field))
        for one in sources
    ]


async def carry_out(  # noqa: PLR0917 -- the order, and what is known for it
    store: FieldStore,
    crms: Crms,
    connection_id: UUID,
    object_type: ObjectType,
    planned: Sequence[Planned],
    there: HubSpotFields,
    author: Author,
) -> tuple[Outcome, ...]:
    """Makes what was planned, and keeps it; `there` is what HubSpot has now."""
    new = [item.new for item in planned if item.new is not None]
    results = await crms.create_properties(connection_id, object_type, new)
    if any(not result.created and not result.problem for result in results.values()):
        # Somebody made one of that name since the plan: what is it?
        there = await crms.read_properties(connection_id, object_type)
    outcomes = tuple(outcome_of(item, results, there) for item in planned)
    made = [one.planned.new for one in outcomes if one.usable and one.planned.new is not None]
    after = {**there, **{item.name: as_read(item) for item in made}}
    async with store.begin() as work:
        known(await work.setups.held(connection_id), connection_id)
        await _keep(work, connection_id, object_type, after)
        await work.made.add(connection_id, [*_kept(object_type, outcomes, author)])
    return outcomes


async def _keep(
    work: FieldWork, connection_id: UUID, object_type: ObjectType, after: HubSpotFields
) -> None:
    """The properties of one type in the kept catalogue, as they are now."""
    catalogue = await work.catalogues.get(connection_id)
    if catalogue is None:
        return
    live = bounded(item for item in after.values() if not item.archived)
    hubspot = {**catalogue.hubspot, object_type: live}
    unread = tuple(one for one in catalogue.unread if one.object_name != object_type.value)
    await work.catalogues.save(connection_id, replace(catalogue, hubspot=hubspot, unread=unread))


def _kept(
    object_type: ObjectType, outcomes: Sequence[Outcome], author: Author
) -> list[MadeProperty]:
    return [
        MadeProperty(
            object_type=object_type,
            name=new.name,
            label=new.label,
            type=new.type,
            field_type=new.field_type,
            salesforce_field=one.planned.field,
            salesforce_objects=one.planned.salesforce_objects,
            restored=one.became is Became.RESTORED,
            author=author.subject,
            made_at=author.at,
        )
        for one in outcomes
        if (new := one.planned.new) is not None and one.became in {Became.CREATED, Became.RESTORED}
    ]
