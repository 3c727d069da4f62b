"""Two sets of choices, part by part."""

from services.mapping.domain.choices import Choices
from services.mapping.domain.review import Part
from services.mapping.domain.wording.changes import Change
from services.mapping.domain.wording.deals import pipelines
from services.mapping.domain.wording.labels import Labels
from services.mapping.domain.wording.mappings import mappings
from services.mapping.domain.wording.parts import budget, events, owners, single_values

UNNAMED = Labels()


def differ(before: Choices, after: Choices, labels: Labels = UNNAMED) -> tuple[Change, ...]:
    """Everything that differs, in the order of the setup's pages.

    The order of mappings, pipelines, stages, events and owners means nothing. What follows from
    the CRMs (types, lengths, who can be written) is not compared: it is judged, not chosen.
    """
    return (
        *single_values(Part.CONTACTS, before.contacts, after.contacts),
        *single_values(Part.COMPANIES, before.companies, after.companies),
        *single_values(Part.DEALS, before.deals, after.deals),
        *pipelines(before.deals, after.deals, labels),
        *single_values(Part.ACTIVITIES, before.activities, after.activities),
        *events(before.activities, after.activities),
        *mappings(before.wanted, after.wanted),
        *owners(before, after),
        *budget(before, after),
    )
