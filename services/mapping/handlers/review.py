"""The review: the choices, looked at with what both CRMs say today."""

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import Catalogue
from services.mapping.domain.review import Facts, Part, Problem, Review, Severity, review
from services.mapping.domain.review.budget import IMPORTED
from services.mapping.domain.review.found import Owners
from services.mapping.domain.review.mappings import live
from services.mapping.domain.review.owners import without_counterpart
from services.mapping.domain.setup import Setup, Sync, unfinished
from services.mapping.handlers.drafts import catalogue_of, subject_of
from services.mapping.handlers.lists import chosen_lists
from services.mapping.handlers.missing import foresee
from services.mapping.handlers.refusals import known
from services.mapping.handlers.translate import choices_of
from services.mapping.ports import Lookups, People, Store
from shared.kernel.errors import FatalError, RetriableError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review, and what it is of: the setup as it was then says whether it still holds."""

    setup: Setup
    choices: Choices
    catalogue: Catalogue
    review: Review


async def review_setup(store: Store, lookups: Lookups, connection_id: UUID) -> Reviewed:
    """Reviews the open draft, or the newest version. Nothing is written.

    Raises:
        RefusedError: the connection is unknown, or has no settings yet.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        choices = choices_of((await subject_of(work, setup)).settings)
        catalogue = await catalogue_of(work, connection_id)
        sharing = await work.setups.sharing(setup.org_id, besides=connection_id)
    facts = await _facts(lookups, setup, choices)
    foreseen = foresee(choices, catalogue)
    facts = replace(facts, sharing=sharing, creating=foreseen.names)
    found = review(choices, foreseen.catalogue, facts)
    problems = (*_steps(setup), *found.problems)
    return Reviewed(setup, choices, catalogue, replace(found, problems=problems))


def _steps(setup: Setup) -> tuple[Problem, ...]:
    """What has to be done before the sync can start."""
    if setup.sync is not Sync.NOT_STARTED:
        return ()
    return tuple(
        Problem(
            "step-missing",
            Severity.ERROR,
            Part.SETUP,
            f"steps.{step.name}",
            f"The step {step.name} is not done.",
            step.todo,
        )
        for step in unfinished(setup)
    )


async def _facts(lookups: Lookups, setup: Setup, choices: Choices) -> Facts:
    """What both CRMs say; what one does not say becomes a warning, not a failure."""
    if not setup.connected or setup.broken:
        return Facts(unknown=("both CRMs have to be connected for that.",))
    asking = _Asking()
    lists: dict[str, HubSpotList | None] = {}
    for _, chosen in chosen_lists(choices):
        answer = await asking.told(_one_list(lookups, setup, chosen.list_id), "the inclusion list")
        lists.update(answer or {})
    people = await asking.told(lookups.people(setup.connection_id), "owners and users")
    synced = [one for one in IMPORTED if live(choices, one)]
    sizes = await asking.told(lookups.sizes(setup.connection_id, synced), "numbers of records")
    return Facts(
        lists=lists,
        owners=None if people is None else _owners(people, choices),
        sizes=sizes,
        unknown=tuple(asking.unknown),
    )


async def _one_list(lookups: Lookups, setup: Setup, list_id: str) -> dict[str, HubSpotList | None]:
    return {list_id: await lookups.list_by_id(setup.connection_id, list_id)}


def _owners(people: People, choices: Choices) -> Owners:
    hubspot, salesforce = without_counterpart(people.hubspot, people.salesforce, choices)
    return Owners(hubspot, salesforce)


class _Asking:
    """Asks, and keeps why there was no answer."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    async def told(self, answer: Awaitable[T], what: str) -> T | None:
        """The answer, None when a CRM gave none."""
        try:
            return await answer
        except (RetriableError, FatalError) as error:
            self.unknown.append(f"{what}. {error}")
            return None
