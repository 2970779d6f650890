"""What is said with Janus until a leg is there. Nothing is left behind where it fails."""

from collections.abc import Callable
from typing import Final

from live.media.handoff import mediation
from live.media.handoff.handed import new_leg_id
from live.media.handoff.legs import Feed, Watcher
from live.media.handoff.link import JanusLink, Jsep, Said
from live.media.handoff.meeting import Sending, Viewing, agreed
from live.media.handoff.stage import JanusStage
from live.ports.media import LegId, PublishRequest
from live.ports.media_events import MediaEvent
from live.ports.media_refusals import MediaRefusal

LOW_FIRST: Final = "lmh"
"""How browsers order the layers that they send."""


def new_feed(
    request: PublishRequest,
    sections: Sending,
    *,
    tell: Callable[[MediaEvent], None],
    lose: Callable[[LegId], object],
) -> Feed:
    """A publisher's leg that is asked for."""
    video = sections.get("video")
    return Feed(
        leg_id=new_leg_id(),
        session_id=request.session_id,
        participant_id=request.participant_id,
        seat=request.seat,
        mids={kind: section.mid for kind, (section, _) in sections.items()},
        video=None if video is None else video[1],
        layered=video is not None and bool(video[0].rids),
        on_air=request.on_air,
        muted=request.muted,
        ufrag=mediation.read_transport(request.offer_sdp).ufrag,
        tell=tell,
        lose=lose,
    )


async def join(
    link: JanusLink,
    stage: JanusStage,
    feed: Feed,
    offer_sdp: str,
    sections: Sending,
    *,
    rooms: int,
    hear: Callable[[Said], None],
) -> str | MediaRefusal:
    """Have a publisher in its room; the answer for it. Raises as `JanusLink.say`."""
    wishes: dict[str, object] = {
        "request": "joinandconfigure",
        "room": await stage.room(rooms),
        "ptype": "publisher",
        "pin": stage.pin,
        "display": feed.seat,
        "audiocodec": "opus",
    }
    if feed.video is not None:
        wishes["videocodec"] = feed.video.name.lower()
    offered = Jsep("offer", mediation.plain(offer_sdp), LOW_FIRST if feed.layered else "")
    feed.handle = await link.attach("videoroom", hear)
    try:
        said, answer = await link.negotiate(feed.handle, wishes, offered)
    except BaseException:
        link.drop(feed.handle)
        raise
    feed.id = said.plugin.id
    if "video" in sections:
        feed.video = agreed(answer, sections["video"][0])
        if feed.video is None:
            link.drop(feed.handle)
            return MediaRefusal("codec", "Janus takes no picture that this publisher offers.")
    return answer


async def let_watch(
    link: JanusLink,
    stage: JanusStage,
    mount: int,
    viewing: Viewing,
    *,
    hear: Callable[[Watcher, Said], None],
) -> tuple[Watcher, str]:
    """Have a viewer at a mountpoint; the leg and the answer for it. Raises as `JanusLink.say`, and
    `MalformedOfferError`.
    """
    offer, text, slots = viewing.offer, viewing.offer_sdp, viewing.slots
    pictures = tuple(slot.mid for slot in slots if slot.codec.kind == "video")
    ufrag = mediation.read_transport(text).ufrag
    watcher = Watcher(new_leg_id(), viewing.profile, ufrag, pictures)
    wishes: dict[str, object] = {
        "request": "watch",
        "id": mount,
        "pin": stage.pin,
        "media": [slot.mid for slot in slots],
    }
    watcher.handle = await link.attach("streaming", lambda said: hear(watcher, said))
    try:
        _, sent = await link.negotiate(watcher.handle, wishes)
        answer = mediation.answer_to_client(offer, slots, sent)
        taken = mediation.answer_to_janus(offer, text, slots, sent)
        await link.say(watcher.handle, {"request": "start"}, Jsep("answer", taken))
    except BaseException:
        link.drop(watcher.handle)
        raise
    return watcher, answer
