"""Both CRMs and the peers behind the ports of contact_sync."""

from services.contact_sync.gateways.crms import CrmGateways

__all__ = ["CrmGateways"]
