"""Which addresses may be called as a CRM: a guard against requests forged by an answer (SSRF).

`instance_url` arrives in a token answer, other addresses from settings. What is called must be
https on a host of the CRM, or exactly one of the origins that the deployment names (simulators).
"""

import re
from collections.abc import Collection

from shared.kernel.errors import FatalError

HUBSPOT_HOSTS = frozenset({"hubapi.com", "hubspot.com"})
SALESFORCE_HOSTS = frozenset({"salesforce.com"})
"""Customers' own pages are on other domains (force.com, my.salesforce-sites.com)."""
MAX_URL = 300
"""A host name has 253 characters at most."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ORIGIN = re.compile(rf"https://((?:{_LABEL}\.)+[a-z]{{2,63}})(?::443)?")


class HostRefusedError(FatalError):
    """An address that Causeway must not call."""


def check_base_url(
    url: str, *, allowed_hosts: Collection[str], extra_origins: Collection[str] = ()
) -> str:
    """The origin of `url` in lower case and without a slash at its end, when it may be called.

    Allowed is https on one of `allowed_hosts` or a host below it, on port 443, without user,
    path, query or fragment; or an origin spelt as in `extra_origins`. HostRefusedError for all
    else: addresses in numbers, IPv6, other ports, trailing dots, letters outside ASCII.
    The whole text is matched at once, so that no two parsers can read it differently.
    """
    origin = url.lower().removesuffix("/")
    if origin in {extra.lower().removesuffix("/") for extra in extra_origins}:
        return origin
    match = _ORIGIN.fullmatch(origin) if len(url) <= MAX_URL and url.isascii() else None
    if match is not None and _is_below(match[1], allowed_hosts):
        return f"https://{match[1]}"
    raise HostRefusedError(
        "An address was given that is not one of the CRM's own (https, a host below "
        f"{', '.join(sorted(allowed_hosts))}). It was not called. For a private CRM or a "
        "simulator, name its origin in CAUSEWAY_EXTRA_CRM_ORIGINS.",
        code="host_refused",
    )


def _is_below(host: str, allowed: Collection[str]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in allowed)
