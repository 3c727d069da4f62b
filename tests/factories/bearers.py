"""The Authorization header of somebody who may ask."""

from datetime import datetime, timedelta

from shared.kernel.clock import SystemClock
from shared.security.tokens import Role, TokenKey, mint

LIFETIME = timedelta(minutes=5)


def bearer(
    key: TokenKey,
    role: Role,
    *,
    service: str,
    subject: str = "ada",
    now: datetime | None = None,
) -> dict[str, str]:
    """Headers with a token of `role` that `service` accepts until five minutes after `now`.

    Make it for the request that uses it: one made at import is out of date by the time that a
    long run comes to its test.
    """
    audience = service if role is Role.SERVICE else "causeway"
    made_at = now or SystemClock().now()
    token = mint(key, subject=subject, role=role, audience=audience, lifetime=LIFETIME, now=made_at)
    return {"Authorization": f"Bearer {token}"}
