"""A review as the API shows it, and what is said after the finish."""

from pydantic import BaseModel, Field

from services.mapping.api.asked import Asked, Name
from services.mapping.api.models import SetupView
from services.mapping.domain.review import Part, Problem, Severity
from services.mapping.handlers.review import Reviewed

MAX_CODES = 100
"""More than there are codes."""


class ProblemView(BaseModel):
    """One thing that is wrong, where, and what to do."""

    code: str
    severity: Severity
    part: Part
    where: str
    what: str
    fix: str


class StatementView(BaseModel):
    """One thing that will happen."""

    part: Part
    text: str


class ReviewView(BaseModel):
    """What the finish would start. `acknowledge` are the codes that it has to be sent."""

    version: int
    draft_revision: int | None
    can_finish: bool
    statements: list[StatementView]
    problems: list[ProblemView]
    acknowledge: list[str]


class FinishRequest(Asked):
    """The codes of the review's warnings that the admin has read."""

    acknowledge: tuple[Name, ...] = Field(default=(), max_length=MAX_CODES)


class NextStepView(BaseModel):
    """Something that can be done now, and the request that does it."""

    text: str
    request: str


class FinishView(SetupView):
    """The setup, and what the admin should know now."""

    message: str
    next_steps: list[NextStepView]


MESSAGE = (
    "The sync runs. No record moves by itself: a record syncs when it is created or edited on "
    "either side, when somebody asks for it, or with an import."
)


def next_steps(connection_id: object) -> list[NextStepView]:
    """What an admin may do after the start, in the order that makes sense."""
    imports = f'POST /api/v1/imports {{"connection_id": "{connection_id}", "side": '
    return [
        NextStepView(
            text="Edit one contact on either side, and watch it arrive on the other.",
            request=f"GET /api/v1/journal?connection_id={connection_id}",
        ),
        NextStepView(text="Import everybody from Salesforce.", request=f'{imports}"salesforce"}}'),
        NextStepView(text="Import everybody from HubSpot.", request=f'{imports}"hubspot"}}'),
    ]


def problem_view(problem: Problem) -> ProblemView:
    """A problem as the API shows it."""
    return ProblemView(
        code=problem.code,
        severity=problem.severity,
        part=problem.part,
        where=problem.where,
        what=problem.what,
        fix=problem.fix,
    )


def review_view(reviewed: Reviewed) -> ReviewView:
    """A review as the API shows it."""
    setup, review = reviewed.setup, reviewed.review
    return ReviewView(
        version=setup.version,
        draft_revision=setup.draft_revision if setup.drafting else None,
        can_finish=not review.errors,
        statements=[StatementView(part=one.part, text=one.text) for one in review.statements],
        problems=[problem_view(problem) for problem in review.problems],
        acknowledge=list(dict.fromkeys(problem.code for problem in review.warnings)),
    )
