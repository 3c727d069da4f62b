"""The package as the composition root hands it to the gateway."""

from functools import partial

from services.package_watcher.gateways import BASE, Package, PackageSource
from services.package_watcher.settings import SOURCE


def package() -> Package:
    """This tree's own source."""
    source = PackageSource(SOURCE)
    return Package(partial(source.zip, BASE), partial(source.removal, BASE), source.version())
