"""Both CRMs and the peers behind the ports of contact_sync."""

from services.contact_sync.gateways.crms import CrmGateways
from services.contact_sync.gateways.peers import PeersAround

__all__ = ["CrmGateways", "PeersAround"]
