"""Salesforce behind the port of the package watcher."""

from services.package_watcher.gateways.archive import BASE, CHANGE_EVENTS, PackageSource
from services.package_watcher.gateways.org import SalesforceOrgs

__all__ = ["BASE", "CHANGE_EVENTS", "PackageSource", "SalesforceOrgs"]
