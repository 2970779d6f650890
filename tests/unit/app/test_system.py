"""Identifiers come in pools, and yet no two are the same, in this process or in one forked off."""

from __future__ import annotations

import os
import time

import pytest

from app.system import SystemEntropy


def test_identifiers_and_salts_are_fresh_across_many_pools() -> None:
    entropy = SystemEntropy()

    ids = [entropy.new_id() for _ in range(2_000)]
    salts = [entropy.salt() for _ in range(2_000)]

    assert len(set(ids)) == len(set(salts)) == 2_000
    assert {len(each) for each in ids} == {22}
    assert {len(each) for each in salts} == {16}


def test_identifiers_sort_by_the_millisecond_they_were_made_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = [0, 1, 25, 63, 64, 4_095, 4_096, 1_795_440_271_884, 1_795_440_271_885, 1 << 46]
    entropy = SystemEntropy()

    ids = []
    for moment_ms in moments:
        monkeypatch.setattr(time, "time_ns", lambda at=moment_ms: at * 1_000_000)
        ids.append(entropy.new_id())

    assert ids == sorted(ids)
    assert all(each[0].isalpha() for each in ids)
    assert len({each[8:] for each in ids}) == len(ids)


def test_a_forked_process_gives_none_of_its_parents_identifiers() -> None:
    entropy = SystemEntropy()
    entropy.new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, entropy.new_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert told.read() != entropy.new_id()
