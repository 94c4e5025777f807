"""What a clinic says about its messages, as a form; the rules themselves are those of the clinic file's section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications import clinic_section
from notifications.models import MessageRules
from scheduling.typed_numbers import read_number

TIME = forms.TimeInput(attrs={"type": "time", "step": 900}, format="%H:%M")
LONG = forms.Textarea(attrs={"rows": 3})
# Left empty they are left out, which means: nothing of the kind.
MAY_BE_EMPTY = ("sender_name", "self_service_hours", "text_number", "answer_hours", "answer_hours_es")


class RulesForm(forms.Form):
    """Names as in the clinic file, so that what is wrong finds its field."""

    sender_name = forms.CharField(
        label=_("Messages are from"),
        required=False,
        max_length=24,
        help_text=_("A discreet name. Empty: the clinic's own, where it tells nothing."),
    )
    consent_sentence = forms.CharField(
        label=_("The sentence that asks for consent"), max_length=300, widget=LONG, help_text=_("A new one counts up.")
    )
    reminder_hours = forms.CharField(
        label=_("Reminders, hours before the visit"),
        required=False,
        help_text=_("Largest first, like: 72, 24. Empty: no reminders go."),
    )
    day_of_minutes = forms.IntegerField(
        label=_("Reminder of the day, minutes before"), help_text=_("For whoever asked for one.")
    )
    grace_minutes = forms.IntegerField(
        label=_("Minutes before a change is told"), help_text=_("Taken back within them, nobody hears of it.")
    )
    told_by_minutes = forms.IntegerField(
        label=_("Minutes in which you tell a patient of a pause yourselves"), help_text=_("Then the message goes.")
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=TIME)
    quiet_until = forms.TimeField(
        label=_("Quiet until"), widget=TIME, help_text=_("The patient's clock. Equal times: never quiet.")
    )
    most_a_day = forms.IntegerField(label=_("Reminders a day at most"), help_text=_("0: no limit. Changes always go."))
    most_a_week = forms.IntegerField(label=_("Reminders a week at most"), help_text=_("0: no limit."))
    texts_per_minute = forms.IntegerField(
        label=_("Texts a minute"), help_text=_("What the provider lets through. 0: no limit.")
    )
    text_number = forms.CharField(
        label=_("Texts come from"), required=False, help_text=_("Like +12125550100: replies of strangers find you.")
    )
    self_service_hours = forms.IntegerField(
        label=_("Patients may cancel themselves until so many hours before"),
        required=False,
        help_text=_("Empty: they ask, and you call."),
    )
    answer_hours = forms.CharField(
        label=_("When you read replies, English"), required=False, max_length=120, help_text=_("Patients see it.")
    )
    answer_hours_es = forms.CharField(
        label=_("When you read replies, Spanish"), required=False, max_length=120, help_text=_("Patients see it.")
    )
    fixed_answer = forms.CharField(label=_("Answer to free texts, English"), max_length=320, widget=LONG)
    fixed_answer_es = forms.CharField(
        label=_("Answer to free texts, Spanish"), max_length=320, widget=LONG, help_text=_("Without á í ó ú.")
    )
    safety_text = forms.CharField(
        label=_("Where to get help at once, English"),
        max_length=600,
        widget=LONG,
        help_text=_("Every patient sees it below questions that we ask, whatever they answer."),
    )
    safety_text_es = forms.CharField(label=_("Where to get help at once, Spanish"), max_length=600, widget=LONG)
    remind_after_minutes = forms.IntegerField(
        label=_("Minutes until a clinician is reminded of something urgent they took"),
        help_text=_("While it is not closed, and again each time. The back-up hears of it too. 0: never."),
    )

    @classmethod
    def of(cls, rules: MessageRules) -> RulesForm:
        """The form as the rules stand."""
        values = {name: getattr(rules, name) for name in cls.base_fields}
        return cls(initial=values | {"reminder_hours": ", ".join(map(str, rules.reminder_hours))})

    def clean_reminder_hours(self) -> list[int]:
        parts = [part.strip() for part in str(self.cleaned_data["reminder_hours"]).split(",") if part.strip()]
        hours = [hour for part in parts if (hour := read_number(part)) is not None]
        if len(hours) < len(parts):
            raise forms.ValidationError(_("Whole hours with commas between them, like: 72, 24"))
        return hours

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for path, words in clinic_section.find_mistakes(self.section):
                name = str(path[0]) if path else ""
                field = "quiet_from" if name == "quiet_hours" else name
                self.add_error(field if field in self.fields else None, words)
        return said

    @property
    def section(self) -> Mapping[str, Any]:
        """The `messages:` section that says the same."""
        said = dict(self.cleaned_data)
        starts, ends = said.pop("quiet_from"), said.pop("quiet_until")
        quiet = clinic_section.NO_QUIET_HOURS if starts == ends else f"{starts:%H:%M}-{ends:%H:%M}"
        kept = {name: value for name, value in said.items() if not (name in MAY_BE_EMPTY and value in (None, ""))}
        return kept | {"quiet_hours": quiet}
