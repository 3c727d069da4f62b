"""Both CRMs behind the `Crms` port of the mapping service."""

from services.mapping.gateways.crms import CrmCatalogues

__all__ = ["CrmCatalogues"]
