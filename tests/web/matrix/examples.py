"""An example of everything an address can name, at one clinic; a route whose argument has none fails the matrix."""

from __future__ import annotations

from datetime import time, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from notifications.addresses import set_address
from notifications.calendar_feeds import make_feed
from notifications.consent import CHANNEL_OF, record_consent
from notifications.dispatch import dispatch_due
from notifications.models import (
    AddressKind,
    CallKind,
    CallTask,
    ConsentMethod,
    DutyShift,
    InboundMessage,
    Message,
    MessageRules,
    Notice,
    PatientAddress,
    QuickReply,
    StaffAlert,
)
from notifications.planning import plan_waiting
from notifications.unsubscribing import token_of
from scheduling.cancelling import cancel
from scheduling.events import Entry, record
from scheduling.inviting import make_link
from scheduling.merging import merge_patients
from scheduling.models import (
    Absence,
    Appointment,
    AskedFor,
    CancelledBy,
    Clinic,
    Closure,
    NeedKind,
    Organisation,
    Patient,
    ResourceKind,
    Role,
    TalkScope,
    User,
)
from scheduling.needs import note_need
from scheduling.people_to_talk_to import let_talk_to
from tests import factories
from tests.factories import NOW
from tests.web.matrix.clinical_examples import clinical_side
from tests.web.matrix.example import Example
from tests.web.pages import book

LATER = DateTimeTZRange(NOW + timedelta(days=20), NOW + timedelta(days=20, hours=1))


# Whose an object is: a person of another clinic of the organisation meets these as the clinic's own.
OF_THE_ORGANISATION = frozenset({
    "patient_id", "address_id", "version_id", "protocol_id", "response_id", "cover_id", "other_id", "person_id",
    "need_id",
})  # fmt: skip
# What is no object: the words an address may hold, or a secret that is its own permission.
NO_OBJECT = frozenset({"purpose", "channel", "language", "token", "provider", "after_number", "change", "what"})


def make_example(organisation: Organisation, name: str) -> Example:
    """A clinic of the organisation with patient, order, visits, messages, calls, and all the rest."""
    clinic = factories.create_clinic(organisation, chairs=4, nurses=2, prescribers=2)
    example = Example(clinic)
    MessageRules.objects.create(
        clinic=clinic, sender_name=f"Center {name}", texts_per_minute=0, quiet_from=time(0), quiet_until=time(0)
    )
    staff = factories.create_user(clinic, *Role, username=f"all-{name}")
    patient = reachable(clinic, f"+1212555{clinic.pk % 100:02}99", f"rosa-{name}@patients.test")
    order = factories.create_order(clinic, patient)
    visits = book(order, clinic, how_many=3)
    cancelled = cancelled_visit(clinic, visits[2])
    later = NOW + timedelta(minutes=10)
    plan_waiting(now=NOW)
    dispatch_due(clock=lambda: later, until=later + timedelta(seconds=1))
    example.values = {
        "visit_id": visits[0].pk,
        "patient_id": patient.pk,
        "address_id": PatientAddress.objects.filter(patient=patient).earliest("pk").pk,
        "order_id": order.pk,
        "after_number": 3,
        "version_id": factories.create_protocol(clinic).pk,
        "purpose": "reminder",
        "channel": "sms",
        "language": "en",
        "provider": "postmark",
    }
    example.of_route = {
        "visit_again": {"visit_id": cancelled.pk},
        **{route: {"order_id": factories.create_draft(clinic, patient).pk} for route in ("sign_order", "pencil")},
    }
    about(example, patient)
    messages_and_calls(example, patient, visits[0], staff)
    losses(example)
    setting_up(example)
    clinical_side(example, order, visits[0], staff)
    example.values["question_id"] = question(clinic, patient, staff).pk
    return example


def about(example: Example, patient: Patient) -> None:
    """Somebody we may talk to, a need, a second record of the patient, and one that was merged."""
    clinic, by = example.clinic, factories.create_actor(example.clinic, Role.FRONT_DESK)
    person = let_talk_to(patient=patient, name="Al", relation="son", scope=TalkScope.TIMES, by=by, now=NOW)
    need = note_need(patient=patient, kind=NeedKind.NOTE, words="parks behind the house", by=by, now=NOW)
    other, merged = factories.create_patient(clinic), factories.create_patient(clinic)
    merge_patients(duplicate=merged, into=factories.create_patient(clinic), by=by, now=NOW)
    example.values |= {"person_id": person.pk, "need_id": need.pk, "other_id": patient.pk}
    example.of_route |= {"merge_two": {"patient_id": other.pk}, "split_two": {"patient_id": merged.pk}}


def reachable(clinic: Clinic, phone: str, mailbox: str) -> Patient:
    patient = factories.create_patient(clinic)
    for kind, raw in ((AddressKind.PHONE, phone), (AddressKind.EMAIL, mailbox)):
        address = set_address(patient=patient, kind=kind, raw=raw, by=factories.system(), now=NOW)
        record_consent(
            address=address, channel=CHANNEL_OF[kind], granted=True, wording_version="1", method=ConsentMethod.VERBAL,
            language="en", by=factories.system(), now=NOW,
        )  # fmt: skip
    return patient


def cancelled_visit(clinic: Clinic, visit: Appointment) -> Appointment:
    by = factories.create_actor(clinic, Role.FRONT_DESK)
    cancel(appointment=visit, side=CancelledBy.PATIENT, reason="no_ride", by=by, now=NOW)
    return visit


def messages_and_calls(example: Example, patient: Patient, visit: Appointment, staff: User) -> None:
    clinic = example.clinic
    link = PatientAddress.objects.filter(patient=patient).earliest("pk")
    message = Message.objects.filter(patient=patient, body__contains="/v/").latest("written_at")
    token = message.body.split("/v/")[1].split()[0].strip("/")
    feed = make_feed(message=message, by=factories.system(), now=NOW)
    example.values |= {"token": token}
    example.of_route |= {"unsubscribe": {"token": token_of(message.pk)}, "calendar_feed": {"token": feed}}
    reply = InboundMessage.objects.create(
        provider="twilio", reference=f"r{clinic.pk}", channel="sms", sender=link.address.value or "", patient=patient,
        address=link.address, clinic=clinic, text="Hello", intent="other", received_at=NOW,
    )  # fmt: skip
    end = NOW + timedelta(hours=8)
    call = CallTask.objects.create(
        task_key=f"c{clinic.pk}", kind=CallKind.CANNOT_REACH, clinic=clinic, patient=patient, visit=visit,
        opened_at=NOW, due_at=NOW,
    )  # fmt: skip
    example.values |= {
        "reply_id": reply.pk,
        "alert_id": StaffAlert.objects.create(
            alert_key=f"a{clinic.pk}", clinic=clinic, reply=reply, raised_at=NOW, next_at=NOW
        ).pk,
        "shift_id": DutyShift.objects.create(clinic=clinic, user=staff, starts_at=NOW, ends_at=end).pk,
        "notice_id": Notice.objects.filter(patient=patient).earliest("pk").pk,
        "call_id": call.pk,
    }
    quick = QuickReply.objects.create(
        clinic=clinic, language="en", body="Thank you.", approved_by=staff, approved_at=NOW
    )
    example.of_route["end_reply"] = {"reply_id": quick.pk}


def losses(example: Example) -> None:
    clinic = example.clinic
    with transaction.atomic():
        chair = clinic.resources.filter(kind=ResourceKind.CHAIR).earliest("pk")
        absence = Absence.objects.create(resource=chair, clinic=clinic, period=LATER, reason="broken")
        closure = Closure.objects.create(clinic=clinic, period=LATER, reason="holiday")
        told(clinic)
    example.values |= {"absence_id": absence.pk, "closure_id": closure.pk}


def setting_up(example: Example) -> None:
    by = factories.create_actor(example.clinic, Role.MANAGER)
    user = factories.create_user(example.clinic, Role.NURSE)
    invited = make_link(user=user, clinic=example.clinic, by=by, now=NOW)
    nurse = example.clinic.resources.filter(kind=ResourceKind.NURSE).earliest("pk")
    example.values |= {"resource_id": nurse.pk, "user_id": user.pk}
    example.of_route["invite"] = {"token": invited.token}


def question(clinic: Clinic, patient: Patient, staff: User) -> AskedFor:
    with transaction.atomic():
        asked = AskedFor.objects.create(
            organisation=clinic.organisation, clinic=clinic, patient=patient, rules=["hours"],
            role=Role.MANAGER, asked_by=staff, asked_at=NOW,
            picks=[[1, (NOW + timedelta(days=30)).isoformat()]], order=factories.create_order(clinic, patient),
        )  # fmt: skip
        told(clinic)
    return asked


def told(clinic: Clinic) -> None:
    entry = Entry("clinic.set_up", clinic_id=clinic.pk)
    record(organisation_id=clinic.organisation_id, entries=[entry], by=factories.system(), now=NOW)
