"""Whatever a client sends that the document allows, or does not: no server error, and each error
is a problem with a type and a text that says what to do.

Schemathesis makes the requests from the OpenAPI document. Half of them name a connection that
exists, and the newest ETag, so that they reach the use cases behind the doors.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from tests.contracts.api.deployments import DEPLOYMENTS, Deployment

PROBLEM = "application/problem+json"
REFUSED = 400
FAILED = 500
BUDGET = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a request is found again by what the test says of it
    suppress_health_check=list(HealthCheck),
)
PAGES = ("/authorizations/{ticket}/start", "/callbacks/{side}")
"""A person's browser is there: it gets a page."""

UNTESTED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Not of these services: every service has them, and their own tests."""


@pytest.fixture(scope="module", params=sorted(DEPLOYMENTS))
def deployment(request: pytest.FixtureRequest) -> Deployment:
    return DEPLOYMENTS[request.param]()


def operations(deployment: Deployment) -> Iterator[Any]:
    app = deployment.app()
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        if result.ok().path not in UNTESTED:
            yield result.ok()


def check(case: Case[Any], deployment: Deployment, *, known: bool, stage: str) -> None:
    connection_id = deployment.enter(stage)
    if known:
        if "connection_id" in case.path_parameters:
            case.path_parameters["connection_id"] = str(connection_id)
        if case.method in {"PUT", "DELETE"}:
            case.headers["If-Match"] = deployment.etag(case.path)
    answer = case.call(headers=deployment.headers(), allow_redirects=False)
    told = f"{case.method} {case.formatted_path} {case.body!r} in {stage}: {answer.status_code}"
    assert answer.status_code < FAILED, f"{told} {answer.text}"
    if answer.status_code >= REFUSED and not case.path.endswith(PAGES):
        assert answer.headers["content-type"] == [PROBLEM], told
        body = answer.json()
        assert body["type"].startswith("urn:causeway:problem:"), told
        assert body["detail"], told


def try_out(operation: Any, mode: GenerationMode, deployment: Deployment) -> None:
    @BUDGET
    @given(
        case=operation.as_strategy(generation_mode=mode),
        known=st.booleans(),
        stage=st.sampled_from(deployment.stages),
    )
    def attempt(case: Case[Any], known: bool, stage: str) -> None:  # noqa: FBT001
        check(case, deployment, known=known, stage=stage)

    attempt()


def test_what_the_document_allows(deployment: Deployment) -> None:
    for operation in operations(deployment):
        try_out(operation, GenerationMode.POSITIVE, deployment)


def test_what_the_document_does_not_allow(deployment: Deployment) -> None:
    tried = 0
    for operation in operations(deployment):
        # Any text fits an operation whose only parameter is one: there is nothing to get wrong.
        with suppress(Unsatisfiable):
            try_out(operation, GenerationMode.NEGATIVE, deployment)
            tried += 1
    assert tried > len([*operations(deployment)]) // 2
