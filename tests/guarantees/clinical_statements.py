"""SQL of the clinician's side that lawful and unlawful writes share, in the manner of `statements`."""

from __future__ import annotations

from tests.guarantees.statements import insert


def exited(visit: str, status: str) -> str:
    """An infusion that was begun and broken off."""
    return (
        "UPDATE scheduling_appointment SET status = 'infusing', arrived_at = now(), seated_at = now(), given_at = now()"
        f" WHERE id = %({visit})s;"
        f"UPDATE scheduling_appointment SET status = '{status}', left_at = now() WHERE id = %({visit})s;"
    )


def ruling(visit: str, *, counts: bool = True, by: str = "prescriber", **columns: str) -> str:
    """A prescriber's word on an infusion that was broken off."""
    return insert(
        "exitruling", appointment_id=f"%({visit})s", counts=str(counts).lower(), decided_by_id=f"%({by})s",
        decided_at="now()", recorded_at="now()", note="''", **columns,
    )  # fmt: skip


def repeated(visit: str, *, again: bool = True) -> str:
    return f"UPDATE scheduling_appointment SET is_repeated = {str(again).lower()} WHERE id = %({visit})s;"


def visit_check(visit: str = "ana_visit_2", **columns: str) -> str:
    values = {
        "appointment_id": f"%({visit})s",
        "kind": "'fasting'",
        "step": "'start'",
        "is_met": "true",
        "detail": "''",
        "reason": "''",
        "said_by_id": "%(nurse)s",
        "said_at": "now()",
    }
    return insert("visitcheck", **(values | columns))


def let_pass(**columns: str) -> str:
    """A check that a prescriber lets pass, as a nurse heard it."""
    values = {
        "is_met": "false",
        "passed_by_id": "%(prescriber)s",
        "reason": "'travels'",
        "heard_at": "now()",
        "was_read_back": "true",
    }
    return visit_check(**(values | columns))


def check_signed(by: str) -> str:
    """A counter-signature under the check that was written last."""
    return insert(
        "countersignature", visit_check_id="(SELECT max(id) FROM scheduling_visitcheck)", signed_by_id=f"%({by})s",
        signed_at="now()",
    )  # fmt: skip


def misses_signed(by: str, key: str) -> str:
    """A counter-signature under what was said about missed visits."""
    which = f"(SELECT id FROM scheduling_cliniciantask WHERE task_key = '{key}')"
    return insert("countersignature", task_id=which, signed_by_id=f"%({by})s", signed_at="now()")


def prerequisite(who: str, **columns: str) -> str:
    values = {
        "order_id": f"%({who}_order)s",
        "code": "'labs'",
        "answer": "'met'",
        "valid_from": "'2027-01-01'",
        "note": "''",
        "said_by_id": "%(nurse)s",
        "said_at": "now()",
    }
    return insert("prerequisiterecord", **(values | columns))


def tried(follow_up: str = "call") -> str:
    """A try at a call."""
    return insert(
        "followuptry", follow_up_id=f"%({follow_up})s", outcome="'voicemail'", note="''", tried_by_id="%(nurse)s",
        tried_at="now()",
    )  # fmt: skip


def asked(who: str, instrument: str, *, key: str, **columns: str) -> str:
    """One asking of a questionnaire."""
    values = {
        "ask_key": f"'{key}'",
        "clinic_id": "%(harbor)s",
        "patient_id": f"%({who})s",
        "order_id": f"%({who}_order)s",
        "instrument": f"'{instrument}'",
        "opens_at": "'2027-02-01'",
        "closes_at": "'2027-03-01'",
    }
    return insert("questionnaire", **(values | columns))


def answered(who: str, questionnaire: str, answers: str, score: int | str, **columns: str) -> str:
    """The answers to one asking, of PHQ-9 where nothing else is said."""
    values = {
        "questionnaire_id": f"%({questionnaire})s",
        "patient_id": f"%({who})s",
        "instrument": "'phq-9'",
        "version": "'1'",
        "language": "'en'",
        "recall_days": "14",
        "answers": f"'{{{answers}}}'",
        "score": str(score),
        "needs_clinician": "false",
        "how": "'link'",
        "answered_at": "now()",
    }
    return insert("questionnaireresponse", **(values | columns))


def task(who: str, *, key: str, **columns: str) -> str:
    """Something that waits for a clinician."""
    values = {
        "task_key": f"'{key}'",
        "kind": "'answers'",
        "clinic_id": "%(harbor)s",
        "patient_id": f"%({who})s",
        "is_urgent": "true",
        "words": "''",
        "opened_at": "now()",
        "outcome": "''",
    }
    return insert("cliniciantask", **(values | columns))


def cover(by: str = "prescriber", **columns: str) -> str:
    """Somebody who decides for a prescriber who is away."""
    values = {
        "organisation_id": "%(org)s",
        "prescriber_id": "%(prescriber)s" if by == "leaver" else "%(leaver)s",
        "cover_id": f"%({by})s",
        "first_day": "'2027-02-01'",
        "last_day": "'2027-02-05'",
        "arranged_by_id": "%(manager)s",
        "arranged_at": "now()",
    }
    return insert("prescribercover", **(values | columns))


def visit_task(visit: str = "ana_visit_1") -> str:
    return insert(
        "visittask", appointment_id=f"%({visit})s", order_id="%(ana_order)s", code="'form'", due_on="'2027-02-08'"
    )


def becomes(who: str, state: str) -> str:
    """Another state of an order, said by nobody."""
    return f"UPDATE scheduling_order SET state = '{state}' WHERE id = %({who}_order)s;"


def signed_anew(who: str) -> str:
    """The order's version becomes the newest there is."""
    return (
        "UPDATE scheduling_order SET current_version_id = (SELECT max(id) FROM scheduling_orderversion)"
        f" WHERE id = %({who}_order)s;"
    )
