"""Salesforce behind the port of the package watcher."""

from services.package_watcher.gateways.archive import package_zip
from services.package_watcher.gateways.org import SalesforceOrgs

__all__ = ["SalesforceOrgs", "package_zip"]
