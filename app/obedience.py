"""What another node orders, done on this one."""

from __future__ import annotations

import asyncio

from app.nodes import BansChanged, BrandChanged, Order, ShowOut, SlateSet, Speaking, StageMoved
from app.services import Services


class Obedience:
    """Does on this node what another one orders."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._tasks: set[asyncio.Task[None]] = set()

    def obey(self, order: Order) -> None:
        """Begin at once, and return."""
        task = asyncio.get_running_loop().create_task(self._do(order))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, order: Order) -> None:
        match order:
            case ShowOut():
                leaving = self._services.leaving
                await leaving.show_out_here(order.session_id, order.participant_id)
            case BrandChanged():
                await self._services.brands.load()
            case BansChanged():
                self._services.bans.reload()
            case Speaking():
                self._services.stage.spoken(order.session_id, order.seats)
            case StageMoved():
                await self._services.stage.follow(order.session_id, order.state)
            case SlateSet():
                self._services.slates.obey(order.session_id, on=order.on)
