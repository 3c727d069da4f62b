"""Calls to other services, and what workers get that way: access tokens and API calls."""

from shared.web.peers.access import CrmAccess
from shared.web.peers.meter import LeasedMeter, QuotaExhaustedError
from shared.web.peers.peer import Peer, PeerRefusedError, PeerUnavailableError

__all__ = [
    "CrmAccess",
    "LeasedMeter",
    "Peer",
    "PeerRefusedError",
    "PeerUnavailableError",
    "QuotaExhaustedError",
]
