"""What is served where: the API, the fault dial, OAuth, and a page for people."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from lib.practice import admin, oauth, operations, page
from lib.practice.exchange import PREFIX, Exchange
from lib.practice.world import World


def make_app(world: World) -> Starlette:
    """The ASGI application over a world; while it runs it works on batches of operations."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with operations.working(world):
            yield
        world.keep()
        world.disk.close()

    app = Starlette(
        routes=[
            Route("/", page.show),
            Mount(PREFIX, app=Exchange(world)),
            Mount("/practice", routes=admin.routes()),
            *oauth.routes(),
            *operations.routes(),
        ],
        lifespan=lifespan,
    )
    app.state.world = world
    return app
