"""What was signed before an amendment could be drafted stood in `draft` ever after: it is no change that waits."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

# Only where it says what is in force, word for word: nobody's typing is lost. No one did it, so it leaves no event; what
# it was stands in the history of the row.
SIGNED_IS_NO_DRAFT = """
ALTER TABLE scheduling_order DISABLE TRIGGER leaves_an_event;
UPDATE scheduling_order SET draft = '{}' FROM scheduling_orderversion version
 WHERE version.id = scheduling_order.current_version_id AND scheduling_order.draft = version.content;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE scheduling_order ENABLE TRIGGER leaves_an_event;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("scheduling", "0025_tasks_that_need_nobody")]

    operations: ClassVar[list[Operation]] = [
        migrations.RunSQL(SIGNED_IS_NO_DRAFT, reverse_sql=migrations.RunSQL.noop, elidable=True)
    ]
