"""A wrong setting stops the start with one sentence: variable, value, what would be right."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from app.cli import main
from app.limits import Rate
from app.setting import SettingError
from app.settings import SETTINGS, Settings, unknown_variables


def test_without_anything_the_contracts_defaults_hold() -> None:
    settings = Settings.read({})
    assert (settings.host, settings.port, settings.udp_port) == ("127.0.0.1", 8000, 8189)
    assert str(settings.data_dir) == "causerie-data"
    assert settings.limit_joins == Rate(300, 60)
    assert settings.limit_messages == Rate(5, 10)
    assert settings.limit_questions == Rate(3, 60)
    assert settings.owner_token is None
    assert settings.public_url is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CAUSERIE_PORT", "eight"),
        ("CAUSERIE_PORT", "65536"),
        ("CAUSERIE_HOST", "not a host"),
        ("CAUSERIE_DATABASE_URL", "mysql://localhost/x"),
        ("CAUSERIE_DATABASE_URL", "nonsense"),
        ("CAUSERIE_BUS_URL", "redis://localhost"),
        ("CAUSERIE_BUS_URL", "kafka://localhost"),
        ("CAUSERIE_WORKERS", "0"),
        ("CAUSERIE_WORKERS", "2"),
        ("CAUSERIE_PUBLIC_URL", "live.example.org"),
        ("CAUSERIE_PUBLIC_URL", "https://live.example.org/path"),
        ("CAUSERIE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("CAUSERIE_TRUSTED_PROXIES", "proxy"),
        ("CAUSERIE_UDP_PORT", "-1"),
        ("CAUSERIE_PUBLIC_IP", "example.org"),
        ("CAUSERIE_PUBLIC_IP", "::"),
        ("CAUSERIE_EGRESS_MBIT", "0"),
        ("CAUSERIE_MAX_VIEWERS", "many"),
        ("CAUSERIE_LIMIT_JOINS", "300"),
        ("CAUSERIE_LIMIT_MESSAGES", "0/10s"),
        ("CAUSERIE_LIMIT_QUESTIONS", "3/minute"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable_and_what_would_be_right(
    variable: str, value: str
) -> None:
    with pytest.raises(SettingError) as refused:
        Settings.read({variable: value})
    told = str(refused.value)
    assert told.startswith(f"{variable}={value}: ")
    assert len(told) > len(f"{variable}={value}: ") + 10
    assert "\n" not in told


def test_several_workers_take_postgresql_and_a_bus_and_are_told_so() -> None:
    given = {"CAUSERIE_WORKERS": "2"}
    with pytest.raises(SettingError, match="SQLite serves one process"):
        Settings.read(given)
    given["CAUSERIE_DATABASE_URL"] = "postgresql://somebody@host/name"
    with pytest.raises(SettingError, match="several processes take a bus"):
        Settings.read(given)
    given["CAUSERIE_BUS_URL"] = "redis://localhost"
    assert Settings.read(given).workers == 2


def test_a_short_owner_token_is_refused_without_being_repeated() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.read({"CAUSERIE_OWNER_TOKEN": "hunter2"})
    assert "hunter2" not in str(refused.value)
    assert "CAUSERIE_OWNER_TOKEN=(7 characters)" in str(refused.value)


def test_the_password_of_a_refused_database_url_is_not_repeated() -> None:
    with pytest.raises(SettingError) as refused:
        Settings.read({"CAUSERIE_DATABASE_URL": "mysql://somebody:hunter2@host/name"})
    assert "hunter2" not in str(refused.value)


def test_beyond_loopback_the_public_url_is_required() -> None:
    with pytest.raises(SettingError, match="CAUSERIE_PUBLIC_URL="):
        Settings.read({"CAUSERIE_HOST": "192.0.2.1"})
    given = {"CAUSERIE_HOST": "192.0.2.1", "CAUSERIE_PUBLIC_URL": "https://Live.Example.org/"}
    assert Settings.read(given).public_url == "https://live.example.org"


def test_a_misspelt_variable_is_noticed() -> None:
    assert unknown_variables({"CAUSERIE_PROT": "1", "CAUSERIE_PORT": "1", "PATH": ""}) == [
        "CAUSERIE_PROT"
    ]


def test_every_option_stands_in_the_help_with_its_variable() -> None:
    # A wide terminal, so that no name is broken over two lines.
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["serve", "--help"]).output
    for setting in SETTINGS.values():
        assert setting.flag in shown
        assert setting.variable in shown


def test_a_flag_beats_its_variable() -> None:
    environment = {"CAUSERIE_PORT": "none"}
    result = CliRunner(env=environment).invoke(main, ["owner-link", "--port", "also none"])
    assert result.exit_code == 2
    assert "CAUSERIE_PORT=also none: " in result.stderr
