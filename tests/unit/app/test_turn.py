"""What opens the TURN server: what coturn takes, the same for the same person, for some hours."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

import pytest

from app.setting import SettingError
from app.settings import Settings
from app.turn import turn_credentials, turn_links

SECRET = "north-wind-" * 4
NOW = datetime(2026, 11, 23, 20, 0, 0, tzinfo=UTC)
URLS = "turn:turn.example.org:3478?transport=tcp, turns:turn.example.org:443"


def links(now: datetime = NOW, person: str = "p1") -> tuple[str, ...]:
    given = {"CAUSERIE_TURN_URLS": URLS, "CAUSERIE_TURN_SECRET": SECRET}
    return turn_links(Settings.read(given), person, now)


def test_the_password_is_the_name_signed_with_the_shared_secret() -> None:
    made = turn_credentials(SECRET, "p1", NOW, hours=6)
    signed = hmac.new(SECRET.encode(), made.username.encode(), hashlib.sha1).digest()
    assert made.password == base64.b64encode(signed).decode()


@pytest.mark.parametrize("minutes", [0, 1, 59, 119, 120, 121, 7_000])
def test_it_holds_for_the_hours_that_were_set_and_for_twice_as_many_at_most(minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    until = int(turn_credentials(SECRET, "p1", now, hours=2).username.partition(":")[0])
    assert 2 * 3_600 < until - now.timestamp() <= 4 * 3_600


def test_who_asks_often_is_one_user_and_others_are_others() -> None:
    first, again = (
        turn_credentials(SECRET, "p1", NOW + timedelta(minutes=m), hours=6) for m in (0, 30)
    )
    assert again == first
    assert turn_credentials(SECRET, "p2", NOW, hours=6).username != first.username


def test_the_name_tells_nobody_who_it_is() -> None:
    assert "p1" not in turn_credentials(SECRET, "p1", NOW, hours=6).username


def test_each_address_has_a_link_that_players_read() -> None:
    shape = (
        r'<(turns?:[^>]+)>; rel="ice-server"; username="[0-9]+:[0-9a-f]+";'
        r' credential="[A-Za-z0-9+/=]+"; credential-type="password"'
    )
    found = [re.fullmatch(shape, link) for link in links()]
    assert [match and match[1] for match in found] == URLS.split(", ")


def test_without_a_server_there_is_nothing_to_tell() -> None:
    assert turn_links(Settings.read({}), "p1", NOW) == ()


@pytest.mark.parametrize(
    ("given", "variable"),
    [
        ({"CAUSERIE_TURN_URLS": "turn.example.org"}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": "stun:turn.example.org"}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": 'turn:a">b'}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": "turn:host:99999"}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": "turns:host?transport=udp"}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": ",".join(["turn:host"] * 5)}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_URLS": "turn:host"}, "CAUSERIE_TURN_SECRET"),
        ({"CAUSERIE_TURN_SECRET": SECRET}, "CAUSERIE_TURN_URLS"),
        ({"CAUSERIE_TURN_HOURS": "0"}, "CAUSERIE_TURN_HOURS"),
        ({"CAUSERIE_MEDIA_TCP_PORT": "no"}, "CAUSERIE_MEDIA_TCP_PORT"),
        ({"CAUSERIE_MEDIA_TCP_PORT": "8000"}, "CAUSERIE_MEDIA_TCP_PORT"),
        (
            {"CAUSERIE_MEDIA_TCP_PORT": "65535", "CAUSERIE_MEDIA_WORKERS": "2"},
            "CAUSERIE_MEDIA_TCP_PORT",
        ),
    ],
)
def test_what_cannot_work_stops_the_start(given: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingError, match=f"^{variable}="):
        Settings.read(given)


def test_a_weak_secret_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.read({"CAUSERIE_TURN_URLS": "turn:host", "CAUSERIE_TURN_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_each_media_process_has_a_tcp_port_beside_its_udp_port() -> None:
    given = {"CAUSERIE_MEDIA_TCP_PORT": "9000", "CAUSERIE_MEDIA_WORKERS": "3"}
    settings = Settings.read(given)
    assert list(settings.tcp_ports(3)) == [9000, 9001, 9002]
    assert list(Settings.read({}).tcp_ports(3)) == []
