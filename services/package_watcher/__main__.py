"""`python -m services.package_watcher api|worker|migrate|topology|all`."""

from services.package_watcher.main import build
from services.package_watcher.settings import Settings
from shared.runtime.process import run

if __name__ == "__main__":
    run("package_watcher", Settings, build)
