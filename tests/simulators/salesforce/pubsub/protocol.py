"""The messages of ``pubsub_api.proto``, compiled at run time: no generated code is kept."""

import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType

from grpc_tools import protoc

SOURCE = Path(__file__).with_name("pubsub_api.proto")
SERVICE = "eventbus.v1.PubSub"
LATEST, EARLIEST, CUSTOM = 0, 1, 2
"""The replay presets."""


def compiled() -> ModuleType:
    """A module with a class for each message. RuntimeError when the source does not compile."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["protoc", f"-I{SOURCE.parent}", f"--python_out={folder}", SOURCE.name]
        if protoc.main(arguments) != 0:
            raise RuntimeError(f"{SOURCE} does not compile; protoc said why on stderr")
        return _module(Path(folder) / f"{SOURCE.stem}_pb2.py")


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
