"""Current state is a fold of the log: `causerie db rebuild` proves it, and mends what is not."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, text

from app.database.engine import held_database
from app.database.rebuild import Finding, RebuildProblem, Rebuilt, rebuild
from live.adapters.sql.database import Database, write_engine
from live.adapters.sql.directory import SqlDirectory
from live.adapters.sql.store import SqlStore
from live.domain.decision import Verdict
from live.domain.decision_commands import Decide
from live.domain.ids import MessageId, PaperId, ParticipantId, QuestionId
from live.domain.message_commands import PostMessage, WithdrawMessage
from live.domain.paper_commands import AddNote, AnswerPrivately, ConsentToAnswer
from live.domain.people import Role
from live.domain.people_commands import ChangeParticipant, MutePerson
from live.domain.question_commands import AskQuestion, VoteQuestion
from live.domain.sanction import SanctionKind
from live.domain.sanction_commands import FileReport, SetSanction
from live.domain.session import SessionState
from live.domain.session_commands import ChangeState, SayToStaff, SetPin
from live.domain.subject import Subject, SubjectKind
from tests.support.databases import sqlite_database
from tests.support.histories import SpamGate
from tests.support.processes import bare_environment, causerie_command
from tests.support.rooms import House, person, session_record
from tests.support.sql_histories import live_in_sql


async def have_an_evening(url: URL) -> None:
    """A session in which a little of everything happened, by fixed names."""
    database = Database(url)
    store, directory = SqlStore(database), SqlDirectory(database)
    await directory.add_session(session_record(state="draft"))
    house = House(store, directory, gate=SpamGate())
    for name, role in (("ada", Role.VIEWER), ("bob", Role.VIEWER), ("mod", Role.MODERATOR)):
        await house.admit(person(name, role))
    room = await house.room()
    await room.act(ChangeState(SessionState.LIVE))
    posted = await house.do("ada", PostMessage("Good evening"))
    message = MessageId(posted.result.message_id or "")
    await house.do("bob", PostMessage("Buy spam"))
    asked = await house.do("ada", AskQuestion("In green?"))
    question = QuestionId(asked.result.question_id or "")
    await house.do("bob", VoteQuestion(question, up=True))
    await house.do("ada", VoteQuestion(question, up=True))
    await house.do("ada", VoteQuestion(question, up=False))
    house.clock.pass_s(1.0)
    await room.settle()
    pick = Decide(Subject(SubjectKind.QUESTION, question), 1, Verdict.PICK, "soon")
    await house.do("mod", pick)
    await house.do("bob", WithdrawMessage(await _said_by(house, "bob")))
    await house.do("mod", SetPin(subject=Subject.message(message)))
    await house.do("mod", SayToStaff("All well"))
    await house.do("bob", FileReport(Subject.message(message), "rude"))
    await house.do("ada", MutePerson(ParticipantId("bob"), on=True))
    await house.do("mod", AddNote(ParticipantId("ada"), "Kind"))
    answered = await house.do("mod", AnswerPrivately(question, "In blue too"))
    await house.do("ada", ConsentToAnswer(answered.result.paper_id or PaperId(""), on=False))
    await house.do("mod", SetSanction(ParticipantId("bob"), SanctionKind.BAN, None, "Rude"))
    await room.act(ChangeParticipant(ParticipantId("ada"), segment="customer"))
    await house.rooms.close()
    database.close()


async def _said_by(house: House, who: str) -> MessageId:
    state = (await house.room()).state
    (message,) = [each for each in state.messages.values() if each.author_id == who]
    return message.id


def proved(url: URL, *, write: bool = False) -> tuple[Rebuilt, list[str]]:
    found: list[Finding] = []
    outcome = rebuild(url, write=write, tell=found.append)
    return outcome, [str(each) for each in found]


def change(url: URL, *statements: str) -> None:
    engine = write_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


# --- equal -----------------------------------------------------------------------------------


@given(seed=st.integers(0, 2**32 - 1), length=st.integers(1, 60))
@settings(max_examples=8)
def test_after_any_history_every_row_is_what_the_log_says(seed: int, length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_database(Path(folder))
        asyncio.run(live_in_sql(url, Random(seed), length))
        outcome, found = proved(url)
        assert not found
        assert outcome.is_equal


async def test_after_a_history_on_postgresql_too(postgresql: URL) -> None:
    await live_in_sql(postgresql, Random(3), 60)

    outcome, found = await asyncio.to_thread(proved, postgresql)

    assert not found
    assert outcome.is_equal


async def test_it_is_proved_while_a_server_runs(url: URL) -> None:
    await have_an_evening(url)
    running = Database(url)
    await running.probe()

    outcome, found = proved(url)

    assert (found, outcome.is_equal, outcome.sessions) == ([], True, 1)
    assert outcome.rows > 6
    running.close()


# --- not equal -------------------------------------------------------------------------------

TAMPERED = {
    "messages: status": "UPDATE messages SET status = 'refused' WHERE status = 'published'",
    "messages: it is missing": "DELETE FROM messages WHERE status = 'published'",
    "questions: tallied": "UPDATE questions SET tallied = 40",
    "ballots: it is missing": "DELETE FROM ballots WHERE participant_id = 'bob'",
    "ballots: the log knows nothing of it": "UPDATE ballots SET up = true",
    "participants: segment": "UPDATE participants SET segment = 'general' WHERE id = 'ada'",
    "papers: status": "UPDATE papers SET status = 'shared' WHERE kind = 'answer'",
    "sessions: state": "UPDATE sessions SET state = 'lobby'",
    "sessions: document.sanctions": (
        """UPDATE sessions SET document = replace(document, '"kind":"ban"', '"kind":"timeout"')"""
    ),
    "sessions: document cannot be read": "UPDATE sessions SET document = '{'",
    "questions: the log knows nothing of it": (
        "INSERT INTO questions SELECT 'forged', session_id, author_id, content_id, language,"
        " status, revision, at_us, place, position, merged_into, tallied, edited, withdrawn,"
        " picked_us, answering_us, answered_us, reasons, score, labels, assignee_id FROM questions"
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
async def test_a_row_that_is_not_what_the_log_says_is_named_and_mended(url: URL, what: str) -> None:
    await have_an_evening(url)
    change(url, TAMPERED[what])

    outcome, found = await asyncio.to_thread(proved, url)
    assert not outcome.is_equal
    assert outcome.differences == 1
    table, _, says = what.partition(": ")
    assert found[0].startswith(f"session spring: {table} ")
    assert says in found[0]

    outcome, found_again = await asyncio.to_thread(proved, url, write=True)
    assert found_again == found
    assert outcome.is_equal
    assert "are now" in str(outcome)
    equal, nothing = await asyncio.to_thread(proved, url)
    assert (nothing, equal.is_equal, equal.events) == ([], True, outcome.events)


async def test_a_forged_question_goes_with_its_ballots(url: URL) -> None:
    await have_an_evening(url)
    forged = TAMPERED["questions: the log knows nothing of it"]
    vote = "INSERT INTO ballots VALUES ('session-1', 'forged', 'bob', {})"
    change(url, forged, vote.format("false"))

    outcome, found = await asyncio.to_thread(proved, url, write=True)

    assert len(found) == 2
    assert outcome.is_equal
    assert (await asyncio.to_thread(proved, url))[1] == []


async def test_a_log_with_a_hole_is_told_and_nothing_is_made_of_it(url: URL) -> None:
    await have_an_evening(url)
    change(url, "DELETE FROM events WHERE seq = 3", "UPDATE sessions SET state = 'lobby'")

    outcome, found = await asyncio.to_thread(proved, url, write=True)

    assert found == [
        "session spring: the log cannot be folded: ValueError: event 4 does not follow 2"
    ]
    assert not outcome.is_equal


# --- the command -----------------------------------------------------------------------------


def command(folder: Path, *arguments: str, **settings_: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        causerie_command("db", "rebuild", *arguments),
        env=bare_environment(folder, **settings_),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_command_names_the_row_and_fails_until_it_is_mended(
    sqlite: URL, tmp_path: Path
) -> None:
    await have_an_evening(sqlite)
    change(sqlite, "UPDATE questions SET tallied = 40")
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(str(sqlite.database), folder / "causerie.sqlite")

    told = command(folder)
    assert told.returncode == 1
    assert "tallied is 40, by the log 1" in told.stderr
    assert "Good evening" not in told.stderr
    mended = command(folder, "--write")
    assert (mended.returncode, "and are now" in mended.stderr) == (0, True)
    again = command(folder)
    assert (again.returncode, "every row is what the log says" in again.stderr) == (0, True)


async def test_nothing_is_rewritten_under_a_running_server(url: URL, tmp_path: Path) -> None:
    await have_an_evening(url)
    running = Database(url)
    await running.probe()
    if url.get_backend_name() == "postgresql":
        with pytest.raises(RebuildProblem, match="A server uses this database; stop it first"):
            await asyncio.to_thread(proved, url, write=True)
    else:
        await _refused_by_the_lock(url, tmp_path)
    running.close()


async def _refused_by_the_lock(url: URL, tmp_path: Path) -> None:
    shown = url.render_as_string()
    with held_database(shown, tmp_path):
        refused = await asyncio.to_thread(command, tmp_path, "--write", CAUSERIE_DATABASE_URL=shown)
    assert refused.returncode == 2
    assert "another process uses this database" in refused.stderr


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    refused = command(tmp_path)

    assert refused.returncode == 2
    assert "There is no database at" in refused.stderr
    assert not (tmp_path / "causerie.sqlite").exists()
