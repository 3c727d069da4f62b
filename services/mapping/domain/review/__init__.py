"""The review: what a set of choices will do, and what is wrong with it, before anything moves."""

from services.mapping.domain.review.found import Facts, Part, Problem, Review, Severity, Statement
from services.mapping.domain.review.whole import judge, review

__all__ = ["Facts", "Part", "Problem", "Review", "Severity", "Statement", "judge", "review"]
