"""The audience of a rehearsal: ``python -m app.demo.rehearsal --url http://… --slug rehearsal--…``.

The demo's people, with one who advertises, and now and then one segment that does not understand.
They come by the invites in ``CAUSERIE_REHEARSAL_INVITES``, a JSON object of tokens by segment
(empty: any), and end with standard input, with the session, or by a signal.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import random
import signal
import sys

from app.demo.__main__ import until_left_alone
from app.demo.audience import Member, Tempo, ask_in_turn, waves
from app.demo.client import Api, Connection, Frame, Gone, Refused
from app.demo.host import reach_loopback
from app.demo.lines import PEOPLE, Person

log = logging.getLogger("causerie.demo")

AUDIENCE = 12
CONFUSED = "prospect"
FIRST_CONFUSION_S = 3.0
CONFUSION_EVERY_S = 75.0
QUESTION_EVERY_S = 10.0
PUSHY = Tempo(mean_s=4.0, first_s=2.0)
SEED = 7


async def enter(api: Api, slug: str, person: Person, invites: dict[str, str]) -> Member:
    """One of them comes in, by the invite of their segment where it takes one."""
    body: Frame = {"display_name": person.name, "language": person.language}
    if person.segment in invites:
        body["invite"] = invites[person.segment]
    else:
        body |= {"segment": person.segment, "invite": invites[""]}
    seat = await api.join(slug, body)
    rng = random.Random(f"{SEED}/{person.name}/connection")
    connection = Connection(api, slug, seat, rng)
    return Member(person, connection, lambda what: random.Random(f"{SEED}/{person.name}/{what}"))


async def greetings(members: list[Member], rng: random.Random) -> None:
    """One after the other says something: the host sees at once that somebody is there."""
    for member in members:
        with contextlib.suppress(Refused, Gone):
            await member.greet()
        await asyncio.sleep(rng.uniform(0.05, 0.4))


async def confusion(members: list[Member], rng: random.Random) -> None:
    """All of one segment say, within seconds, that they do not understand."""
    lost = [each for each in members if each.person.segment == CONFUSED]
    await asyncio.sleep(FIRST_CONFUSION_S)
    while not all(each.connection.gone for each in lost):
        for _ in range(3):
            for member in lost:
                with contextlib.suppress(Refused, Gone):
                    await member.react("confused")
                await asyncio.sleep(rng.uniform(0.1, 0.6))
        await asyncio.sleep(CONFUSION_EVERY_S)


async def run(url: str, slug: str, invites: dict[str, str]) -> None:
    """Until cancelled, or until none of them is let in any more."""
    api = Api(url, "")
    try:
        members = [await enter(api, slug, person, invites) for person in PEOPLE[:AUDIENCE]]
        tempo = Tempo(mean_s=12.0)
        playing = [
            greetings(members, random.Random(f"{SEED}/greetings")),
            ask_in_turn(members, random.Random(f"{SEED}/questions"), QUESTION_EVERY_S),
            waves(members, random.Random(f"{SEED}/waves"), tempo),
            confusion(members, random.Random(f"{SEED}/confusion")),
            *(member.live(PUSHY if member.person.spams else tempo) for member in members),
        ]
        acting = [asyncio.ensure_future(each) for each in playing]
        await asyncio.gather(*(member.connection.run() for member in members))
        for each in acting:
            each.cancel()
        await asyncio.gather(*acting, return_exceptions=True)
    finally:
        await api.close()


async def main() -> int:
    """Run until a signal, or the end of standard input; the exit code."""
    logging.basicConfig(stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    reach_loopback()
    parser = argparse.ArgumentParser(prog="python -m app.demo.rehearsal", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--slug", required=True)
    options = parser.parse_args()
    invites = json.loads(os.environ["CAUSERIE_REHEARSAL_INVITES"])
    running = asyncio.create_task(run(options.url, options.slug, invites))
    watching = asyncio.create_task(until_left_alone(running.cancel))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    watching.cancel()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
