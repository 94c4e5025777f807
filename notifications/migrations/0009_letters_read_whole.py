from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_calendar_with_the_letter")]

    operations = [
        migrations.AddField(
            model_name="inboundmessage",
            name="subject",
            field=models.CharField(blank=True, db_default="", max_length=200),
        ),
        migrations.AddField(
            model_name="inboundmessage",
            name="calendar",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
