from __future__ import annotations

from typing import Any

import pytest

from notifications import clinic_section
from notifications.models import MessageRules
from scheduling.events import Actor
from scheduling.marked_yaml import read
from scheduling.models import Event, EventToPlan, Role
from scheduling.permissions import NotAllowed
from tests import factories
from tests.notifications.world import NOON

FULL = {
    "sender_name": "Harbor Center",
    "reminder_hours": [48, 24, 3],
    "grace_minutes": 5,
    "quiet_hours": "21:00-08:30",
    "consent_sentence": "May we text you about your visits?",
    "most_a_day": 2,
    "most_a_week": 0,
    "day_of_minutes": 90,
    "self_service_hours": 48,
    "told_by_minutes": 60,
    "texts_per_minute": 30,
    "text_number": "+12125550100",
    "answer_hours": "Monday to Friday, 8 to 6",
    "answer_hours_es": "De lunes a viernes, de 8 a 18",
    "remind_after_minutes": 30,
    "fixed_answer": "We read texts from 8 to 6. In an emergency call 911.",
    "fixed_answer_es": "Leemos mensajes de 8 a 6. En una emergencia llame al 911.",
    "safety_text": "In an emergency call 911, in a crisis 988.",
    "safety_text_es": "En una emergencia llame al 911, en una crisis al 988.",
}
MAY_BE_LEFT_OUT = ("sender_name", "self_service_hours", "text_number", "answer_hours", "answer_hours_es")


def problems(text: str) -> list[str]:
    data, lines = read(text.encode())
    return [str(problem) for problem in clinic_section.check(data["messages"], lines.below("messages"))]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sender: Harbor", "line 2: messages.sender"),
        ("grace_minutes: 90", "line 2: messages.grace_minutes"),
        ("reminder_hours: [24, 24]", "line 2: messages.reminder_hours"),
        ("quiet_hours: 8pm", 'line 2: messages.quiet_hours: is to be a text such as "20:00-09:00", or none'),
        ("quiet_hours: 20:10-09:00", "Quiet hours start and end on a quarter hour."),
        ("quiet_hours: 09:00-08:30", "Quiet hours must leave at least one hour a day for messages."),
        (r'sender_name: "Harbor\nCenter"', "line 2: messages.sender_name: is to be one line of text"),
        (r'sender_name: "Harbor\n"', "line 2: messages.sender_name: is to be one line of text"),
        ("sender_name: Harbor Ketamine", "“ketamine” may tell others about the patient's care."),
        ("most_a_day: -1", "line 2: messages.most_a_day"),
        ("day_of_minutes: 5", "line 2: messages.day_of_minutes"),
        ("self_service_hours: never", "line 2: messages.self_service_hours"),
        ("texts_per_minute: -1", "line 2: messages.texts_per_minute"),
        ("text_number: 212 555 0100", 'line 2: messages.text_number: is to be a text such as "+12125550100"'),
        ("answer_hours: When the infusion nurse is in", "“infusion” may tell others about the patient's care."),
        ("fixed_answer: Ask about your ketamine", "“ketamine” may tell others about the patient's care."),
        ("safety_text: For depression call 988", "“depression” may tell others about the patient's care."),
        ("fixed_answer_es: Responda SI si quiere una llamada", "“si” must not be asked for"),
    ],
)
def test_mistake_is_named_with_its_key_and_line(line: str, said: str) -> None:
    [problem] = problems(f"messages:\n  {line}\n")
    assert problem.startswith("line 2: messages.")
    assert said.split(": is to be", maxsplit=1)[0] in problem


def test_sound_section_has_no_problem() -> None:
    assert clinic_section.check(FULL, read(b"messages: {}")[1].below("messages")) == []


@pytest.mark.django_db
class TestApply:
    def apply(self, section: dict[str, Any], by: Actor | None = None) -> bool:
        self.clinic = getattr(self, "clinic", None) or factories.create_clinic()
        by = by or factories.create_actor(self.clinic, Role.MANAGER)
        return clinic_section.apply(section, clinic=self.clinic, by=by, now=NOON)

    def test_what_was_applied_is_exported_and_changes_nothing_again(self) -> None:
        assert self.apply(FULL)
        assert clinic_section.export(self.clinic) == FULL
        assert not self.apply(clinic_section.export(self.clinic))
        assert Event.objects.filter(verb="clinic.messages_set").count() == EventToPlan.objects.count() == 1

    def test_what_may_be_empty_is_left_out_of_the_file(self) -> None:
        self.apply({key: value for key, value in FULL.items() if key not in MAY_BE_LEFT_OUT})
        assert set(clinic_section.export(self.clinic)) == set(FULL) - set(MAY_BE_LEFT_OUT)
        assert not self.apply(clinic_section.export(self.clinic))

    def test_every_rule_there_is_can_be_said_in_the_file(self) -> None:
        said = {field.name for field in MessageRules._meta.concrete_fields}
        assert said - {"id", "clinic", "consent_version", "quiet_from", "quiet_until"} == set(FULL) - {"quiet_hours"}

    def test_key_left_out_goes_back_to_its_default(self) -> None:
        self.apply(FULL)
        self.apply({"quiet_hours": "none"})
        rules = MessageRules.objects.get()
        assert (rules.reminder_hours, rules.grace_minutes, rules.quiet_from == rules.quiet_until) == ([72, 24], 3, True)

    def test_new_consent_sentence_gets_a_new_version(self) -> None:
        self.apply({})
        self.apply({"consent_sentence": "May we write to you about visits?"})
        self.apply({"consent_sentence": "May we write to you about visits?", "grace_minutes": 4})
        assert MessageRules.objects.get().consent_version == "2"

    def test_front_desk_may_not(self) -> None:
        clinic = factories.create_clinic()
        with pytest.raises(NotAllowed):
            self.apply(FULL, factories.create_actor(clinic, Role.FRONT_DESK))
