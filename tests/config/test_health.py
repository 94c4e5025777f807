from __future__ import annotations

import time

import pytest
from django.test import Client
from pytest_django import Settings

from tests.redis_servers import RedisServer

pytestmark = pytest.mark.django_db


def test_live_needs_no_sign_in(client: Client) -> None:
    assert client.get("/health/live").json() == {"status": "ok"}


def test_ready_without_redis_is_still_ready_and_says_so(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"database": "up", "redis": "down"})


def test_ready_with_redis(client: Client, redis_server: RedisServer, settings: Settings) -> None:
    settings.REDIS_URL = redis_server.url
    assert client.get("/health/ready").json() == {"database": "up", "redis": "up"}


def test_a_frozen_redis_does_not_hold_up_the_answer(
    client: Client, redis_server: RedisServer, settings: Settings
) -> None:
    settings.REDIS_URL = redis_server.url
    redis_server.freeze()
    began = time.monotonic()
    assert client.get("/health/ready").json()["redis"] == "down"
    assert time.monotonic() - began < 2


def test_metrics_are_lines_that_prometheus_reads(client: Client) -> None:
    text = client.get("/metrics").text
    assert "# TYPE infusion_database_up gauge\ninfusion_database_up 1\n" in text
    assert "infusion_redis_up 0\n" in text


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    answer = client.get("/health/live")
    policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    assert answer["Content-Security-Policy"] == policy
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert answer["Referrer-Policy"] == "same-origin"
