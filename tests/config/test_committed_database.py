from __future__ import annotations

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests.databases import Committed


def test_a_commit_is_seen_by_another_session(committed_database: Committed) -> None:
    ContentType.objects.create(app_label="test", model="seen")
    with psycopg.connect(committed_database.app_url) as other:
        count = other.execute("SELECT count(*) FROM django_content_type WHERE app_label = 'test'").fetchone()
    assert count == (1,)


def test_the_next_test_starts_empty(committed_database: Committed) -> None:
    assert not ContentType.objects.filter(app_label="test").exists()
    assert connection.settings_dict["NAME"] == committed_database.name
