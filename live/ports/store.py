"""Where the truth of sessions is kept.

``Store`` serves the rooms (one writer per session); ``Directory`` serves entry: sessions, invites,
persons, participants. SQL is the truth, memory is the demo and the test double; one contract suite
runs over all adapters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Literal, Protocol

from live.domain.announcement import Announcement
from live.domain.audit import Act, Kept
from live.domain.content import Content
from live.domain.funnel import Reached
from live.domain.ids import ContentId, MessageId, ParticipantId, PersonId, QuestionId, SessionId
from live.domain.message import Message, MessageStatus
from live.domain.paper import Paper
from live.domain.part import Part
from live.domain.people import Participant, Role
from live.domain.poll import Poll, PollBallot
from live.domain.pulse import Tick
from live.domain.question import Ballot, Question, QuestionStatus
from live.domain.segment import Segment
from live.domain.value import dataclass
from live.ports.lease import Lease

SubjectKind = Literal["message", "question"]


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A durable fact. ``data`` is the JSON of the domain event ``type`` in its ``version``: ids,
    numbers, commitments; never a text or a name."""

    seq: int
    type: str
    version: int
    at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Proof that a command was done. ``digest`` is keyed by a secret of this installation over type
    and data; ``result`` names what the ack showed, so that the same ack can be composed again."""

    participant_id: ParticipantId
    command_id: str
    digest: bytes
    seq: int | None
    result: bytes


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One show. ``document`` is the JSON of what the room keeps in one piece (mode, stage, pins,
    claims, sanctions, mutes): small, replaced whole by each batch that changes it."""

    id: SessionId
    slug: str
    title: str
    state: str
    epoch: str
    created_at: datetime
    starts_at: datetime | None = None
    languages: tuple[str, ...] = ("en", "fr")
    segments: tuple[Segment, ...] = ()
    visibility: str = "public"
    review: str = "after"
    description: str = ""
    recording: str = "off"
    live_since: datetime | None = None
    ended_at: datetime | None = None
    head: int = 0
    document: bytes = b"{}"


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of a room's writer changes, committed whole or not at all.

    Entities carry their latest values and are upserted; ``reactions`` are increments by (kind,
    segment); ``erase`` names contents whose text and salt go. ``head`` must be the last ``seq`` of
    ``events``, or the unchanged head; ``expected_head`` the one before (a mismatch is
    ``StaleWriter``). ``lease`` is what its writer holds, where several nodes share a database: it
    is checked and kept from others in the transaction itself (not held: ``StaleWriter``).
    ``acts`` go to the end of the session's chain; the words of a participant who is erased in
    ``participants`` leave the whole chain.
    """

    session_id: SessionId
    expected_head: int
    head: int
    events: Sequence[StoredEvent] = ()
    contents: Sequence[Content] = ()
    erase: Sequence[ContentId] = ()
    messages: Sequence[Message] = ()
    questions: Sequence[Question] = ()
    ballots: Sequence[Ballot] = ()
    participants: Sequence[Participant] = ()
    papers: Sequence[Paper] = ()
    announcements: Sequence[Announcement] = ()
    parts: Sequence[Part] = ()
    polls: Sequence[Poll] = ()
    poll_ballots: Sequence[PollBallot] = ()
    reactions: Mapping[tuple[str, str], int] = field(default_factory=dict)
    ticks: Sequence[Tick] = ()
    reached: Mapping[ParticipantId, Reached] = field(default_factory=dict)
    keys: Sequence[IdempotencyKey] = ()
    acts: Sequence[Act] = ()
    session: SessionRecord | None = None
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """Everything a room starts from: all questions and their ballots, the pending messages, the
    ``recent_messages`` latest of those that have a place and as many of the refused (each oldest
    first), all participants, the contents these refer to, all papers,
    announcements and polls (oldest first), all parts, the polls' ballots, tallies, the last
    quarter of an hour of ticks (oldest first) and how far people came."""

    session: SessionRecord
    participants: Sequence[Participant]
    messages: Sequence[Message]
    questions: Sequence[Question]
    ballots: Sequence[Ballot]
    contents: Sequence[Content]
    reactions: Mapping[tuple[str, str], int]
    papers: Sequence[Paper] = ()
    announcements: Sequence[Announcement] = ()
    parts: Sequence[Part] = ()
    ticks: Sequence[Tick] = ()
    reached: Mapping[ParticipantId, Reached] = field(default_factory=dict)
    polls: Sequence[Poll] = ()
    poll_ballots: Sequence[PollBallot] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. Each of ``words`` (as ``live.domain.text.plain`` gives them) stands in
    the text, or the author is among the ``authors`` of the same index; what is None fits all.
    ``after``: only what follows something of this time and id, the newest first, then by id."""

    words: tuple[str, ...] = ()
    authors: tuple[frozenset[ParticipantId], ...] = ()
    status: str | None = None
    language: str | None = None
    label: str | None = None
    assignee: str | None = None
    after: tuple[datetime, str] | None = None
    limit: int = 50


class StoreUnavailable(Exception):
    """The database did not take or give it. Worth trying again.

    Nothing of it happened, with one exception: a connection lost during COMMIT leaves that open,
    and where it had happened, the session's next batch is ``StaleWriter``.
    """


class StaleWriter(Exception):
    """What is stored is not what this writer remembers: another one moved the session on, or a
    commit whose end it never learned did. It must stop without acking, and load the room again.
    """


class Store(Protocol):
    """The rooms' side.

    ``commit`` returns once the batch is on disk (an ack means that), in the order of calls per
    session; batches of several sessions may share a transaction. Cancelling the caller does not
    undo a commit under way. A failure raises ``StoreUnavailable`` or ``StaleWriter`` and leaves
    nothing behind; a batch that waited behind a failed one of its session fails like it, for it was
    decided on top of it. Nothing brings back what ``erase`` took, or an erased participant.
    Reads see everything that was committed before they were called; they too raise
    ``StoreUnavailable``.
    """

    async def load_room(
        self, session_id: SessionId, *, recent_messages: int
    ) -> RoomRecord | None: ...

    async def commit(self, batch: Batch) -> None: ...

    async def events(
        self, session_id: SessionId, *, after: int, limit: int
    ) -> Sequence[StoredEvent]: ...

    async def decisions(
        self, session_id: SessionId, *, mentioning: str | None = None, limit: int
    ) -> Sequence[StoredEvent]:
        """The latest decisions of a session, oldest first; only those with this id in them."""
        ...

    async def find_key(
        self, session_id: SessionId, participant_id: ParticipantId, command_id: str
    ) -> IdempotencyKey | None: ...

    async def find_keys(
        self, session_id: SessionId, participant_ids: Sequence[ParticipantId], *, limit: int
    ) -> Sequence[IdempotencyKey]:
        """The keys of these participants, one participant's after the other's; at most ``limit``,
        so that of the last one there may be more."""
        ...

    async def find_messages(
        self, session_id: SessionId, ids: Sequence[MessageId]
    ) -> tuple[Sequence[Message], Sequence[Content]]: ...

    async def find_contents(
        self, session_id: SessionId, ids: Sequence[ContentId]
    ) -> Sequence[Content]: ...

    async def find_authored(
        self, session_id: SessionId, participant_id: ParticipantId
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        """All messages of one author in any status, and all contents that they own, whatever those
        belong to and whether or not they are erased: what an erasure has to reach."""
        ...

    async def page_messages(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[MessageStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Message], Sequence[Content]]:
        """Newest first by position: the place, or for those never published the time of posting in
        microseconds since 1970. ``before`` is a position. A page holds ``limit`` messages, and all
        others that share the last one's position.
        """
        ...

    async def page_questions(
        self,
        session_id: SessionId,
        *,
        statuses: Sequence[QuestionStatus],
        before: int | None,
        limit: int,
    ) -> tuple[Sequence[Question], Sequence[Content]]:
        """As ``page_messages``."""
        ...

    async def search(
        self, session_id: SessionId, search: Search
    ) -> tuple[Sequence[Message], Sequence[Question], Sequence[Content]]:
        """What fits, in any status but withdrawn, with its texts; of each kind the ``limit`` latest
        by the time of writing, the newest first."""
        ...

    async def ticks(self, session_id: SessionId, *, first: int, last: int) -> Sequence[Tick]:
        """What was counted in the ticks from ``first`` to ``last``, oldest first."""
        ...

    async def audit(self, chain: str, *, after: int, limit: int) -> Sequence[Kept]:
        """The records of a chain that come after number ``after``, in their order."""
        ...

    async def purge_keys(self, now: datetime) -> int:
        """Forget the idempotency keys of sessions that ended 24 h ago; how many there were."""
        ...


@dataclass(frozen=True, slots=True)
class InviteRecord:
    """A way in. Only ``token_hash`` (SHA-256 of the token) is kept."""

    id: str
    session_id: SessionId
    role: Role
    token_hash: bytes
    created_at: datetime
    segment: str | None = None
    expires_at: datetime | None = None
    uses: int | None = None
    used: int = 0
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """What a participant's bearer token or cookie is checked against; only the hash is kept."""

    token_hash: bytes
    session_id: SessionId
    participant_id: ParticipantId
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a credential is; ``revoked``: it was good once."""

    participant_id: ParticipantId
    revoked: bool = False


class Directory(Protocol):
    """Entry's side: who and what there is. Each call is one committed transaction.

    ``add_session`` raises ``SlugTaken``. ``use_invite`` counts a use and adds the participant and
    its credential in the same transaction, and returns None where the invite no longer lets anyone
    in. Any call raises ``StoreUnavailable`` when the database does not answer.
    """

    async def add_session(self, record: SessionRecord) -> None: ...

    async def find_session(self, slug: str) -> SessionRecord | None: ...

    async def list_sessions(self) -> Sequence[SessionRecord]: ...

    async def add_invite(self, invite: InviteRecord) -> None: ...

    async def list_invites(self, session_id: SessionId) -> Sequence[InviteRecord]: ...

    async def find_invite(self, token_hash: bytes) -> InviteRecord | None: ...

    async def revoke_invite(
        self, session_id: SessionId, invite_id: str, at: datetime
    ) -> Sequence[ParticipantId] | None:
        """The participants it let in, whose credentials end with it; None if unknown."""
        ...

    async def use_invite(
        self,
        invite_id: str,
        participant: Participant,
        credential: CredentialRecord,
        now: datetime,
    ) -> InviteRecord | None: ...

    async def add_participant(
        self, participant: Participant, credential: CredentialRecord
    ) -> None: ...

    async def add_credential(self, credential: CredentialRecord) -> None: ...

    async def revoke_credentials(self, participant_id: ParticipantId, at: datetime) -> None: ...

    async def find_holder(self, session_id: SessionId, token_hash: bytes) -> Holder | None:
        """Who holds this credential of that session, after all that was written here."""
        ...

    async def find_participant(self, participant_id: ParticipantId) -> Participant | None: ...

    async def find_person_in_session(
        self, session_id: SessionId, person_id: PersonId
    ) -> Participant | None: ...


class SlugTaken(Exception):
    """A session of that slug exists."""


__all__ = [
    "Batch",
    "CredentialRecord",
    "Directory",
    "Holder",
    "IdempotencyKey",
    "InviteRecord",
    "QuestionId",
    "RoomRecord",
    "Search",
    "SessionRecord",
    "SlugTaken",
    "StaleWriter",
    "Store",
    "StoreUnavailable",
    "StoredEvent",
]
