"""Who may do which verb: the one table. Edges ask it to show or hide; verbs ask it to refuse."""

from __future__ import annotations

from typing import Final

from scheduling.events import Actor
from scheduling.models import ActorKind, Order, Role

DESK: Final = frozenset({Role.FRONT_DESK, Role.MANAGER})
CLINICAL: Final = frozenset({Role.NURSE, Role.PRESCRIBER})
BOOKS: Final = DESK | CLINICAL

ALLOWED: Final[dict[str, frozenset[Role]]] = {
    "clinic.set_up": frozenset({Role.MANAGER}),
    "clinic.go_live": frozenset({Role.MANAGER}),
    "staff.change": frozenset({Role.MANAGER}),
    "patient.create": BOOKS,
    "patient.import": frozenset({Role.MANAGER}),
    "patient.change": BOOKS,
    "patient.record_death": CLINICAL | {Role.MANAGER},
    "patient.merge": DESK,
    "protocol.draft": frozenset({Role.MANAGER, Role.PRESCRIBER}),
    "protocol.retire": frozenset({Role.MANAGER, Role.PRESCRIBER}),
    "protocol.approve": frozenset({Role.PRESCRIBER}),
    "order.draft": CLINICAL,
    "order.sign": frozenset({Role.PRESCRIBER}),
    "review.decide": frozenset({Role.PRESCRIBER}),
    "review.write_down": frozenset({Role.NURSE}),
    "review.cover": frozenset({Role.PRESCRIBER, Role.MANAGER}),
    "order.change": frozenset({Role.PRESCRIBER}),
    "order.write_down": frozenset({Role.NURSE}),
    "order.counter_sign": frozenset({Role.PRESCRIBER}),
    "order.tell_patient": CLINICAL,
    "order.settle_places": BOOKS,
    "order.withdraw": BOOKS,
    "order.pencil": BOOKS,
    "exit.rule": frozenset({Role.PRESCRIBER}),
    "exit.write_down": frozenset({Role.NURSE}),
    "deviation.sign": frozenset({Role.PRESCRIBER}),
    "visit.check": BOOKS,
    "visit.pass_check": frozenset({Role.PRESCRIBER}),
    "visit.write_down": frozenset({Role.NURSE}),
    "visit_task.do": CLINICAL,
    # Which of them, the order's own prerequisite says.
    "prerequisite.record": BOOKS,
    "follow_up.work": CLINICAL,
    "task.open": BOOKS,
    "task.take": CLINICAL,
    "task.close": CLINICAL,
    # Whether bookings go on after missed visits.
    "misses.answer": frozenset({Role.PRESCRIBER}),
    "misses.write_down": frozenset({Role.NURSE}),
    "questionnaire.ask": CLINICAL,
    "questionnaire.enter": CLINICAL,
    "questionnaire.answer": frozenset(),
    "appointment.undo": CLINICAL,
    "appointment.book": BOOKS,
    "appointment.hold": BOOKS,
    "appointment.move": BOOKS,
    "appointment.cancel": BOOKS,
    # With a reason that only clinical roles may read.
    "appointment.cancel_clinically": CLINICAL,
    "appointment.note_late": BOOKS,
    "appointment.reinstate": BOOKS,
    "question.ask": BOOKS,
    "question.answer": frozenset({Role.MANAGER, Role.PRESCRIBER}),
    "question.withdraw": BOOKS,
    "appointment.confirm": BOOKS,
    "appointment.say_no": BOOKS,
    "appointment.name_driver": BOOKS,
    "contact.choose": BOOKS,
    "link.send_again": BOOKS,
    "birth_date.check": frozenset(),
    "calendar.subscribe": frozenset(),
    "appointment.record_arrival": BOOKS,
    "appointment.record_treatment": CLINICAL,
    "appointment.record_no_show": BOOKS,
    "appointment.place_again": BOOKS,
    "absence.record": frozenset({Role.NURSE, Role.MANAGER}),
    "absence.block": DESK,
    "clinic.close": frozenset({Role.MANAGER}),
    "clinic.change_hours": frozenset({Role.MANAGER}),
    "post.name": frozenset({Role.NURSE, Role.MANAGER}),
    "day.deal": frozenset({Role.NURSE}),
    "address.change": BOOKS,
    "consent.record": BOOKS,
    "patient.tell": BOOKS,
    "reply.handle": BOOKS,
    "reply.give": frozenset(),
    "alert.acknowledge": CLINICAL,
    "duty.set": frozenset({Role.MANAGER}),
    "call.work": DESK,
    "list.work": DESK,
    "message.send_again": DESK,
    "clinic.word_messages": frozenset({Role.MANAGER}),
}
# What a link in a message lets its patient do, each in a verb that knows the visit or address they act on.
BY_PATIENT: Final = frozenset(
    {
        "appointment.confirm",
        "appointment.cancel",
        "appointment.say_no",
        "appointment.name_driver",
        "consent.record",
        "contact.choose",
        "link.send_again",
        "birth_date.check",
        "calendar.subscribe",
        "questionnaire.answer",
        "task.open",
    }
)


class NotAllowed(Exception):
    """The actor's roles at this clinic don't include one that may do this."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        super().__init__(f"not allowed: {verb}")


def may(by: Actor, verb: str) -> bool:
    """Whether `by` may do `verb`. The system does what its commands and tasks were written to do."""
    if by.kind == ActorKind.SYSTEM:
        return True
    if by.kind == ActorKind.PATIENT:
        return verb in BY_PATIENT
    return bool(by.roles & ALLOWED[verb])


def check_of_order(by: Actor, verb: str, order: Order) -> None:
    """As `check`, and staff act for orders that may be given at their clinic alone."""
    check(by, verb, organisation_id=order.organisation_id)
    if by.clinic_id is not None and not order.sites.filter(pk=by.clinic_id).exists():
        raise NotAllowed(verb)


def check(by: Actor, verb: str, *, organisation_id: int, clinic_id: int | None = None) -> None:
    """Refuses with NotAllowed when `by` may not do `verb` to what belongs to this organisation (and clinic).

    Roles are held at a clinic: staff act on rows of that clinic alone, and on patients and orders of its organisation.
    """
    elsewhere = by.kind == ActorKind.STAFF and (
        by.organisation_id != organisation_id or clinic_id not in (None, by.clinic_id)
    )
    if elsewhere or not may(by, verb):
        raise NotAllowed(verb)
