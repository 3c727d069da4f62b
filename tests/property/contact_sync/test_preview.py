"""A preview says what the drain then does, to the letter, and leaves no trace itself.

People create, edit and clear on both sides; some are linked already, some news was told. Then one
batch is previewed and, from the same state, drained.
"""

from collections.abc import Iterator
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.contact_sync.domain.journal import Entry, Operation, Status
from services.contact_sync.domain.plan import FieldWrite
from services.contact_sync.domain.preview import Fate
from services.contact_sync.domain.values import canonical
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.drain import BATCH
from services.contact_sync.handlers.preview import Asked, Preview, preview
from services.contact_sync.handlers.sample import First, Named, Sample, sampled
from services.contact_sync.handlers.translate import mappings_of
from services.contact_sync.ports import Parked
from shared.contracts.contact_sync import RecordUnlinked
from shared.contracts.settings import ContactSettings
from shared.kernel.records import Side
from tests.fakes.contact_sync.stage import CONNECTION, Stage
from tests.property.contact_sync.people import FIELDS, MAPPINGS, Village

EMAILS = ("ann@x.test", "bo@x.test", "cy@x.test")
sides = st.sampled_from(Side)
values = st.sampled_from(["1", "2", "3", "long enough to be too long", ""])
numbers = st.integers(0, 11)
creations = st.tuples(sides, st.sampled_from(EMAILS), values, st.booleans())
edits = st.tuples(sides, numbers, numbers, values.filter(lambda value: len(value) < 2))
policies = st.builds(
    ContactSettings,
    create_in_hubspot=st.booleans(),
    create_in_salesforce=st.sampled_from(["contact", "lead", "nothing"]),
    undecidable=st.sampled_from(["salesforce_wins", "review"]),
)
SHORT = tuple(
    one.model_copy(update={"max_length": 9}) if one in FIELDS else one for one in MAPPINGS
)
Write = tuple[Side, Operation, str | None, tuple[FieldWrite, ...]]


@given(
    before=st.lists(creations, max_size=5),
    after=st.lists(creations, max_size=4),
    changes=st.lists(edits, max_size=6),
    gone=st.none() | st.tuples(sides, numbers),
    policy=policies,
    whole=st.booleans(),
)
def test_what_a_preview_says_is_what_the_drain_does(
    before: list[tuple[Side, str, str, bool]],
    after: list[tuple[Side, str, str, bool]],
    changes: list[tuple[Side, int, int, str]],
    gone: tuple[Side, int] | None,
    policy: ContactSettings,
    *,
    whole: bool,
) -> None:
    village = Village(Stage.build(*SHORT, contacts=policy))
    try:
        for side, email, value, lead in before:
            village.create(side, email, value, lead=lead)
        village.stage.clock.advance(village.stage.drain.lease)
        village.runner.run(village.stage.settle_down())
        for side, email, value, lead in after:
            village.create(side, email, value, lead=lead)
        for side, number, which, value in changes:
            village.edit(side, number, which, value)
        if gone is not None:
            delete(village.stage, *gone)
        village.stage.crms.news.clear()
        village.stage.store.state.mail.rows.clear()
        check(village, First(BATCH) if whole else Named(*some(village.stage)))
    finally:
        village.close()


def delete(stage: Stage, side: Side, number: int) -> None:
    """A person deletes one record."""
    hubspot, salesforce = list(stage.crms.hubspot.contacts), list(stage.crms.salesforce.records)
    if side is Side.HUBSPOT and hubspot:
        stage.crms.hubspot.delete(hubspot[number % len(hubspot)])
    elif side is Side.SALESFORCE and salesforce:
        stage.crms.salesforce.delete(salesforce[number % len(salesforce)])


def some(stage: Stage) -> tuple[Side, tuple[str, ...]]:
    """All records of one side, gone ones included."""
    linked = {link.salesforce_id for link in stage.store.links}
    return Side.SALESFORCE, tuple(sorted({*stage.crms.salesforce.records, *linked}))


def check(village: Village, sample: Sample) -> None:
    """The preview, then the drain of the same records in the same order."""
    stage, run = village.stage, village.runner.run
    state, worlds, writes = stage.store.state.copy(), village.people(), len(stage.crms.writes)
    found = run(preview(stage.previewer, Asked(CONNECTION, sample)))
    assert (stage.store.state, village.people()) == (state, worlds)
    assert (len(stage.crms.writes), stage.crms.news) == (writes, [])

    claims, events = run(claims_of(stage, sample)), len(stage.store.events)
    for claim in claims:
        run(stage.note(claim.side, claim.record_id))
        stage.clock.advance(timedelta(microseconds=1))
    run(stage.drain_once())

    made = [e for key, (_, e) in stage.store.state.journal.items() if key not in state.journal]
    assert sorted(map(repr, map(of_entry, made))) == sorted(map(repr, said(found)))
    assert shown(stage, claims) == {
        Parked(one.claims[0], held.code, held.message, held.field)
        for one in found.found
        for held in one.held
    }
    ended = [e for e in stage.store.events[events:] if isinstance(e, RecordUnlinked)]
    assert len(ended) == sum(one.fate is Fate.UNLINK for one in found.found)
    for entry in made:
        if entry.status is Status.DONE:
            stands(stage, entry)
    assert (len(stage.crms.writes) > writes) == (sum(found.write_calls.values()) > 0)


async def claims_of(stage: Stage, sample: Sample) -> list[Claim]:
    """The records of a sample, in its order."""
    connection = stage.store.state.connections[CONNECTION]
    async with stage.crms.open(connection, purpose="test") as crm:
        return await sampled(crm, sample)


def said(found: Preview) -> Iterator[Write]:
    """The writes of a preview, one for each record that gets any."""
    for one in found.found:
        for side in Side:
            if one.gets(side):
                create = one.create is side
                own, other = one.hubspot_id, one.salesforce_id
                if side is Side.SALESFORCE:
                    own, other = other, own
                fields = tuple(write for write in one.writes if write.side is side)
                operation = Operation.CREATE if create else Operation.UPDATE
                yield side, operation, other if create else own, fields


def of_entry(entry: Entry) -> Write:
    """The same of a journal entry: an update by its record, a creation by the one it is of."""
    own, other = entry.hubspot_id, entry.salesforce_id
    if entry.side is Side.SALESFORCE:
        own, other = other, own
    known = other if entry.operation is Operation.CREATE else own
    return entry.side, entry.operation, known, entry.fields


def shown(stage: Stage, claims: list[Claim]) -> set[Parked]:
    """What waits for a person, but for what the CRM itself refused (its codes are capitals)."""
    return {p for p in stage.store.parked if p.claim in claims and not p.code.isupper()}


def stands(stage: Stage, entry: Entry) -> None:
    """The record holds what the preview promised."""
    world = stage.crms
    person = (
        world.hubspot.person(str(entry.hubspot_id))
        if entry.side is Side.HUBSPOT
        else world.salesforce.person(str(entry.salesforce_id))
    )
    settings = stage.store.state.connections[CONNECTION].settings
    assert settings is not None
    by_field = {one.field_on(entry.side): one for one in mappings_of(settings)}
    for write in entry.fields:
        one = by_field.get(write.field)
        if one is not None:
            raw = person.values.get(write.field)
            assert canonical(one.kind, raw, entry.side, world.owners) == write.after
