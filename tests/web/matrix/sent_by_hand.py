"""What pages send that the example is not in the state for: the fields of their forms, each filled in as it may be."""

from __future__ import annotations

from typing import Final

ANSWERS: Final = {f"q{number}": "1" for number in range(1, 10)}
SAID: Final = {"who": "1", "day": "today", "time": "06:50", "read_back": "on"}
SENT: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "review": (
        *({"decision": decision, "note": "seen", "latest": "0", "effect": "", "keep_days": "3", **SAID}
          for decision in ("continue", "pause")),
        {"look": "stop", "note": "seen", "latest": "0"},
    ),
    "rule_exit": (
        {"ruling": "counts", "reason": "nearly all", "seen": "0"},
        {"ruling": "repeated", "reason": "", "seen": "0"},
    ),
    "visit_exit": (
        {"to": "stopped_early", "why": "unwell", "words": "pale", "happened_at": "07:00", "ate": "06:00",
         "drank": "06:00", "row_version": "4"},
        {"to": "turned_away", "why": "other", "words": "", "do": "look", "start": "2027-01-05T14:00:00+00:00",
         "row_version": "4"},
    ),
    "pass_check": (
        {"kind": "fasting", "reason": "a sip", "prescriber": "1", "read_back": "on"},
        {"kind": "ride", "reason": "", "do": "ask"},
    ),
    "clear_visit": ({"row_version": "1", "words": "well", "back": "today"},),
    "take_back": ({"row_version": "4", "back": "today"},),
    "visit_under_way": (
        {"what": "longer", "until": "12:00", "row_version": "4"},
        {"what": "chair", "resource": "1", "at": "09:00", "row_version": "4", "back": "today"},
        {"what": "nurse", "resource": "1", "at": "09:00", "until": "10:00", "row_version": "4"},
    ),
    "place_again": ({"row_version": "1", "back": "today"},),
    "enter_answers": ({"asked": "", "how": "phone", "language": "en", "show": "es", "send": "as_it_is", **ANSWERS},),
    "questions_linked": ({"asked": "", "language": "en", "as_it_is": "1", **ANSWERS}, {"birth_date": "1980-02-03"}),
    "tablet": ({"asked": "", "as_it_is": "1", **ANSWERS}, {"birth_date": "1980-02-03"}),
    "ask_patient": ({"instrument": "phq-9", "order": "1", "days": "3"},),
    "work_follow_up": (
        *({"do": do, "note": "spoke", "wrong": ""} for do in ("done", "voicemail", "not_needed", "take", "snooze")),
        {"do": "", "note": "not theirs", "wrong": "1"},
    ),
    "order_as_needed": (
        {"how": "up_to", "count": "3", "min_days": "14", "until": "2027-12-31", "each_is_allowed": "on"},
    ),
    "more_clinics": ({"clinics": "1", "password": "password"},),
    "change_order": (
        {"reason": "as said", "keep_days": "3", "shown": "", "decided_by": "1", "heard_at": "06:50", "read_back": "on"},
    ),
    "patient_died": ({"day": "2027-01-03", "is_sure": "on"},),
    "close_task": ({"outcome": "called"},),
    "sign_several": ({"order": "1", "read-1": "x", "password": "password"},),
    "settle_kept": (
        *({"visit": "1", "do": do, "key": "k", "days": "2", "until": "2027-01-06T14:00"}
          for do in ("book", "keep", "free")),
    ),
    "settle_paused": ({"do": "keep", "days": "3"}, {"do": "free"}),
    "pencil": ({"start": "2027-01-05T14:00:00+00:00", "picks": "[]", "key": "k"},),
    "before_visits": ({"code": "lab", "do": "met", "note": "seen", "on": "2027-01-04", "visit": "1"},),
    "note_wish": ({"words": "one more"},),
    "wish_linked": ({"words": "one more", "sure": "1"},),
    "tell_of_freed": ({"do": "know"},),
    "tell_of_order": ({"do": "know"}, {"do": "now"}),
    "undo_change": ({"row_version": "1", "key": "k"},),
    "visit_late": ({"minutes": "20", "row_version": "1"},),
    "tell_of_visit": ({"do": "know"}, {"do": "know_and_send"}, {"do": "now"}),
    "reply": ({"do": "confirm", "visit": "1"},),
    "reply_hand_over": ({"words": "asks about it", "order": "1"},),
    "visit_ride": ({"name": "Ben", "phone": "+12125550100", "relation": "friend"},),
    "ask_for": ({"picks": "[]", "reason": "asked", "start": "2027-01-30T14:00:00+00:00", "number": "1", "key": "k"},),
    "book_ask": ({"pick": "1@2027-01-30T14:00:00+00:00", "reason": "asked", "key": "k"},),
    "withdraw_question": ({"reason": "no more"},),
}  # fmt: skip
