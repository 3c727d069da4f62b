"""Both CRMs behind the ports of connection."""

from services.connection.gateways.oauth import HubSpotGateway, SalesforceGateway
from services.connection.gateways.scout import CrmScout

__all__ = ["CrmScout", "HubSpotGateway", "SalesforceGateway"]
