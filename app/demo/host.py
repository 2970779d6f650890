"""The synthetic host: publishes over WHIP as a browser would, and takes questions as a host does.

It steps aside for people: a person who takes the seat replaces its picture, a decision by a person
of the team ends its own deciding.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random

import httpx
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from app.demo.client import Api, Connection, Frame, Gone, Refused, Seat
from app.demo.picture import CardTrack, ToneTrack

log = logging.getLogger("causerie.demo")

SEAT = "host"
RETRY_S = 2.0


def reach_loopback() -> None:
    """Let aioice offer the loopback address too: the demo's host may be on a machine without any
    other. (aioice leaves 127.0.0.1 out of its host candidates and has no option for it.)"""
    discover = ice.get_host_addresses

    def with_loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 (aioice's own)
        return [*discover(use_ipv4, use_ipv6), "127.0.0.1"]

    ice.get_host_addresses = with_loopback


class Publisher:
    """One WHIP session at a time; ``publish`` ends when the connection does."""

    def __init__(self, api: Api, slug: str, seat: Seat, *, title: str, brand: str) -> None:
        self._api = api
        self._path = f"/sessions/{slug}/whip"
        self._headers = {"Authorization": f"Bearer {seat.token}"}
        self._title = title
        self._brand = brand
        self._over = asyncio.Event()

    def leave(self) -> None:
        """End the connection that there is."""
        self._over.set()

    async def publish(self) -> None:
        """Offer picture and sound, stay until the connection ends; raises ``httpx.HTTPError``."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._over.clear()

        @peer.on("connectionstatechange")
        def _changed() -> None:
            if peer.connectionState in ("failed", "closed", "disconnected"):
                self._over.set()

        peer.addTrack(CardTrack(self._title, self._brand))
        peer.addTrack(ToneTrack())
        location = None
        try:
            await peer.setLocalDescription(await peer.createOffer())
            answer = await self._api.http.post(
                self._path,
                content=peer.localDescription.sdp,
                headers={**self._headers, "Content-Type": "application/sdp"},
            )
            answer.raise_for_status()
            location = answer.headers["Location"]
            await peer.setRemoteDescription(RTCSessionDescription(sdp=answer.text, type="answer"))
            await self._over.wait()
        finally:
            await peer.close()
            if location is not None:
                await self._hang_up(location)

    async def _hang_up(self, location: str) -> None:
        try:
            await self._api.http.delete(
                httpx.URL(self._api.base_url).join(location), headers=self._headers
            )
        except httpx.HTTPError as error:
            log.debug("hanging up: %s", error)


class SyntheticHost:
    """The host's seat and desk, until a person takes either."""

    def __init__(
        self,
        connection: Connection,
        publisher: Publisher,
        rng: random.Random,
        *,
        pace_s: float,
        returns_after_s: float,
    ) -> None:
        self.connection = connection
        self._publisher = publisher
        self._rng = rng
        self._pace_s = pace_s
        self._returns_after_s = returns_after_s
        self._questions: dict[str, Frame] = {}
        self._stage_free = asyncio.Event()
        self._stage_free.set()
        self._stage_taken = asyncio.Event()
        self._seen_on_stage = False
        self._replaced = False
        connection.on_event = self._hear

    def _hear(self, kind: str, data: Frame) -> None:
        me = self.connection.seat.participant_id
        if kind.startswith("question."):
            question = data["into" if kind == "question.merged" else "question"]
            self._questions[question["id"]] = question
        elif kind == "vote.tallied" and data["question_id"] in self._questions:
            self._questions[data["question_id"]]["votes"] = data["votes"]
        elif kind == "stage.changed":
            self._see_stage({seat["participant_id"] for seat in data["stage"]["seats"]})
        elif kind == "decision.made":
            by = data["decision"]["by"]
            if by is not None and by["id"] != me:
                self._replaced = True

    def _see_stage(self, seated: set[str]) -> None:
        """Whoever is on stage now: a person makes us wait, and if we are not there any more then
        what we send goes nowhere, whatever our own end of the connection believes."""
        me = self.connection.seat.participant_id
        (self._stage_taken if seated - {me} else self._stage_free).set()
        (self._stage_free if seated - {me} else self._stage_taken).clear()
        if self._seen_on_stage and me not in seated:
            self._publisher.leave()
        self._seen_on_stage = me in seated

    async def stay_on_air(self) -> None:
        """Publish; after a person has taken the seat and left it for a while, come back."""
        while not self.connection.gone:
            try:
                await self._publisher.publish()
            except httpx.HTTPStatusError as error:
                log.info("the host's seat is not to be had: %s", error.response.text[:200])
            except httpx.HTTPError as error:
                log.info("cannot publish: %s", error)
            await asyncio.sleep(RETRY_S)
            await self._wait_for_the_seat()

    async def _wait_for_the_seat(self) -> None:
        """Return at once if nobody has it, else once nobody had it for a while: a person who
        reloads the page, or drops out for a moment, finds the seat as it was."""
        while self._stage_taken.is_set():
            await self._stage_free.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._returns_after_s):
                    await self._stage_taken.wait()

    async def take_questions(self) -> None:
        """Answer the most wanted question, then the next, until a person of the team decides."""
        await asyncio.sleep(self._pace_s / 3)
        while not self._replaced:
            try:
                await self._next_question()
            except Refused as refused:
                log.debug("the synthetic host was refused: %s", refused)
            except Gone:
                return
            await asyncio.sleep(self._pace_s * self._rng.uniform(0.8, 1.3))

    async def _next_question(self) -> None:
        for question in self.connection.snapshot.get("questions", {}).get("items", ()):
            self._questions.setdefault(question["id"], question)
        for question in list(self._questions.values()):
            if question["status"] == "answering":
                await self._decide(question, "answered")
        wanted = [q for q in self._questions.values() if q["status"] in ("published", "picked")]
        if wanted:
            question = max(wanted, key=lambda q: (q["status"] == "picked", q["votes"]))
            if question["status"] == "published":
                question = await self._decide(question, "pick")
            await self._decide(question, "answering")

    async def _decide(self, question: Frame, verdict: str) -> Frame:
        done = await self.connection.say(
            "moderation.decide",
            {
                "subject": {"kind": "question", "id": question["id"]},
                "revision": question["revision"],
                "verdict": verdict,
            },
        )
        after: Frame = done["question"]
        self._questions[after["id"]] = after
        return after
