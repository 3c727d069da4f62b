"""A draft as the API shows it."""

from datetime import datetime

from fastapi import Response
from pydantic import BaseModel

from services.mapping.api.answers import tag
from services.mapping.api.review_views import ProblemView, problem_view
from services.mapping.handlers.drafts import Opened
from shared.contracts.settings import Settings


class DraftView(BaseModel):
    """The settings as the draft has them; `revision` is its ETag.

    `problems` are those that the kept catalogues show; the review looks up more.
    """

    revision: int
    base_version: int
    author: str
    changed_at: datetime
    settings: Settings
    problems: list[ProblemView]


def draft_view(response: Response, opened: Opened) -> DraftView:
    """The body, and the ETag in its header."""
    tag(response, opened.revision)
    return DraftView(
        revision=opened.revision,
        base_version=opened.draft.base_version,
        author=opened.draft.author,
        changed_at=opened.draft.changed_at,
        settings=opened.draft.settings,
        problems=[problem_view(problem) for problem in opened.problems],
    )
