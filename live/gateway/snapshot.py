"""All that a reader may know at one moment, in the windows of the contract.

Most of it is the same for an audience: that part is encoded once per audience and head, and the
reader's own (``you``) is set into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import UNSET

from live.domain import message as messages
from live.domain import question as questions
from live.domain.ids import ParticipantId
from live.domain.message import MessageStatus
from live.domain.sanction import SanctionKind
from live.domain.state import PUBLIC_QUESTIONS, RoomState
from live.gateway import calls, cues, runshow
from live.gateway.announcements import all_saved, announcements
from live.gateway.packets import Around, Packet, Shared
from live.gateway.polling import own_ballots, polls
from live.gateway.views import View, audience_of, in_order
from live.wire import desk_shapes, shapes, snapshot_shapes
from live.wire.codes import PROTOCOL

MESSAGES = 50
QUESTIONS = 200
PAPERS = 100
"""Papers the team holds, besides the appeals that wait."""
DECISIONS = 50

_KINDS = sorted(SanctionKind)


def snapshot(state: RoomState, *, reader: ParticipantId) -> snapshot_shapes.Snapshot:
    """What this participant may know of the committed state."""
    view = View(state, state.participants[reader].role.is_staff, reader)
    return _snapshot(view, own_part(state, reader))


def own_part(state: RoomState, reader: ParticipantId) -> snapshot_shapes.SnapshotYou:
    """``snapshot.you``: what belongs to this participant alone."""
    person = state.participants[reader]
    view = View(state, person.role.is_staff, reader)
    given = state.sanctions
    sanctions = [given[reader, kind] for kind in _KINDS if (reader, kind) in given] if given else []
    return snapshot_shapes.SnapshotYou(
        id=person.id,
        role=person.role.value,
        display_name=person.display_name,
        segment=person.segment,
        language=person.language,
        mine=_in_order(held_item(view, item) for item in state.own_items(reader)),
        votes=sorted(state.ballots.of(reader)),
        muted=sorted(state.mutes.get(reader) or ()),
        sanctions=[view.sanction(each) for each in sanctions],
        papers=view.papers_of(reader),
        ballots=own_ballots(state, reader),
        call=calls.own_call(view, reader),
    )


class Snapshots:
    """Encoded snapshots of one room, and the frames that carry them; what an audience has in
    common is kept until the state moves on."""

    def __init__(self, state: RoomState) -> None:
        self._state = state
        self._common: dict[bool, tuple[int, Shared]] = {}
        self._encoder = msgspec.json.Encoder()

    def hello(
        self, epoch: str, reader: ParticipantId, reconnect: bytes, pulse: bytes, *, resumed: bool
    ) -> Packet:
        """A ``hello`` frame and what follows it at once; without a snapshot for who resumes."""
        own = self._encoder.encode(own_part(self._state, reader))
        begin = b'{"t":"hello","protocol":%d,"epoch":%b,"head":%d,"you":%b,"snapshot":' % (
            PROTOCOL,
            self._encoder.encode(epoch),
            self._state.head,
            _you(own),
        )
        end = b',"reconnect":%b}' % reconnect
        if resumed:
            return Packet(begin + b"null" + end, pulse)
        begin = b'%b{"you":%b,%b' % (begin, own, self._told(reader))
        return Around(begin, self._shared(reader), end, pulse)

    def replacement(
        self, epoch: str, reader: ParticipantId, reason: Literal["slow", "audience"]
    ) -> Packet:
        """A ``snapshot`` frame."""
        own = self._encoder.encode(own_part(self._state, reader))
        begin = (
            b'{"t":"snapshot","reason":"%b","epoch":%b,"head":%d,"you":%b,"snapshot":{"you":%b,'
        ) % (reason.encode(), self._encoder.encode(epoch), self._state.head, _you(own), own)
        return Around(begin + self._told(reader), self._shared(reader), b"}")

    def _told(self, reader: ParticipantId) -> bytes:
        """What the reader's cohort has before it in its own words: announcements and polls."""
        if not self._state.announcements and not self._state.polls:
            return b'"announcements":[],"polls":[],'
        audience = audience_of(self._state, reader)
        view = View(self._state, audience.staff, cohort=(audience.segment, audience.language))
        told = self._encoder.encode(announcements(view)), self._encoder.encode(polls(view))
        return b'"announcements":%b,"polls":%b,' % told

    def _shared(self, reader: ParticipantId) -> Shared:
        """How it goes on for all of an audience: without what differs, and its opening brace."""
        staff = self._state.participants[reader].role.is_staff
        known = self._common.get(staff)
        if known is not None and known[0] == self._state.head:
            return known[1]
        whole = msgspec.structs.asdict(_snapshot(View(self._state, staff), None))
        del whole["you"], whole["announcements"], whole["polls"]
        encoded = self._encoder.encode({k: v for k, v in whole.items() if v is not UNSET})[1:]
        shared = Shared(encoded)
        self._common[staff] = (self._state.head, shared)
        return shared


def _you(own: bytes) -> bytes:
    """``You`` out of ``SnapshotYou``, which goes on with ``mine``: quotes within a name are
    escaped, so that these bytes stand nowhere before."""
    return own[: own.index(b',"mine":')] + b"}"


def _snapshot(view: View, own: snapshot_shapes.SnapshotYou | None) -> snapshot_shapes.Snapshot:
    state = view.state
    recent = (state.messages.get(key) for key in state.timeline.latest(MESSAGES))
    newest = (state.questions.get(key) for key in state.question_order.latest(QUESTIONS))
    common = snapshot_shapes.Snapshot(
        session=view.session(),
        you=_NOBODY if own is None else own,
        messages=[listed_message(view, message) for message in recent if message is not None],
        questions=snapshot_shapes.Questions(
            items=[listed_question(view, question) for question in newest if question is not None],
            total=len(state.question_order),
        ),
        polls=polls(view),
        announcements=announcements(view),
        pins=view.pins(),
        mode=view.mode(),
        stage=calls.stage(view),
        screen=view.screen(),
        runshow=runshow.runshow(view),
    )
    return _with_team_part(common, view) if view.staff else common


_NOBODY = snapshot_shapes.SnapshotYou(
    id="", role="viewer", display_name=None, segment="", language="", mine=[], votes=[]
)


def _with_team_part(common: snapshot_shapes.Snapshot, view: View) -> snapshot_shapes.Snapshot:
    state = view.state
    held = _in_order(held_item(view, item) for item in state.held_items())
    claims = (view.claim(claim) for claim in state.claims.values())
    sanctions = (view.sanction(sanction) for sanction in state.sanctions.values())
    return msgspec.structs.replace(
        common,
        held=snapshot_shapes.Held(items=held, total=len(held)),
        claims=sorted(claims, key=lambda each: (each.subject.kind, each.subject.id)),
        cues=cues.cues(view),
        cueing=cues.cueing(view),
        reports=[view.report(report) for report in state.reports],
        sanctions=sorted(sanctions, key=lambda each: (each.participant_id, each.kind)),
        staff_says=[view.say(say) for say in state.staff_says],
        decisions=[view.decision(decision) for decision in state.decisions[-DECISIONS:]],
        proposals=[view.proposal(proposal) for proposal in state.proposals],
        listening=view.listening(),
        papers=_papers(view),
        calls=calls.calls(view),
        labels=view.labels(),
        parts=runshow.parts(view),
        saved_announcements=all_saved(view),
    )


def _papers(view: View) -> list[desk_shapes.Paper]:
    shown = in_order(view.paper(paper) for paper in view.state.papers.values())
    waiting = [each for each in shown if each.status == "waiting"]
    others = [each for each in shown if each.status != "waiting"]
    return in_order([*waiting, *others[-PAPERS:]])


def listed_message(
    view: View, message: messages.Message
) -> shapes.Message | shapes.MessageTombstone:
    """A message in its place among the published ones."""
    shown = view.message(message) if message.status is MessageStatus.PUBLISHED else None
    return shown or shapes.MessageTombstone(id=message.id, status="removed")


def listed_question(
    view: View, question: questions.Question
) -> shapes.Question | shapes.QuestionTombstone:
    """A question in its place among the published ones; the team also sees dismissed ones."""
    public = question.status in PUBLIC_QUESTIONS
    shown = view.question(question) if public or view.staff else None
    return shown or shapes.QuestionTombstone(id=question.id, status="dismissed")


def held_item(
    view: View, item: messages.Message | questions.Question
) -> shapes.HeldMessage | shapes.HeldQuestion | None:
    """An item that waits, or was refused; None where its words are gone."""
    if isinstance(item, messages.Message):
        message = view.message(item)
        if not isinstance(message, shapes.Message):
            return None
        return shapes.HeldMessage(**msgspec.structs.asdict(message))
    question = view.question(item)
    if not isinstance(question, shapes.Question):
        return None
    return shapes.HeldQuestion(**msgspec.structs.asdict(question))


def _in_order(
    items: Iterable[shapes.HeldMessage | shapes.HeldQuestion | None],
) -> list[shapes.HeldMessage | shapes.HeldQuestion]:
    """By the time of writing, then by id: an order that a client can keep by itself."""
    return sorted((item for item in items if item), key=lambda item: (item.at, item.id))
