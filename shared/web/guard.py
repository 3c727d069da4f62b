"""Who may call a route: bearer tokens as FastAPI dependencies."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.kernel.clock import Clock
from shared.security.tokens import Principal, Role, TokenKey, TokenRefusedError, verify
from shared.web.problems import Problem

_BEARER = HTTPBearer(auto_error=False, description="A JWT of this deployment")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
Gate = Callable[[HTTPAuthorizationCredentials | None], Awaitable[Principal]]

_VIEWERS = frozenset({Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.SERVICE})
_OPERATORS = frozenset({Role.OPERATOR, Role.ADMIN})
_ADMINS = frozenset({Role.ADMIN})
_SERVICES = frozenset({Role.SERVICE})


class Guard:
    """Dependencies that let a bearer in by role and return the Principal.

    `viewer`, `operator` and `admin` are ordered; a service's token (made for this service, the
    `audience`) passes `service` and `viewer`. Use them as
    `APIRouter(dependencies=[Depends(guard.viewer)])`.
    401 without a token that verifies, 403 with one of too small a role.
    """

    def __init__(self, token_key: TokenKey, *, audience: str, clock: Clock) -> None:
        self._key = token_key
        self._audience = audience
        self._clock = clock
        self.viewer = self._gate(_VIEWERS, "viewer")
        self.operator = self._gate(_OPERATORS, "operator")
        self.admin = self._gate(_ADMINS, "admin")
        self.service = self._gate(_SERVICES, "service")

    def principal(self, token: str) -> Principal:
        """Who this token speaks for; Problem 401 when it is refused."""
        try:
            return verify(self._key, token, audience=self._audience, now=self._clock.now())
        except TokenRefusedError as error:
            raise Problem(
                401,
                type=error.code.replace("_", "-"),
                title="The token is refused",
                detail=str(error),
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            ) from None

    def _gate(self, allowed: frozenset[Role], needed: str) -> Gate:
        async def gate(credentials: Credentials) -> Principal:
            if credentials is None:
                raise Problem(
                    401,
                    type="token-missing",
                    title="A token is needed",
                    detail="Send Authorization: Bearer <token> "
                    "(python -m services token create prints one).",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            principal = self.principal(credentials.credentials)
            if principal.role not in allowed:
                raise Problem(
                    403,
                    type="role-too-small",
                    title="Not allowed",
                    detail=f"This needs the role {needed}; the token has {principal.role.value}.",
                )
            return principal

        return gate
