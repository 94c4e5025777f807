"""Creating and changing patients; death frees every visit without a word to anyone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db.models import F

from scheduling import permissions
from scheduling.drafts_of_gone import discard_drafts
from scheduling.events import Actor, Entry, record
from scheduling.locking import lock_newcomers, lock_patients, writing
from scheduling.look_alikes import look_alikes
from scheduling.models import Appointment, Clinic, Patient, Status


class PossibleDuplicate(Exception):
    """Someone alike is on file already (see `look_alikes`); `patients` are they."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        self.patients = list(patients)
        super().__init__("possible duplicate")


def create_patient(
    *,
    clinic: Clinic,
    given_name: str,
    family_name: str,
    birth_date: date,
    preferred_name: str = "",
    language: str = "en",
    mrn: str = "",
    gender: str = "",
    told_apart: Collection[int] | None = (),
    is_demo: bool = False,
    by: Actor,
    now: datetime,
) -> Patient:
    """A new patient of the clinic's organisation. Refuses with PossibleDuplicate where somebody alike is on file who is
    not among `told_apart`: ids of those a person asked about and who are others. None: nobody is looked for.

    Records `patient.created`, with who was told apart.
    """
    organisation = clinic.organisation
    permissions.check(by, "patient.create", organisation_id=organisation.pk, clinic_id=clinic.pk)
    with writing():
        if told_apart is not None:
            # A form sent twice, or two desks with one caller: the second sees the first's record.
            lock_newcomers(organisation.pk, birth_date)
            near = look_alikes(
                organisation=organisation, given_name=given_name, family_name=family_name, birth_date=birth_date
            )
            if alike := [one for one in near if one.pk not in told_apart]:
                raise PossibleDuplicate(alike)
        patient = Patient.objects.create(
            organisation=organisation,
            given_name=given_name,
            family_name=family_name,
            preferred_name=preferred_name,
            birth_date=birth_date,
            language=language,
            mrn=mrn,
            gender=gender,
            is_demo=is_demo,
            created_at=now,
            created_by_id=by.user_id,
        )
        data = {"told_apart": sorted(told_apart)} if told_apart else {}
        entry = Entry("patient.created", clinic_id=clinic.pk, patient_id=patient.pk, data=data)
        record(organisation_id=organisation.pk, entries=[entry], by=by, now=now)
    return patient


def set_languages(
    *,
    patient: Patient,
    language: str,
    second_language: str = "",
    interpreter_needed: bool = False,
    time_zone: str = "",
    by: Actor,
    now: datetime,
) -> bool:
    """Which language the patient is written to and spoken with, whether with an interpreter, and on which wall clock
    they live (empty: the clinic's). False when all of it was so before.

    Records `patient.languages_set`, and the planner looks at the patient.
    """
    permissions.check(by, "patient.change", organisation_id=patient.organisation_id)
    wanted: dict[str, str | bool] = {
        "language": language,
        "second_language": second_language,
        "interpreter_needed": interpreter_needed,
        "time_zone": time_zone,
    }
    return _set_languages(patient, wanted, by=by, now=now)


def choose_language(*, patient: Patient, language: str, by: Actor, now: datetime) -> bool:
    """The patient says which language they are written to and spoken with in; the rest stays. False when it was so.

    Records `patient.languages_set`, and the planner looks at the patient.
    """
    permissions.check(by, "contact.choose", organisation_id=patient.organisation_id)
    return _set_languages(patient, {"language": language}, by=by, now=now)


def _set_languages(patient: Patient, wanted: Mapping[str, str | bool], *, by: Actor, now: datetime) -> bool:
    with writing():
        # A send under way reads this row FOR SHARE: it begins before this commit or speaks the new language.
        before = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        changed = [name for name, value in wanted.items() if getattr(before, name) != value]
        if changed:
            Patient.objects.filter(pk=patient.pk).update(row_version=F("row_version") + 1, **wanted)
            entry = Entry("patient.languages_set", patient_id=patient.pk, data={"changed": changed}, tell=True)
            record(organisation_id=patient.organisation_id, entries=[entry], by=by, now=now)
    patient.refresh_from_db()
    return bool(changed)


def record_death(*, patient: Patient, died_at: datetime, by: Actor, now: datetime) -> None:
    """Notes that the patient has died: visits to come are released, nothing planned is sent, no cancellation either;
    drafts are discarded. What the patient answered waits for a clinician all the same, other tasks need nobody.

    Records `patient.deceased`, `order.draft_discarded` and `appointment.released` for each. Saying it twice changes
    nothing.
    """
    permissions.check(by, "patient.record_death", organisation_id=patient.organisation_id)
    with writing():
        lock_patients(patient.pk)
        changed = Patient.objects.filter(pk=patient.pk, deceased_at__isnull=True).update(
            deceased_at=died_at, row_version=F("row_version") + 1
        )
        if changed:
            first = Entry("patient.deceased", patient_id=patient.pk, tell=True)
            free_visits(patient, [first, *discard_drafts(patient, by=by, now=now)], by=by, now=now)
    patient.refresh_from_db()


def free_visits(patient: Patient, first: Sequence[Entry], *, by: Actor, now: datetime) -> None:
    """In the transaction of a verb that closes a record, and with its events: releases kept and booked visits; those
    already running are left to the staff who see the patient. Records `first`, and `appointment.released` for each."""
    visits = Appointment.objects.select_for_update().filter(patient=patient, status__in=(Status.HELD, Status.BOOKED))
    freed = [(visit.pk, visit.clinic_id) for visit in visits.order_by("pk")]
    Appointment.objects.filter(pk__in=[pk for pk, _ in freed]).update(
        status=Status.RELEASED, held_until=None, row_version=F("row_version") + 1, told_version=F("told_version") + 1
    )
    released = [
        Entry("appointment.released", clinic_id=clinic, appointment_id=pk, patient_id=patient.pk)
        for pk, clinic in freed
    ]
    entries = [*first, *released]
    record(organisation_id=patient.organisation_id, entries=entries, by=by, now=now)
