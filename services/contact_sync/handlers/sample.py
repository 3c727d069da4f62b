"""Which records a preview looks at."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.contact_sync.domain.objects import PEOPLE
from services.contact_sync.domain.world import Claim
from services.contact_sync.ports import CrmReads
from shared.crm.salesforce.ids import id18
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Named:
    """These records of one side."""

    side: Side
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Newest:
    """The `number` records that were modified last; without a side, half of them from each."""

    number: int
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class First:
    """The first `number` records in the order of an import; without a side, half from each."""

    number: int
    side: Side | None = None


Sample = Named | Newest | First


async def sampled(crm: CrmReads, sample: Sample) -> list[Claim]:
    """The records of the sample, each once, as claims in the order of the sample."""
    if isinstance(sample, Named):
        whole = id18 if sample.side is Side.SALESFORCE else str
        return list(dict.fromkeys(Claim(sample.side, whole(one)) for one in sample.ids))
    claims: list[Claim] = []
    for side, number in _shares(sample):
        if number:
            claims += [Claim(side, one) for one in await _ids(crm, sample, side, number)]
    return claims


def _shares(sample: Newest | First) -> Sequence[tuple[Side, int]]:
    if sample.side is not None:
        return [(sample.side, sample.number)]
    half = sample.number // 2
    return [(Side.HUBSPOT, sample.number - half), (Side.SALESFORCE, half)]


async def _ids(crm: CrmReads, sample: Newest | First, side: Side, number: int) -> list[str]:
    if isinstance(sample, Newest):
        return await crm.latest_ids(side, number)
    found: list[str] = []
    for name in PEOPLE.on(in_hubspot=side is Side.HUBSPOT):
        if len(found) < number:
            found += await crm.page_of_ids(side, name, "", number - len(found))
    return found
