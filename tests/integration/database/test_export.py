"""The export of a session, for its host."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.database.export import (
    as_csv,
    as_json,
    ballots_as_csv,
    export_session,
    polls_as_csv,
)
from live.adapters.sql.database import Database
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.ids import ContentId, ParticipantId, PollId, QuestionId, SessionId
from live.domain.people import Role
from live.domain.poll_commands import AnswerPoll, ClosePoll, OpenPoll
from live.domain.question import Ballot
from live.ports.store import Batch
from live.room.settings import RoomSettings
from tests.support.databases import postgresql_database, sqlite_database
from tests.support.polls import draft
from tests.support.postgres import PostgresServer
from tests.support.records import (
    SESSION,
    content,
    credential,
    event,
    participant,
    post,
    question,
    session,
)
from tests.support.rooms import House, person, session_record


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    yield (opened := Database(sqlite_database(tmp_path)))
    opened.close()


@pytest.fixture
def postgresql(postgres: PostgresServer) -> Iterator[Database]:
    with postgresql_database(postgres) as url:
        yield (opened := Database(url))
        opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> Database:
    """A session in which Ada wrote, and she and Bob voted for both of two merged questions."""
    opened: Database = request.getfixturevalue(request.param)
    directory = SqlDirectory(opened)
    await directory.add_session(session())
    await directory.add_participant(participant("ada"), credential("ada"))
    await opened.commit(replace(post(1), contents=[content("m1-text", "=SUM(A1:A9)")]))
    root, merged = question("q1", place=2), question("q2", place=3, merged_into=QuestionId("q1"))
    await opened.commit(
        Batch(
            SESSION,
            1,
            3,
            events=[event(2), event(3)],
            contents=[content("q1-text", "Why?"), content("q2-text", "Pourquoi ?")],
            questions=[root, merged],
            ballots=[
                Ballot(root.id, ParticipantId("ada"), up=True),
                Ballot(merged.id, ParticipantId("ada"), up=True),
                Ballot(merged.id, ParticipantId("bob"), up=True),
                Ballot(merged.id, ParticipantId("cy"), up=False),
            ],
            reactions={("heart", "general"): 3, ("heart", "customer"): 2},
        )
    )
    return opened


async def test_the_export_holds_everything_of_the_session(database: Database) -> None:
    export = await export_session(database, SESSION)

    assert export is not None
    shown = json.loads(as_json(export))
    assert shown["session"]["slug"] == "spring"
    assert [each["display_name"] for each in shown["participants"]] == ["Ada"]
    assert {each["text"] for each in shown["contributions"]} == {
        "=SUM(A1:A9)",
        "Why?",
        "Pourquoi ?",
    }
    assert shown["reactions"] == {"heart": {"general": 3, "customer": 2}}
    assert [each["seq"] for each in shown["events"]] == [1, 2, 3]
    assert shown["events"][0]["data"] == {"id": "x", "n": 1}


async def test_votes_count_distinct_people_at_the_root_of_a_merge(database: Database) -> None:
    export = await export_session(database, SESSION)

    assert export is not None
    votes = {each.id: each.votes for each in export.contributions}
    assert votes == {"m1": None, "q1": 2, "q2": 0}


async def test_a_spreadsheet_runs_nothing_that_viewers_wrote(database: Database) -> None:
    export = await export_session(database, SESSION)

    assert export is not None
    rows = list(csv.DictReader(io.StringIO(as_csv(export))))
    assert [row["text"] for row in rows if row["kind"] == "message"] == ["'=SUM(A1:A9)"]
    assert len(rows) == 3


async def test_erased_text_is_absent_from_the_export(database: Database) -> None:
    await database.commit(Batch(SESSION, 3, 3, erase=[ContentId("q1-text")]))

    export = await export_session(database, SESSION)

    assert export is not None
    assert b"Why?" not in as_json(export)


async def test_an_unknown_session_has_no_export(database: Database) -> None:
    assert await export_session(database, SessionId("nowhere")) is None


async def test_polls_leave_as_the_team_sees_them_and_ties_only_where_named(
    sqlite: Database,
) -> None:
    directory = SqlDirectory(sqlite)
    store = SqlStore(sqlite)
    await directory.add_session(session_record(id=SESSION, state="live"))
    house = House(store, directory, settings=RoomSettings(gather_s=0))
    for each in (person("mod", Role.MODERATOR), *(person(f"p{n}") for n in range(3))):
        await house.admit(replace(each, session_id=SESSION))
    polls = {}
    for named in (False, True):
        done = await house.do("mod", OpenPoll(draft(named=named)))
        polls[named] = done.result.poll_id or PollId("")
        for who, choice in (("p0", "1"), ("p1", "1"), ("p2", "1"), ("p2", "2")):
            await house.do(who, AnswerPoll(polls[named], (choice,)))
        await house.do("mod", ClosePoll(polls[named]))
    await house.rooms.close()
    export = await export_session(sqlite, SESSION)
    assert export is not None
    document = json.loads(as_json(export))
    told = {each["named"]: each for each in document["polls"]}
    for each in told.values():
        assert (each["answered"], each["counts"]) == (3, {"1": 2, "2": 1})
        assert each["segments"][0]["counts"] == {"1": None, "2": None}
    assert told[False]["ballots"] is None
    assert {each["display_name"]: each["choices"] for each in told[True]["ballots"]} == {
        "P0": ["1"],
        "P1": ["1"],
        "P2": ["2"],
    }
    log = [each["data"] for each in document["events"] if each["type"] == "poll.answered"]
    assert log.count({"poll_id": polls[False]}) == 4
    assert sum("participant_id" in each for each in log) == 4
    tallies = [each["data"] for each in document["events"] if each["type"] == "poll.tallied"]
    assert all(set(each) == {"poll_id"} for each in tallies)
    rows = list(csv.DictReader(io.StringIO(polls_as_csv(export))))
    sums = [row for row in rows if row["poll_id"] == polls[False] and not row["part"]]
    assert [(row["text"], row["count"]) for row in sums] == [("Red", "2"), ("Blue", "1")]
    lines = list(csv.DictReader(io.StringIO(ballots_as_csv(export))))
    assert [(row["display_name"], row["choice"]) for row in lines] == [
        ("P0", "1"),
        ("P1", "1"),
        ("P2", "2"),
    ]
