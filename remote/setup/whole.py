"""All steps in order. Each looks first, so that a second run does nothing twice."""

from remote.setup.choice import choose
from remote.setup.connect import connect
from remote.setup.finish import finish, imports
from remote.setup.package import package
from remote.setup.preflight import preflight
from remote.setup.walk import Walk, done
from remote.setup.window import window


async def set_up(walk: Walk) -> str:
    """From a file to a sync that runs; answers the connection's id.

    Raises:
        StoppedError: a person has to do something first.
        RefusedError, AwayError, UsageError: as the client says.
    """
    connection_id = await connect(walk)
    if done(await walk.setup(connection_id), "finished"):
        walk.screen.say(
            "setup: finished already; settings are changed with `causeway settings import`"
        )
    else:
        await walk.until_done(connection_id, "connect")
        await preflight(walk, connection_id)
        await package(walk, connection_id)
        await window(walk, connection_id)
        await choose(walk, connection_id)
        await finish(walk, connection_id)
    await imports(walk, connection_id)
    return connection_id
