"""The hosts of one org, told apart by the Host header (facts: sections 1.1 and 1.3).

``login.X`` and ``test.X`` are the login hosts of production orgs and of sandboxes,
``name.my.X`` and ``name--dev.sandbox.my.X`` are My Domains. Any other name, such as 127.0.0.1, is
all of them in one.
"""

from dataclasses import dataclass

from fastapi import Request

LOGIN = "login"
TEST = "test"
MY_DOMAIN = ".my."
NAME = "simulated"
SANDBOX_NAME = "simulated--dev.sandbox"


@dataclass(frozen=True, slots=True)
class Hosts:
    """``scheme`` and ``host`` (with its port) of a request to an org."""

    scheme: str
    host: str
    sandbox: bool

    @property
    def _rest(self) -> str | None:
        """What all names of the org end with; None where one name is all of them."""
        first, _, rest = self.host.partition(".")
        if first in {LOGIN, TEST} and rest:
            return rest
        return self.host.partition(MY_DOMAIN)[2] or None

    @property
    def foreign(self) -> bool:
        """Whether this is the login host of the other kind of orgs, which do not know the user."""
        first, dot, _ = self.host.partition(".")
        return dot == "." and first == (LOGIN if self.sandbox else TEST)

    @property
    def identity(self) -> str:
        """The base of identity URLs: the login host of the environment."""
        return self._url(f"{TEST if self.sandbox else LOGIN}.")

    @property
    def instance(self) -> str:
        """The base of all API calls: the My Domain."""
        if MY_DOMAIN in self.host:
            return f"{self.scheme}://{self.host}"
        return self._url(f"{SANDBOX_NAME if self.sandbox else NAME}{MY_DOMAIN}")

    def _url(self, prefix: str) -> str:
        rest = self._rest
        return f"{self.scheme}://{self.host}" if rest is None else f"{self.scheme}://{prefix}{rest}"


def hosts_of(request: Request, *, sandbox: bool) -> Hosts:
    """The hosts behind a request."""
    base = request.base_url
    return Hosts(base.scheme, base.netloc, sandbox)
