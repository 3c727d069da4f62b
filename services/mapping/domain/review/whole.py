"""The parts of the review, put together."""

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Catalogue, Mapping
from services.mapping.domain.review.activities import activity_problems
from services.mapping.domain.review.budget import budget_problems
from services.mapping.domain.review.deals import deal_problems
from services.mapping.domain.review.found import Facts, Part, Problem, Review, warning
from services.mapping.domain.review.mappings import mapping_problems
from services.mapping.domain.review.objects import object_problems
from services.mapping.domain.review.owners import owner_problems
from services.mapping.domain.review.words import statements

NOTHING_LOOKED_UP = Facts()


def judge(
    choices: Choices, catalogue: Catalogue, facts: Facts = NOTHING_LOOKED_UP
) -> tuple[tuple[Mapping, ...], tuple[Problem, ...]]:
    """The mappings that are possible, and everything that is wrong."""
    mappings, wrong = mapping_problems(choices, catalogue)
    problems = (
        *object_problems(choices, facts),
        *deal_problems(choices, catalogue),
        *activity_problems(choices, catalogue),
        *wrong,
        *owner_problems(choices, facts),
        *budget_problems(choices, facts),
        *(_unknown(what) for what in facts.unknown),
    )
    return mappings, problems


def review(choices: Choices, catalogue: Catalogue, facts: Facts) -> Review:
    """What will happen, in words, and everything that is wrong."""
    mappings, problems = judge(choices, catalogue, facts)
    return Review(statements(choices, mappings, facts), problems)


def _unknown(what: str) -> Problem:
    return warning(
        "not-looked-up",
        Part.SETUP,
        "setup",
        what=f"Not looked up: {what}",
        fix="Look at the review again when the CRM answers, or go on without knowing.",
    )
