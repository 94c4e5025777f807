"""Two records become one: what moves, what is refused, and how far it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from scheduling.booking import book_visit
from scheduling.cancelling import cancel
from scheduling.events import Actor
from scheduling.holding import hold_visit
from scheduling.merging import NotMerged, NotThisPatient, effect_of_merge, merge_patients
from scheduling.models import Appointment, CancelledBy, Clinic, Event, NeedKind, Patient, Role, Status, TalkScope
from scheduling.models import Weekday as Day
from scheduling.needs import end_need, needs_of, note_need
from scheduling.patient_availability import availability_of, set_availability
from scheduling.people_to_talk_to import let_talk_to, people_to_talk_to
from scheduling.permissions import NotAllowed
from scheduling.unmerging import NotMergedNow, effect_of_split, split_patients
from scheduling.visit_steps import ChangedMeanwhile
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
TUESDAY = datetime.fromisoformat("2027-01-05T09:00-05:00")
LATER = NOW + timedelta(hours=1)
TODAY = NOW.date()


@pytest.fixture
def clinic() -> Clinic:
    return factories.create_clinic(prescribers=2)


@pytest.fixture
def desk(clinic: Clinic) -> Actor:
    return factories.create_actor(clinic, Role.FRONT_DESK)


@pytest.fixture
def pair(clinic: Clinic) -> tuple[Patient, Patient]:
    """The record to retire, and the one that is kept."""
    return factories.create_patient(clinic), factories.create_patient(clinic)


def talk(patient: Patient, clinic: Clinic, by: Actor, start: datetime = TUESDAY) -> Appointment:
    visit_type = clinic.visit_types.first() or factories.create_visit_type(clinic)
    return book_visit(patient=patient, clinic=clinic, visit_type=visit_type, start=start, by=by, now=NOW)


def test_booked_visits_people_needs_and_times_come_along(
    clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]
) -> None:
    twin, kept = pair
    visit = talk(twin, clinic, desk)
    let_talk_to(patient=twin, name="Al", relation="son", scope=TalkScope.TIMES, by=desk, now=NOW)
    note_need(patient=twin, kind=NeedKind.HEARING, words="speak up", by=desk, now=NOW)
    set_availability(patient=twin, times={Day.MONDAY: None}, by=desk, now=NOW)
    merge_patients(duplicate=twin, into=kept, by=desk, now=NOW)
    visit.refresh_from_db()
    assert (visit.patient, visit.status, visit.told_version) == (kept, Status.BOOKED, 2)
    assert [one.name for one in people_to_talk_to(kept, TODAY)] == ["Al"]
    assert [one.words for one in needs_of([kept.pk])[kept.pk]] == ["speak up"]
    assert [one.weekday for one in availability_of(kept)] == ["mon"]
    assert twin.merged_into == kept
    said = Event.objects.filter(verb="appointment.merged_along", appointment=visit, patient=kept)
    assert said.count() == 1


def test_times_that_the_kept_record_has_win(clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]) -> None:
    for patient, day in zip(pair, (Day.MONDAY, Day.FRIDAY), strict=True):
        set_availability(patient=patient, times={day: None}, by=desk, now=NOW)
    merge_patients(duplicate=pair[0], into=pair[1], by=desk, now=NOW)
    assert [one.weekday for one in availability_of(pair[1])] == ["fri"]


def test_kept_times_end_for_nobody_knows_whose_they_are(
    clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]
) -> None:
    kind = factories.create_visit_type(clinic)
    visit = hold_visit(patient=pair[0], clinic=clinic, visit_type=kind, start=TUESDAY, by=desk, now=NOW, key="k")
    assert list(effect_of_merge(*pair).freed) == [visit]
    merge_patients(duplicate=pair[0], into=pair[1], by=desk, now=NOW)
    visit.refresh_from_db()
    assert visit.status == Status.RELEASED


def test_merging_refuses_what_cannot_be(clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]) -> None:
    twin, kept = pair
    elsewhere = factories.create_patient(factories.create_clinic())
    assert effect_of_merge(twin, twin).reasons == (NotMerged.SAME,)
    assert effect_of_merge(twin, elsewhere).reasons == (NotMerged.ELSEWHERE,)
    factories.create_order(clinic, twin)
    assert effect_of_merge(twin, kept).reasons == (NotMerged.ORDER_UNDER_WAY,)
    assert effect_of_merge(kept, twin).reasons == (), "the other way round the order stays where it was signed"
    merge_patients(duplicate=kept, into=twin, by=desk, now=NOW)
    with pytest.raises(NotThisPatient) as refusal:
        merge_patients(duplicate=factories.create_patient(clinic), into=kept, by=desk, now=NOW)
    assert refusal.value.reasons == (NotMerged.CLOSED,)


def test_merging_refuses_visits_that_one_person_cannot_have(
    clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]
) -> None:
    mine, other = (talk(patient, clinic, desk) for patient in pair)
    effect = effect_of_merge(*pair)
    assert (effect.reasons, list(effect.overlapping)) == ((NotMerged.OVERLAP,), [(mine, other)])
    with pytest.raises(NotThisPatient):
        merge_patients(duplicate=pair[0], into=pair[1], by=desk, now=NOW)


def test_merging_refuses_what_was_not_read(clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]) -> None:
    seen = effect_of_merge(*pair).seen
    talk(pair[0], clinic, desk)
    merge = partial(merge_patients, duplicate=pair[0], into=pair[1], by=desk, now=NOW)
    with pytest.raises(ChangedMeanwhile):
        merge(seen=seen)
    assert merge(seen=effect_of_merge(*pair).seen).visits


def test_a_nurse_does_not_merge_records(clinic: Clinic, pair: tuple[Patient, Patient]) -> None:
    nurse = factories.create_actor(clinic, Role.NURSE)
    with pytest.raises(NotAllowed):
        merge_patients(duplicate=pair[0], into=pair[1], by=nurse, now=NOW)
    with pytest.raises(NotAllowed):
        split_patients(duplicate=pair[0], by=nurse, now=NOW)


def test_a_merge_taken_back_gives_everything_back(clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]) -> None:
    twin, kept = pair
    visit = talk(twin, clinic, desk)
    let_talk_to(patient=twin, name="Al", relation="son", scope=TalkScope.TIMES, by=desk, now=NOW)
    note_need(patient=twin, kind=NeedKind.HEARING, words="speak up", by=desk, now=NOW)
    set_availability(patient=twin, times={Day.MONDAY: None}, by=desk, now=NOW)
    merge_patients(duplicate=twin, into=kept, by=desk, now=NOW)
    split_patients(duplicate=twin, seen=effect_of_split(twin).seen, by=desk, now=LATER)
    visit.refresh_from_db()
    assert (visit.patient, visit.told_version, twin.merged_into) == (twin, 3, None)
    assert [one.name for one in people_to_talk_to(twin, TODAY)] == ["Al"]
    assert needs_of([kept.pk]) == {}
    assert availability_of(kept) == []
    assert set(Event.objects.filter(verb="patient.split").values_list("patient", flat=True)) == {twin.pk, kept.pk}


def test_what_changed_after_the_merge_stays_and_is_named(
    clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]
) -> None:
    twin, kept = pair
    cancelled, fine = talk(twin, clinic, desk), talk(twin, clinic, desk, TUESDAY + timedelta(days=1))
    need = note_need(patient=twin, kind=NeedKind.NOTE, words="x", by=desk, now=NOW)
    merge_patients(duplicate=twin, into=kept, by=desk, now=NOW)
    cancelled.refresh_from_db()
    need.refresh_from_db()
    cancel(appointment=cancelled, side=CancelledBy.PATIENT, reason="ill", by=desk, now=LATER)
    end_need(need=need, by=desk, now=LATER)
    new = talk(kept, clinic, desk, TUESDAY + timedelta(days=2))
    effect = effect_of_split(twin)
    assert (list(effect.visits), list(effect.stay), list(effect.needs)) == ([fine], [cancelled], [])
    assert {"appointment.cancelled", "patient.need_ended"} <= {event.verb for event in effect.since}
    split_patients(duplicate=twin, by=desk, now=LATER)
    assert set(Appointment.objects.filter(patient=kept)) == {cancelled, new}
    assert set(Appointment.objects.filter(patient=twin)) == {fine}


def test_only_a_merge_that_stands_is_taken_back(clinic: Clinic, desk: Actor, pair: tuple[Patient, Patient]) -> None:
    twin, kept = pair
    with pytest.raises(NotMergedNow):
        effect_of_split(twin)
    merge_patients(duplicate=twin, into=kept, by=desk, now=NOW)
    seen = effect_of_split(twin).seen
    note_need(patient=kept, kind=NeedKind.NOTE, words="x", by=desk, now=LATER)
    with pytest.raises(ChangedMeanwhile):
        split_patients(duplicate=twin, seen=seen, by=desk, now=LATER)
    merge_patients(duplicate=kept, into=factories.create_patient(clinic), by=desk, now=LATER)
    with pytest.raises(NotMergedNow):
        split_patients(duplicate=twin, by=desk, now=LATER)
