from collections.abc import AsyncIterator

import pytest

from tests.unit.console.browser import Browser, Deployment, deployment


@pytest.fixture(scope="session")
def console() -> Deployment:
    """Built once: routes cost more to build than a test to run. A browser resets what it holds."""
    return deployment()


@pytest.fixture
async def visitor(console: Deployment) -> AsyncIterator[Browser]:
    async with console.browser() as opened:
        yield opened


@pytest.fixture
async def admin(visitor: Browser) -> Browser:
    await visitor.sign_in()
    return visitor
