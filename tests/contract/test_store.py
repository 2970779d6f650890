"""What every store and directory promises, over each of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest

from live.domain.audit import BEGINNING, Act, Doer, chain_of, linked, make_act
from live.domain.ids import ContentId, MessageId, ParticipantId, PersonId, Seq, SessionId
from live.domain.label import Colour
from live.domain.message import MessageStatus, Reason
from live.domain.people import Role
from live.domain.question import Ballot, QuestionStatus
from live.domain.segment import Segment
from live.ports.store import (
    Batch,
    Directory,
    Holder,
    InviteRecord,
    Search,
    SlugTaken,
    StaleWriter,
    Store,
    StoreUnavailable,
)
from tests.support.records import (
    NOW,
    SESSION,
    content,
    credential,
    event,
    invite,
    key,
    message,
    participant,
    post,
    question,
    session,
)

PRESS = Segment("press", {"en": "Press", "fr": "Presse"}, Colour.TEAL, "With a card", open=True)


@pytest.fixture
async def room(store: Store, directory: Directory) -> Store:
    """A store that holds one session with one participant."""
    await directory.add_session(session())
    await directory.add_participant(participant("ada"), credential("ada"))
    return store


# --- commits ---------------------------------------------------------------------------------


async def test_a_committed_batch_is_read_back_whole(room: Store) -> None:
    said = message("m1", place=1, reasons=(Reason("link", "It has a link.", "example.org"),))
    asked = question("q1", place=2, status=QuestionStatus.ANSWERING, answering_at=NOW, score=0.25)
    ballot = Ballot(asked.id, ParticipantId("ada"), up=True)
    batch = Batch(
        session_id=SESSION,
        expected_head=0,
        head=2,
        events=[event(1), event(2, "question.asked")],
        contents=[content("m1-text", "Hello 👋🏽"), content("q1-text", "Why?")],
        messages=[said],
        questions=[asked],
        ballots=[ballot],
        reactions={("heart", "general"): 3},
        keys=[key("c1", seq=1)],
    )

    await room.commit(batch)

    record = await room.load_room(SESSION, recent_messages=50)
    assert record is not None
    assert record.session.head == 2
    assert list(record.messages) == [said]
    assert list(record.questions) == [asked]
    assert list(record.ballots) == [ballot]
    assert {each.id: each for each in record.contents} == {each.id: each for each in batch.contents}
    assert dict(record.reactions) == {("heart", "general"): 3}
    assert list(await room.events(SESSION, after=0, limit=10)) == list(batch.events)
    assert await room.find_key(SESSION, ParticipantId("ada"), "c1") == batch.keys[0]
    ada, bob = ParticipantId("ada"), ParticipantId("bob")
    assert await room.find_keys(SESSION, [bob, ada], limit=5) == list(batch.keys)
    assert await room.find_keys(SESSION, [ada], limit=0) == []
    assert await room.find_keys(SESSION, [bob], limit=5) == []


async def test_a_search_minds_neither_accents_nor_capitals_and_takes_no_pattern(
    room: Store,
) -> None:
    minute = timedelta(minutes=1)
    texts = {
        "m1": "Livrez-vous à LIÈGE avant Noël ?",
        "m2": "100% wool_mix \\ yes",
        "m3": "Straße, ΑΘΗΝΑ, Łódź",
        "q1": "Delivery to Liege?",
        "gone": "Liège too",
        "erased": "Liège as well",
    }
    said = [message(name, at=NOW + n * minute) for n, name in enumerate(("m1", "m2", "m3"))]
    said[1] = replace(said[1], labels=("l1", "l2"), assignee=ParticipantId("mod"), place=Seq(1))
    gone = message("gone", withdrawn=True, status=MessageStatus.REMOVED)
    asked = question("q1", at=NOW + 9 * minute, language="en-GB", status=QuestionStatus.PENDING)
    await room.commit(
        Batch(
            session_id=SESSION,
            expected_head=0,
            head=1,
            events=[event(1)],
            contents=[content(f"{name}-text", text) for name, text in texts.items()],
            messages=[*said, gone, message("erased")],
            questions=[asked],
        )
    )
    erased = [ContentId("erased-text")]
    await room.commit(Batch(SESSION, 1, 1, erase=erased, reactions={("a", "b"): 1}))
    ada = frozenset({ParticipantId("ada")})

    async def found(
        *words: str, authors: frozenset[ParticipantId] = frozenset(), **more: Any
    ) -> str:
        search = Search(words, (authors,) * len(words), **more)
        messages, questions, contents = await room.search(SESSION, search)
        named = [each.content_id for each in messages]
        named += [each.content_id for each in questions]
        assert set(named) == {each.id for each in contents}
        return " ".join([*(each.id for each in messages), *(each.id for each in questions)])

    assert await found("liege") == "m1 q1"
    assert await found("noel", "livrez") == "m1"
    assert await found("noel", "paques") == ""
    assert await found("0%") == await found("_") == await found("\\") == "m2"
    assert await found("%") == "m2"
    assert await found("lodz") == "", "a stroke is no accent"
    assert await found("strasse") == ""
    assert await found("nobody", authors=ada) == "m3 m2 m1 q1"
    assert await found("nobody", authors=ada, limit=1) == "m3 q1"
    assert await found(label="l1") == await found(assignee="mod") == "m2"
    assert await found(label="l") == ""
    assert await found("liege", language="en") == await found("liege", status="pending") == "q1"
    assert await found("liege", language="e") == ""
    assert await found("liege", after=(NOW + 9 * minute, "q1")) == "m1"
    assert await found(after=(NOW + 2 * minute, "m3")) == "m2 m1"
    assert await found(after=(NOW, "m0")) == "m1"
    assert await found(after=(NOW, "m1")) == ""
    assert (await room.search(SessionId("other"), Search())) == ([], [], [])
    record = await room.load_room(SESSION, recent_messages=50)
    assert record is not None
    assert [each.labels for each in record.messages if each.id == "m2"] == [("l1", "l2")]


async def test_keys_of_many_come_one_person_after_the_other(room: Store) -> None:
    people = [ParticipantId(name) for name in ("cid", "Bob", "ada", "Éva")]
    for number in range(3):
        keys = [replace(key(f"c{number}", seq=None), participant_id=each) for each in people]
        await room.commit(Batch(SESSION, 0, 0, keys=keys))

    found = await room.find_keys(SESSION, people, limit=20)
    some = await room.find_keys(SESSION, people[:3], limit=7)

    told = [whose for whose, _ in groupby(each.participant_id for each in found)]
    assert sorted(told) == sorted(people)
    assert len(found) == 12
    runs = groupby(each.participant_id for each in some)
    assert [len(list(of_one)) for _, of_one in runs] == [3, 3, 1]


async def test_later_values_replace_earlier_ones_and_reactions_add_up(room: Store) -> None:
    await room.commit(replace(post(1), reactions={("heart", "general"): 2}))
    published = replace(post(1).messages[0], revision=2, status=MessageStatus.REMOVED)
    await room.commit(
        Batch(
            session_id=SESSION,
            expected_head=1,
            head=2,
            events=[event(2)],
            messages=[published],
            reactions={("heart", "general"): 5, ("laugh", "customer"): 1},
        )
    )

    record = await room.load_room(SESSION, recent_messages=50)

    assert record is not None
    assert list(record.messages) == [published]
    assert dict(record.reactions) == {("heart", "general"): 7, ("laugh", "customer"): 1}


async def test_a_batch_may_change_rows_without_an_event(room: Store) -> None:
    await room.commit(post(1))
    await room.commit(
        Batch(
            session_id=SESSION,
            expected_head=1,
            head=1,
            reactions={("heart", "general"): 1},
            keys=[key("c9", seq=None)],
        )
    )

    stored = await room.find_key(SESSION, ParticipantId("ada"), "c9")
    assert stored is not None
    assert stored.seq is None


async def test_a_batch_with_an_unexpected_head_is_stale_and_leaves_nothing(room: Store) -> None:
    await room.commit(post(1))

    with pytest.raises(StaleWriter):
        await room.commit(replace(post(2), expected_head=0))

    assert await room.find_key(SESSION, ParticipantId("ada"), "c2") is None
    assert len(await room.events(SESSION, after=0, limit=10)) == 1


async def test_a_batch_of_an_unknown_session_is_stale(room: Store) -> None:
    with pytest.raises(StaleWriter):
        await room.commit(replace(post(1), session_id=SessionId("nowhere")))


async def test_a_stale_batch_does_not_sink_its_neighbours(
    room: Store, directory: Directory
) -> None:
    others = [SessionId(f"s{number}") for number in range(5)]
    for each in others:
        await directory.add_session(replace(session(), id=each, slug=each))

    outcomes = await asyncio.gather(
        room.commit(replace(post(1), expected_head=7)),
        *(room.commit(Batch(each, 0, 1, events=[event(1)])) for each in others),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes] == [StaleWriter] + [type(None)] * 5
    for each in others:
        assert len(await room.events(each, after=0, limit=10)) == 1


async def test_batches_are_committed_in_the_order_of_their_calls(room: Store) -> None:
    await asyncio.gather(*(room.commit(post(seq)) for seq in range(1, 201)))

    events = await room.events(SESSION, after=0, limit=1000)
    assert [each.seq for each in events] == list(range(1, 201))


async def test_a_cancelled_caller_does_not_undo_its_commit(room: Store) -> None:
    task = asyncio.create_task(room.commit(post(1)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await room.commit(post(2))

    assert [each.seq for each in await room.events(SESSION, after=0, limit=9)] == [1, 2]


async def test_the_session_record_is_replaced_whole(room: Store) -> None:
    changed = replace(
        session(),
        title="Another",
        state="live",
        live_since=NOW,
        document=b'{"mode":{"slow_s":5}}',
        languages=("fr",),
        head=1,
    )
    await room.commit(replace(post(1), session=changed))

    record = await room.load_room(SESSION, recent_messages=1)
    assert record is not None
    assert record.session == changed


async def test_an_unknown_room_is_none(store: Store) -> None:
    assert await store.load_room(SessionId("nowhere"), recent_messages=10) is None


# --- erasure ---------------------------------------------------------------------------------


async def test_an_erased_text_goes_with_its_salt_and_the_evidence(room: Store) -> None:
    said = message("m1", place=1, reasons=(Reason("link", "It has a link.", "example.org"),))
    await room.commit(
        replace(post(1), messages=[said], contents=[content("m1-text", "example.org")])
    )

    await room.commit(Batch(SESSION, 1, 1, erase=[ContentId("m1-text")]))

    messages, contents = await room.find_messages(SESSION, [MessageId("m1")])
    assert messages[0].reasons == (Reason("link", "It has a link.", None),)
    assert (contents[0].text, contents[0].salt) == (None, None)
    assert contents[0].owner_id == "ada"


async def test_a_text_may_be_written_and_erased_in_one_batch(room: Store) -> None:
    await room.commit(replace(post(1), erase=[ContentId("m1-text")]))

    _, contents = await room.find_messages(SESSION, [MessageId("m1")])
    assert contents[0].text is None


async def test_an_erased_text_stays_erased_whatever_is_written_later(room: Store) -> None:
    said = message("m1", place=1, reasons=(Reason("link", "It has a link.", "secret.example"),))
    await room.commit(replace(post(1), messages=[said]))
    await room.commit(Batch(SESSION, 1, 1, erase=[ContentId("m1-text")]))

    await room.commit(
        Batch(
            SESSION,
            1,
            2,
            events=[event(2)],
            messages=[replace(said, revision=2)],
            contents=[content("m1-text", "back again")],
        )
    )

    messages, contents = await room.find_messages(SESSION, [MessageId("m1")])
    assert messages[0].revision == 2
    assert messages[0].reasons[0].evidence is None
    assert contents[0].text is None


async def test_an_erased_participant_keeps_its_row_without_a_name(
    room: Store, directory: Directory
) -> None:
    erased = replace(participant("ada"), display_name=None, person_id=None, erased=True)
    await room.commit(replace(post(1), participants=[erased]))

    assert await directory.find_participant(ParticipantId("ada")) == erased


# --- reading ---------------------------------------------------------------------------------


async def test_events_are_read_after_a_position_up_to_a_limit(room: Store) -> None:
    for seq in range(1, 8):
        await room.commit(post(seq))

    assert [each.seq for each in await room.events(SESSION, after=2, limit=3)] == [3, 4, 5]
    assert list(await room.events(SESSION, after=7, limit=3)) == []


async def test_a_room_starts_from_all_that_waits_and_the_latest_of_the_rest(room: Store) -> None:
    for seq in range(1, 7):
        await room.commit(post(seq))
    waiting = message("w1", status=MessageStatus.PENDING, at=NOW - timedelta(days=1))
    refused = message("r1", status=MessageStatus.REFUSED)
    await room.commit(
        Batch(
            SESSION,
            6,
            7,
            events=[event(7)],
            contents=[content("w1-text"), content("r1-text")],
            messages=[waiting, refused],
        )
    )

    record = await room.load_room(SESSION, recent_messages=2)

    assert record is not None
    assert {each.id for each in record.messages} == {"m5", "m6", "w1", "r1"}
    assert {each.id for each in record.contents} == {f"{m.id}-text" for m in record.messages}


async def test_messages_are_found_by_id_within_their_session(room: Store) -> None:
    await room.commit(post(1))
    await room.commit(post(2))

    messages, contents = await room.find_messages(
        SESSION, [MessageId("m2"), MessageId("never-was")]
    )
    elsewhere, _ = await room.find_messages(SessionId("another"), [MessageId("m2")])

    assert [each.id for each in messages] == ["m2"]
    assert [each.id for each in contents] == ["m2-text"]
    assert list(elsewhere) == []


async def test_contents_are_found_by_id_within_their_session(room: Store) -> None:
    await room.commit(post(1))

    ids = [ContentId("m1-text"), ContentId("never-was")]

    assert list(await room.find_contents(SESSION, ids)) == list(post(1).contents)
    assert list(await room.find_contents(SessionId("another"), ids)) == []


async def test_everything_of_one_author_is_found_for_an_erasure(room: Store) -> None:
    bob = ParticipantId("bob")
    refused = message("m2", status=MessageStatus.REFUSED, author_id=bob)
    texts = [replace(content(name), owner_id=bob) for name in ("m2-text", "q1-text", "an-old-text")]
    await room.commit(post(1))
    await room.commit(
        Batch(
            SESSION,
            1,
            2,
            events=[event(2)],
            contents=texts,
            messages=[refused],
            questions=[question("q1", author_id=bob)],
            erase=[ContentId("an-old-text")],
        )
    )

    messages, contents = await room.find_authored(SESSION, bob)

    assert list(messages) == [refused]
    assert {each.id for each in contents} == {each.id for each in texts}


async def test_published_messages_are_paged_newest_first(room: Store) -> None:
    for seq in range(1, 8):
        await room.commit(post(seq))

    pages = []
    before = None
    while page := (
        await room.page_messages(
            SESSION, statuses=[MessageStatus.PUBLISHED], before=before, limit=3
        )
    )[0]:
        pages.append([each.id for each in page])
        before = page[-1].place

    assert pages == [["m7", "m6", "m5"], ["m4", "m3", "m2"], ["m1"]]


async def test_messages_without_a_place_are_paged_by_their_time(room: Store) -> None:
    """Those of one instant come on one page, so that none falls between two."""
    early, late = NOW, NOW + timedelta(seconds=1)
    waiting = [
        message(name, status=MessageStatus.PENDING, at=at)
        for name, at in [("a", early), ("b", early), ("c", early), ("d", late)]
    ]
    await room.commit(
        Batch(
            SESSION,
            0,
            1,
            events=[event(1)],
            contents=[content(f"{each.id}-text") for each in waiting],
            messages=waiting,
        )
    )

    async def page(before: int | None) -> list[str]:
        found, _ = await room.page_messages(
            SESSION, statuses=[MessageStatus.PENDING], before=before, limit=2
        )
        return [each.id for each in found]

    first = await page(None)
    assert first[0] == "d"
    assert sorted(first[1:]) == ["a", "b", "c"]
    assert await page(int(early.timestamp()) * 1_000_000) == []


async def test_questions_are_paged_by_status(room: Store) -> None:
    statuses = [QuestionStatus.PUBLISHED, QuestionStatus.ANSWERED, QuestionStatus.PUBLISHED]
    asked = [
        question(f"q{place}", place=place, status=status)
        for place, status in enumerate(statuses, start=1)
    ]
    await room.commit(
        Batch(
            SESSION,
            0,
            3,
            events=[event(1), event(2), event(3)],
            contents=[content(f"{each.id}-text") for each in asked],
            questions=asked,
        )
    )

    found, contents = await room.page_questions(
        SESSION, statuses=[QuestionStatus.PUBLISHED], before=None, limit=10
    )
    older, _ = await room.page_questions(
        SESSION, statuses=list(QuestionStatus), before=Seq(2), limit=10
    )

    assert [each.id for each in found] == ["q3", "q1"]
    assert {each.id for each in contents} == {"q1-text", "q3-text"}
    assert [each.id for each in older] == ["q1"]


async def test_keys_are_forgotten_a_day_after_the_end(room: Store) -> None:
    ended = replace(session(), state="ended", ended_at=NOW, head=1)
    await room.commit(replace(post(1), session=ended))

    assert await room.purge_keys(NOW + timedelta(hours=24)) == 0
    assert await room.find_key(SESSION, ParticipantId("ada"), "c1") is not None
    assert await room.purge_keys(NOW + timedelta(hours=24, seconds=1)) == 1
    assert await room.find_key(SESSION, ParticipantId("ada"), "c1") is None


# --- the directory ---------------------------------------------------------------------------


async def test_a_session_is_found_by_its_slug(directory: Directory) -> None:
    record = replace(session(), starts_at=NOW + timedelta(days=1), segments=(PRESS,))
    await directory.add_session(record)

    assert await directory.find_session(record.slug) == record
    assert await directory.find_session("another") is None
    assert list(await directory.list_sessions()) == [record]


async def test_a_slug_is_taken_once(directory: Directory) -> None:
    await directory.add_session(session())

    with pytest.raises(SlugTaken):
        await directory.add_session(replace(session(), id=SessionId("second")))

    assert [each.id for each in await directory.list_sessions()] == [SESSION]


async def test_an_invite_lets_in_as_often_as_it_says(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_invite(replace(invite("i1"), uses=2))

    outcomes = await asyncio.gather(
        *(
            directory.use_invite("i1", participant(name), credential(name), NOW)
            for name in ("ada", "bob", "cy", "dee")
        )
    )

    assert sorted(each.used for each in outcomes if each is not None) == [1, 2]
    people = [
        await directory.find_participant(ParticipantId(n)) for n in ("ada", "bob", "cy", "dee")
    ]
    assert sum(each is not None for each in people) == 2


@pytest.mark.parametrize(
    "closed",
    [
        replace(invite("i1"), expires_at=NOW),
        replace(invite("i1"), uses=1, used=1),
        replace(invite("i1"), revoked_at=NOW - timedelta(minutes=1)),
    ],
    ids=["expired", "used up", "revoked"],
)
async def test_a_closed_invite_lets_nobody_in(directory: Directory, closed: InviteRecord) -> None:
    await directory.add_session(session())
    await directory.add_invite(closed)

    assert await directory.use_invite("i1", participant("ada"), credential("ada"), NOW) is None
    assert await directory.find_holder(SESSION, credential("ada").token_hash) is None


async def test_a_revoked_invite_ends_what_it_let_in(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_invite(invite("i1"))
    for name in ("ada", "bob"):
        joined = replace(participant(name), invite_id="i1")
        await directory.use_invite("i1", joined, credential(name), NOW)
    await directory.add_participant(participant("cy"), credential("cy"))

    let_in = await directory.revoke_invite(SESSION, "i1", NOW)

    assert let_in is not None
    assert sorted(let_in) == ["ada", "bob"]
    ended = await directory.find_holder(SESSION, credential("ada").token_hash)
    other = await directory.find_holder(SESSION, credential("cy").token_hash)
    assert ended == Holder(ParticipantId("ada"), revoked=True)
    assert other == Holder(ParticipantId("cy"))
    found = await directory.find_invite(invite("i1").token_hash)
    assert found is not None
    assert found.revoked_at == NOW
    assert found.used == 2


async def test_revoking_an_invite_of_another_session_is_none(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_invite(invite("i1"))

    assert await directory.revoke_invite(SessionId("another"), "i1", NOW) is None
    assert await directory.revoke_invite(SESSION, "i2", NOW) is None
    assert [each.revoked_at for each in await directory.list_invites(SESSION)] == [None]


async def test_credentials_are_added_found_and_revoked(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_participant(participant("ada"), credential("ada"))
    second = replace(credential("ada"), token_hash=b"\0" * 32)
    await directory.add_credential(second)

    await directory.revoke_credentials(ParticipantId("ada"), NOW)

    for each in (credential("ada"), second):
        found = await directory.find_holder(SESSION, each.token_hash)
        assert found == Holder(ParticipantId("ada"), revoked=True)
    assert await directory.find_holder(SESSION, b"unknown") is None


async def test_a_credential_counts_for_its_session_alone(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_participant(participant("ada"), credential("ada"))

    known = credential("ada").token_hash
    assert await directory.find_holder(SESSION, known) == Holder(ParticipantId("ada"))
    assert await directory.find_holder(SessionId("another"), known) is None


async def test_a_person_is_found_again_in_its_session_until_erased(directory: Directory) -> None:
    await directory.add_session(session())
    person = PersonId("p-ada")
    ada = replace(participant("ada"), person_id=person, granted_segments=("press", "influencer"))
    await directory.add_participant(ada, credential("ada"))

    assert await directory.find_person_in_session(SESSION, person) == ada
    assert await directory.find_person_in_session(SessionId("another"), person) is None

    gone = replace(ada, erased=True, display_name=None)
    await directory.add_participant(gone, replace(credential("ada"), token_hash=b"2"))
    assert await directory.find_person_in_session(SESSION, person) is None


async def test_staff_keep_their_role(directory: Directory) -> None:
    await directory.add_session(session())
    await directory.add_participant(
        replace(participant("mo"), role=Role.MODERATOR), credential("mo")
    )

    found = await directory.find_participant(ParticipantId("mo"))
    assert found is not None
    assert found.role is Role.MODERATOR


def test_a_stale_writer_is_not_told_to_try_again() -> None:
    assert not issubclass(StaleWriter, StoreUnavailable)


# --- the audit -------------------------------------------------------------------------------


def act(text: str, **about: str) -> Act:
    return make_act(
        "test",
        Doer(ParticipantId("mod"), "moderator"),
        NOW,
        lambda: b"sixteen bytes of",
        told={},
        words={"note": text},
        about=ParticipantId(about["about"]) if about else None,
    )


async def test_acts_are_chained_in_the_order_in_which_they_were_committed(room: Store) -> None:
    await room.commit(replace(post(1), acts=[act("one"), act("two")]))
    await room.commit(replace(post(2), acts=[act("three")]))

    kept = await room.audit(chain_of(SESSION), after=0, limit=9)

    assert [each.words[0].text for each in kept] == ["one", "two", "three"]
    previous = BEGINNING
    for n, each in enumerate(kept, start=1):
        assert each.link == linked(chain_of(SESSION), previous, n, each.link.body)
        assert str(each.words[0].commitment) in each.link.body
        previous = each.link.hash
    assert list(await room.audit(chain_of(SESSION), after=1, limit=1)) == [kept[1]]
    assert list(await room.audit("another", after=0, limit=9)) == []


async def test_a_batch_that_is_stale_leaves_no_act(room: Store) -> None:
    await room.commit(post(1))

    with pytest.raises(StaleWriter):
        await room.commit(replace(post(2), expected_head=0, acts=[act("one")]))

    assert list(await room.audit(chain_of(SESSION), after=0, limit=9)) == []


async def test_who_is_erased_takes_their_words_out_of_the_chain_which_stays(room: Store) -> None:
    await room.commit(replace(post(1), acts=[act("of others"), act("of Ada", about="ada")]))
    before = await room.audit(chain_of(SESSION), after=0, limit=9)
    gone = replace(participant("ada"), display_name=None, person_id=None, erased=True)
    await room.commit(replace(post(2), participants=[gone]))

    after = await room.audit(chain_of(SESSION), after=0, limit=9)

    assert [each.link for each in after] == [each.link for each in before]
    assert [each.words[0].text for each in after] == ["of others", None]
    assert after[1].words[0].salt is None
