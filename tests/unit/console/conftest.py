from collections.abc import AsyncIterator

import pytest

from tests.unit.console.browser import Browser, browser


@pytest.fixture
async def visitor() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


@pytest.fixture
async def admin(visitor: Browser) -> Browser:
    await visitor.sign_in()
    return visitor
