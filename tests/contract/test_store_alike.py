"""The stores hold the same after the same batches, whatever these are."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from live.adapters.memory import MemoryDirectory, MemoryStore
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.ids import ContentId, ParticipantId
from live.domain.judgement import NO_HINTS, Hint, Hints, Weighed
from live.domain.message import Message, MessageStatus, Reason
from live.domain.question import Ballot, Question, QuestionStatus
from live.ports.store import Batch, Directory, RoomRecord, StaleWriter, Store
from tests.support.databases import sqlite_database
from tests.support.records import (
    NOW,
    SESSION,
    content,
    credential,
    event,
    key,
    message,
    participant,
    question,
    session,
)

numbers = st.integers(0, 3)
places = st.one_of(st.none(), st.integers(1, 9))
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
moments = st.integers(0, 3).map(lambda seconds: NOW + timedelta(seconds=seconds))
reasons = st.lists(
    st.builds(
        Reason,
        texts,
        texts,
        st.one_of(st.none(), texts),
        st.sampled_from(["rule", "model"]),
        st.booleans(),
    ),
    max_size=2,
)
hints = st.one_of(
    st.just(NO_HINTS),
    st.builds(
        Hints,
        question=st.one_of(st.none(), st.floats(0, 1)),
        segment=st.builds(Hint, texts, st.just("sounds"), st.none(), st.floats(0, 1)),
        desk=st.builds(Hint, texts, st.just("words"), texts),
        weighed=st.builds(Weighed, st.floats(-1, 1), texts).map(lambda one: (one,)),
    ),
)


def _stages(number: int) -> list[dict[str, Any]]:
    """What a message may be: it has a place, its own, once it was published."""
    placed = [MessageStatus.PUBLISHED, MessageStatus.REMOVED]
    unplaced = [MessageStatus.PENDING, MessageStatus.REFUSED]
    return [
        *({"status": status, "place": number + 1} for status in placed),
        *({"status": status} for status in unplaced),
    ]


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    """A batch of one to three events; its head and keys are set when it is applied."""
    messages = [
        message(
            f"m{number}",
            **draw(st.sampled_from(_stages(number))),
            at=NOW + timedelta(seconds=number),
            reasons=tuple(draw(reasons)),
            hints=draw(hints),
            score=draw(st.one_of(st.none(), st.floats(0, 1))),
            revision=draw(st.integers(1, 5)),
        )
        for number in draw(st.lists(numbers, max_size=3, unique=True))
    ]
    questions = [
        question(
            f"q{number}",
            place=draw(places),
            status=draw(st.sampled_from(QuestionStatus)),
            tallied=draw(st.integers(0, 9)),
            answered_at=draw(st.one_of(st.none(), moments)),
        )
        for number in draw(st.lists(numbers, max_size=2, unique=True))
    ]
    subjects: list[Message | Question] = [*messages, *questions]
    names = ["ada", "bob"]
    return Batch(
        session_id=SESSION,
        expected_head=0,
        head=draw(st.integers(0, 3)),
        contents=[content(each.content_id, draw(texts)) for each in subjects],
        erase=draw(st.lists(st.sampled_from([each.content_id for each in subjects])))
        if subjects
        else [],
        messages=messages,
        questions=questions,
        ballots=[
            Ballot(each.id, ParticipantId(name), up=draw(st.booleans()))
            for each in questions
            for name in draw(st.lists(st.sampled_from(names), unique=True))
        ],
        participants=[
            replace(participant("ada"), display_name=None, erased=True)
            for _ in range(draw(st.integers(0, 1)))
        ],
        reactions=draw(
            st.dictionaries(
                st.tuples(st.sampled_from(["heart", "laugh"]), st.just("general")),
                st.integers(1, 20),
            )
        ),
    )


async def apply(store: Store, directory: Directory, drawn: Sequence[Batch]) -> list[Any]:
    """Commit one after another; what a room would find then."""
    await directory.add_session(session())
    await directory.add_participant(participant("ada"), credential("ada"))
    head = 0
    outcomes: list[Any] = []
    for number, each in enumerate(drawn):
        moved = each.head
        batch = replace(
            each,
            expected_head=head,
            head=head + moved,
            events=[event(seq) for seq in range(head + 1, head + moved + 1)],
            keys=[key(f"c{number % 5}", seq=head + moved)],
        )
        try:
            await store.commit(batch)
        except StaleWriter:
            outcomes.append("stale")
        else:
            head += moved
    record = await store.load_room(SESSION, recent_messages=2)
    assert record is not None
    outcomes.append(comparable(record))
    outcomes.append(list(await store.events(SESSION, after=0, limit=100)))
    for statuses in (list(MessageStatus), [MessageStatus.PENDING]):
        page, contents = await store.page_messages(SESSION, statuses=statuses, before=None, limit=2)
        outcomes.append((list(page), {each.id: each for each in contents}))
    authored, owned = await store.find_authored(SESSION, ParticipantId("ada"))
    outcomes.append(({each.id: each for each in authored}, {each.id: each for each in owned}))
    outcomes.append(list(await store.find_contents(SESSION, [ContentId("m1-text")])))
    return outcomes


def comparable(record: RoomRecord) -> dict[str, Any]:
    """A room's record where order has no meaning, but for the messages'."""
    return {
        "session": record.session,
        "participants": {each.id: each for each in record.participants},
        "messages": {each.id: each for each in record.messages},
        "questions": {each.id: each for each in record.questions},
        "ballots": {(each.question_id, each.participant_id): each.up for each in record.ballots},
        "contents": {each.id: each for each in record.contents},
        "reactions": dict(record.reactions),
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> URL:
    return sqlite_database(tmp_path_factory.mktemp("template"))


@settings(max_examples=40)
@given(drawn=st.lists(batches(), max_size=4))
def test_memory_and_sql_hold_the_same(template: URL, drawn: list[Batch]) -> None:
    async def both() -> None:
        memory = MemoryStore()
        expected = await apply(memory, MemoryDirectory(memory), drawn)
        with TemporaryDirectory() as folder:
            assert template.database is not None
            copy = shutil.copy(template.database, Path(folder) / "copy.sqlite")
            database = Database(template.set(database=str(copy)))
            try:
                found = await apply(SqlStore(database), SqlDirectory(database), drawn)
            finally:
                await asyncio.to_thread(database.close)
        assert found == expected

    asyncio.run(both())
