"""Everything that a plan makes, as a stream: nothing of it is kept here."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.simulators.people import Person, crowd
from tests.simulators.world.activities import Activity, activity
from tests.simulators.world.companies import Company, company
from tests.simulators.world.deals import Deal, deal
from tests.simulators.world.dirt import soiled, soiled_company
from tests.simulators.world.draws import place
from tests.simulators.world.plan import DEFAULT_DOMAIN, Plan


@dataclass(frozen=True, slots=True)
class World:
    """The records of a plan. Relations are places: the ``n``-th person, company or deal."""

    plan: Plan

    def companies(self) -> Iterator[Company]:
        """All companies."""
        for number in range(self.plan.companies):
            clean = company(self.plan.seed, number)
            yield soiled_company(clean, seed=self.plan.seed, number=number, share=self.plan.dirty)

    def people(self) -> Iterator[Person]:
        """All people but twins; they work for the companies of the plan, if it has any."""
        plan = self.plan
        domain = plan.email_domain or DEFAULT_DOMAIN
        for number, one in enumerate(crowd(seed=plan.seed, email_domain=domain)):
            if number == plan.people:
                return
            employed = self._employed(one, number) if plan.companies else one
            yield soiled(employed, seed=plan.seed, number=number, share=plan.dirty)

    def _employed(self, one: Person, number: int) -> Person:
        employer = company(self.plan.seed, self.company_of(number))
        local = one.email.partition("@")[0]
        address = one.email if self.plan.email_domain else f"{local}@{employer.domain}"
        return replace(one, company=employer.name, email=address)

    def company_of(self, person: int) -> int:
        """Which company a person works for. 0 without companies."""
        return place(person, self.plan.companies)

    def deals(self) -> Iterator[tuple[Deal, int | None, int | None]]:
        """All deals, each with its company and its person, as far as there are any."""
        plan = self.plan
        for number in range(plan.deals):
            person = place(number, plan.people) if plan.people else None
            if not plan.companies:
                buyer = None
            elif person is None:
                buyer = place(number, plan.companies)
            else:
                buyer = self.company_of(person)
            name = "Somebody" if buyer is None else company(plan.seed, buyer).name[:60]
            yield deal(plan.seed, number, name), buyer, person

    def activities(self, kind: str) -> Iterator[tuple[Activity, int | None, int | None]]:
        """All activities of a kind, each with its person and its deal, as far as there are any."""
        plan = self.plan
        for number in range(plan.count(kind)):
            person = place(number, plan.people) if plan.people else None
            sale = place(number, plan.deals) if plan.deals and number % 3 == 0 else None
            yield activity(plan.seed, kind, number), person, sale
