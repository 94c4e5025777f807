from __future__ import annotations

import pytest

from config import env


def test_a_database_url_is_read_with_libpqs_rules() -> None:
    found = env.database("postgresql://app:p%40ss@db.example:6432/desk?sslmode=require", name="DATABASE_URL")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("desk", "app", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example", "6432")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_a_socket_folder_may_be_the_host() -> None:
    found = env.database("host=/run/pg user=app dbname=desk", name="DATABASE_URL")
    assert (found["HOST"], found["NAME"]) == ("/run/pg", "desk")


@pytest.mark.parametrize("url", ["nonsense", "mysql://x", "postgresql://app:secret@host/desk?x"])
def test_a_wrong_database_url_is_one_sentence_without_its_password(url: str) -> None:
    with pytest.raises(env.WrongSetting) as caught:
        env.database(url, name="DATABASE_URL")
    assert str(caught.value).startswith("DATABASE_URL is not a PostgreSQL URL")
    assert "secret" not in str(caught.value)


def test_a_database_url_must_name_a_database() -> None:
    with pytest.raises(env.WrongSetting, match="DATABASE_URL names no database"):
        env.database("postgresql://app@host", name="DATABASE_URL")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", " ")
    assert not env.given("PUBLIC_URL")
    with pytest.raises(env.WrongSetting, match="PUBLIC_URL is not set"):
        env.text("PUBLIC_URL")


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1"])
def test_a_port_must_be_one(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(env.WrongSetting, match="is not a port number"):
        env.port()


@pytest.mark.parametrize("minutes", ["abc", "1", "61", "-5", "7.5", "²"])
def test_a_whole_number_must_be_one_that_is_allowed(minutes: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDLE_LOCK_MINUTES", minutes)
    with pytest.raises(env.WrongSetting, match="is not a whole number from 2 to 60"):
        env.whole_number("IDLE_LOCK_MINUTES", 15, least=2, most=60)


def test_a_whole_number_is_read_or_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.whole_number("IDLE_LOCK_MINUTES", 15, least=2, most=60) == 15
    monkeypatch.setenv("IDLE_LOCK_MINUTES", "60")
    assert env.whole_number("IDLE_LOCK_MINUTES", 15, least=2, most=60) == 60


def test_a_url_must_have_one_of_its_schemes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_URL", "http://example.org")
    with pytest.raises(env.WrongSetting, match="SMS_URL must begin with one of twilio:, outbox:"):
        env.url("SMS_URL", None, schemes=("twilio", "outbox"))
