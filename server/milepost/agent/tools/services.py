"""`start_service` and `stop_service`: the services of the manifest, inside the attempt's cell."""

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import services_of
from milepost.agent.tools.seated import DOERS, USERS
from milepost.domain.shape import Shape, Text
from milepost.workspace.services import Services


class NamedService(Shape):
    """Arguments of start_service and stop_service."""

    name: Text


async def start_service(desk: Desk, args: NamedService) -> Shown:
    """Start a service and those it depends on, and wait until it is ready."""
    services = services_of(desk)
    if desk.seat in USERS:
        await empty(desk, services, args.name)
    started = await services.start(args.name)
    place = f" at {started.url}, in commands on port $PORT_{args.name.replace('-', '_').upper()}" if started.url else ""
    return Shown(f"{args.name} is ready{place}")


async def stop_service(desk: Desk, args: NamedService) -> Shown:
    """Stop a service."""
    await services_of(desk).stop(args.name)
    return Shown(f"{args.name} is stopped")


async def empty(desk: Desk, services: Services, name: str) -> None:
    """A service and those it depends on begin the attempt without data; what they write later outlives a restart."""
    begun: set[str] = desk.drivers.setdefault("begun", set())
    service = desk.mission.manifest.service(name) if desk.mission.manifest else None
    if service is None or name in begun:
        return
    begun.add(name)
    for other in service.depends_on:
        await empty(desk, services, other)
    await services.reset(name)


START_SERVICE = Tool("start_service", NamedService, start_service, seats=DOERS, repeatable=True)
STOP_SERVICE = Tool("stop_service", NamedService, stop_service, seats=DOERS, repeatable=True)
