from __future__ import annotations

from importlib import import_module

import psycopg
from psycopg.types.json import Jsonb

from scheduling.models import Order
from tests import factories
from tests.databases import Committed

MIGRATION = import_module("scheduling.migrations.0026_signed_is_no_draft")


def test_what_is_in_force_word_for_word_is_no_change_that_waits_to_be_signed(committed_database: Committed) -> None:
    """As orders stood that were signed before amendments could be drafted."""
    clinic = factories.create_clinic()
    old, changing = (factories.create_order(clinic) for _ in range(2))
    assert old.current_version
    assert changing.current_version
    waiting = changing.current_version.content | {"doses": 2}
    with psycopg.connect(committed_database.owner_url) as owner:
        owner.execute("ALTER TABLE scheduling_order DISABLE TRIGGER USER")
        for order, draft in ((old, old.current_version.content), (changing, waiting)):
            owner.execute("UPDATE scheduling_order SET draft = %s WHERE id = %s", [Jsonb(draft), order.pk])
        owner.execute("ALTER TABLE scheduling_order ENABLE TRIGGER USER")
        owner.execute(MIGRATION.SIGNED_IS_NO_DRAFT)
    assert Order.objects.get(pk=old.pk).draft == {}
    assert Order.objects.get(pk=changing.pk).draft == waiting
