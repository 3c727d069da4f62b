"""Salesforce behind the port of the package watcher."""

from services.package_watcher.gateways.archive import BASE, CHANGE_EVENTS, PackageSource
from services.package_watcher.gateways.org import Package, SalesforceOrgs
from services.package_watcher.gateways.vault import Vault
from services.package_watcher.gateways.window import WindowOrgs

__all__ = [
    "BASE",
    "CHANGE_EVENTS",
    "Package",
    "PackageSource",
    "SalesforceOrgs",
    "Vault",
    "WindowOrgs",
]
