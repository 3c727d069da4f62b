"""OAuth of both CRMs behind the port of the use cases; their errors translated."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx2

from services.connection.domain.connection import (
    SALESFORCE_ASSUMED_LIFETIME,
    Connection,
    Environment,
    Facts,
    Tokens,
)
from services.connection.domain.failures import ConnectError, Failures
from services.connection.domain.recognition import failure_of
from services.connection.domain.scopes import HUBSPOT_OPTIONAL_REASONS, scopes_for
from services.connection.ports import GrantDeadError
from shared.crm.errors import CrmAuthError, CrmFatalError
from shared.crm.grants import Grant
from shared.crm.hosts import SALESFORCE_HOSTS, HostRefusedError, check_base_url
from shared.crm.hubspot.oauth import HubSpotOAuth
from shared.crm.pkce import challenge_of
from shared.crm.salesforce.oauth import SalesforceOAuth
from shared.kernel.clock import Clock
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from shared.telemetry.logs import get_logger

_LOG = get_logger(__name__)
# HubSpot says expires_in; should it ever not, this is what it has been since 2021 (facts:
# hubspot-api §1).
HUBSPOT_LIFETIME = timedelta(minutes=30)
# An operator has to correct a setting: asking more often only makes noise at the CRM.
MISCONFIGURED_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class HubSpotGateway:
    """HubSpot's side of services.connection.ports.Crm; one address for all portals."""

    oauth: HubSpotOAuth
    redirect_uri: str
    clock: Clock

    def authorize_url(self, connection: Connection, *, state: str, verifier: str) -> str:
        """See the port."""
        del connection
        scopes = scopes_for(Side.HUBSPOT)
        return self.oauth.authorize_url(
            state,
            self.redirect_uri,
            scopes,
            challenge_of(verifier),
            optional=tuple(HUBSPOT_OPTIONAL_REASONS),
        )

    async def exchange(self, connection: Connection, *, code: str, verifier: str) -> Tokens:
        """See the port."""
        del connection
        with _exchanging():
            return self._tokens(await self.oauth.exchange(code, self.redirect_uri, verifier))

    async def refresh(self, connection: Connection, refresh_token: str) -> Tokens:
        """See the port."""
        del connection
        with _refreshing(Side.HUBSPOT):
            return self._tokens(await self.oauth.refresh(refresh_token))

    async def revoke(self, connection: Connection, refresh_token: str) -> None:
        """See the port."""
        del connection
        await self.oauth.revoke(refresh_token)

    def _tokens(self, grant: Grant) -> Tokens:
        facts = Facts(portal_id=grant.account_id or None, hubspot_user_id=grant.user_id or None)
        return _tokens(grant, self.clock, HUBSPOT_LIFETIME, grant.base_url, facts)


@dataclass(frozen=True, slots=True)
class SalesforceGateway:
    """Salesforce's side of the port; where to sign in depends on the connection."""

    http: httpx2.AsyncClient
    client_id: str
    client_secret: str
    login_urls: dict[Environment, str]
    redirect_uri: str
    extra_origins: tuple[str, ...]
    clock: Clock

    def authorize_url(self, connection: Connection, *, state: str, verifier: str) -> str:
        """See the port."""
        scopes = scopes_for(Side.SALESFORCE)
        challenge = challenge_of(verifier)
        return self._oauth(connection).authorize_url(state, self.redirect_uri, scopes, challenge)

    async def exchange(self, connection: Connection, *, code: str, verifier: str) -> Tokens:
        """See the port; an instance that is not on a Salesforce host is refused."""
        with _exchanging():
            grant = await self._oauth(connection).exchange(code, self.redirect_uri, verifier)
        try:
            return self._tokens(grant, self._checked(grant.base_url))
        except HostRefusedError:
            raise ConnectError(Failures.UNTRUSTED_HOST) from None

    async def refresh(self, connection: Connection, refresh_token: str) -> Tokens:
        """See the port; an untrusted new instance is ignored, the tokens are not: they rotate."""
        with _refreshing(Side.SALESFORCE):
            grant = await self._oauth(connection).refresh(refresh_token)
        try:
            base_url = self._checked(grant.base_url) if grant.base_url else ""
        except HostRefusedError:
            _LOG.warning("instance url refused", connection_id=str(connection.id))
            base_url = ""
        return self._tokens(grant, base_url)

    async def revoke(self, connection: Connection, refresh_token: str) -> None:
        """See the port."""
        await self._oauth(connection).revoke(refresh_token)

    def _tokens(self, grant: Grant, base_url: str) -> Tokens:
        facts = Facts(org_id=grant.account_id or None, salesforce_user_id=grant.user_id or None)
        return _tokens(grant, self.clock, SALESFORCE_ASSUMED_LIFETIME, base_url, facts)

    def _checked(self, url: str) -> str:
        return check_base_url(url, allowed_hosts=SALESFORCE_HOSTS, extra_origins=self.extra_origins)

    def _oauth(self, connection: Connection) -> SalesforceOAuth:
        domain = connection.salesforce_domain
        origin = f"https://{domain}" if domain else self.login_urls[connection.environment]
        return SalesforceOAuth(
            self.http,
            client_id=self.client_id,
            client_secret=self.client_secret,
            authorize_url=f"{origin}/services/oauth2/authorize",
            token_base_url=origin,
        )


def _tokens(grant: Grant, clock: Clock, assumed: timedelta, base_url: str, facts: Facts) -> Tokens:
    told = grant.expires_in
    lifetime = timedelta(seconds=told) if told is not None else assumed
    return Tokens(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires_at=clock.now() + lifetime,
        base_url=base_url,
        scopes=grant.scopes,
        facts=facts,
    )


@contextmanager
def _exchanging() -> Iterator[None]:
    """A refusal while a person waits is explained to that person."""
    try:
        yield
    except CrmFatalError as error:
        raise ConnectError(failure_of(error.code, str(error)), f"({error.code})") from None


@contextmanager
def _refreshing(side: Side) -> Iterator[None]:
    """Only what the CRM calls a dead grant breaks a connection; our own faults do not."""
    try:
        yield
    except CrmAuthError as error:
        raise GrantDeadError(str(error), code=error.code) from None
    except CrmFatalError as error:
        _LOG.error("refresh refused", side=side.value, code=error.code)
        raise RetriableError(
            str(error), code="oauth-client-refused", retry_after=MISCONFIGURED_RETRY_SECONDS
        ) from None
