"""Where a patient gets help at once: shown below every questionnaire."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

TEXT = (
    "If you need help now, don't wait for us. In an emergency call 911. In a crisis, or if you think of hurting"
    " yourself, call or text 988, day or night."
)
TEXT_ES = (
    "Si necesita ayuda ahora, no espere nuestra respuesta. En una emergencia llame al 911. En una crisis, o si piensa"
    " en hacerse daño, llame o escriba al 988, de día o de noche."
)


def _field(text: str) -> models.CharField[str, str]:
    return models.CharField(max_length=600, default=text, db_default=text)


class Migration(migrations.Migration):
    """One text a language."""

    dependencies: ClassVar = [("notifications", "0012_alerts_of_tasks")]
    operations: ClassVar = [
        migrations.AddField("messagerules", "safety_text", _field(TEXT)),
        migrations.AddField("messagerules", "safety_text_es", _field(TEXT_ES)),
    ]
