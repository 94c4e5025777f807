"""The facts as they are when an attempt begins, read under locks that whoever changes them has to wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from notifications import already_told, asking_after, caps, clinic_rules, reaching, said_in_person, visits_to_tell
from notifications.caps import Caps
from notifications.last_look import LIST_NEXT, Facts
from notifications.models import MAY_HAVE_ARRIVED, MessageRules, Notice, NoticeState, PatientAddress
from notifications.notice_facts import ChannelName, CheckIn, Purpose, Reachable, Standing, Told, Visit
from notifications.visit_news import is_told_by_a_person

# One patient whom somebody is at must not hold up for long all those of a batch: then each is looked at alone.
LOCK_TIMEOUT = "2s"
# In every verb's order. Whoever changes one of these commits before the look, or finds the attempt. An address is held
# more tightly, so that its routine texts of a day are counted by one worker at a time.
CLAIMED = "FROM notifications_notice WHERE id = ANY(%s)"
TOLD = "FROM notifications_noticevisit WHERE notice_id = ANY(%s)"
ITS_ORDERS = f"SELECT order_id FROM scheduling_appointment WHERE id IN (SELECT appointment_id {TOLD})"  # noqa: S608
LOCKS = [
    f"SELECT 1 FROM scheduling_patient WHERE id IN (SELECT patient_id {CLAIMED}) ORDER BY id FOR SHARE",  # noqa: S608
    f"SELECT 1 FROM scheduling_order WHERE id IN ({ITS_ORDERS}) ORDER BY id FOR SHARE",  # noqa: S608
    f"SELECT 1 FROM scheduling_appointment WHERE id IN (SELECT appointment_id {TOLD}) ORDER BY id FOR SHARE",  # noqa: S608
    f"SELECT 1 FROM notifications_address WHERE id IN (SELECT address_id {CLAIMED}) ORDER BY id FOR NO KEY UPDATE",  # noqa: S608
]
TAKE_LOCKS = ";\n".join(["SELECT set_config('lock_timeout', %s, true)", *LOCKS])

# Patient, address, clinic, channel and purpose: notices alike in these leave as one message.
Group = tuple[int, int, int, str, str]


def group_of(row: Notice) -> Group:
    """Whose facts are the notice's."""
    return row.patient_id, row.address_id, row.clinic_id, row.channel, row.purpose


def take_claimed(notice_ids: Sequence[int], token: UUID) -> list[Notice]:
    """Locks everything that decides about these notices, and gives those still claimed under `token`."""
    ids = list(notice_ids)
    with connection.cursor() as cursor:
        # One after the other, in one way there and back.
        cursor.execute(TAKE_LOCKS, [LOCK_TIMEOUT] + [ids] * len(LOCKS))
    return list(
        Notice.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, state=NoticeState.CLAIMED, claimed_by=token, message=None)
        .select_related("patient", "address")
        .prefetch_related("told_visits", "clinic")
        .order_by("pk")
    )


def look_again(rows: Sequence[Notice], now: datetime) -> dict[Group, Facts]:
    """The facts of each group; in as many statements for many notices as for one, but for the rarer purposes."""
    clinics = {row.clinic_id for row in rows}
    patients = {row.patient: ZoneInfo(row.clinic.time_zone) for row in rows}
    visits = visits_to_tell.visits_of([patient.pk for patient in patients], now, with_history=False)
    not_by_text = [one for one, theirs in visits.items() if not visits_to_tell.may_text(theirs)]
    reachable = reaching.reachable_of(patients, not_by_text=not_by_text)
    linked = _linked(rows)
    rules = clinic_rules.read_rules(clinics)
    limits, sent, told = read_caps(clinics), _routine_sent(rows, now), _told(rows, visits)
    about = [row.patient for row in rows if is_told_by_a_person(Purpose(row.purpose), row.step)]
    in_person = said_in_person.of_many(about, visits)
    facts = {}
    for row in rows:
        here = next((one for one in reachable[row.patient_id] if _is(one, row)), None)
        facts[group_of(row)] = Facts(
            visits={visit.id: visit for visit in visits[row.patient_id]},
            has_consent=here is not None or _answers(row),
            address_works=here is not None or (row.patient_id, row.address_id) in linked,
            patient_gone=row.patient.is_gone,
            quiet=rules[row.clinic_id].quiet,
            zone=here.zone if here else ZoneInfo(row.patient.time_zone or row.clinic.time_zone),
            in_person=in_person.get(row.patient_id, ()),
            check_ins=_check_ins(row, visits[row.patient_id], now),
            caps=limits[row.clinic_id],
            routine_sent=sent[row.address_id],
            told=told.get(row.patient_id, ()),
        )
    return facts


def _is(one: Reachable, row: Notice) -> bool:
    return (one.id, one.channel) == (row.address_id, row.channel)


def _linked(rows: Sequence[Notice]) -> set[tuple[int, int]]:
    """The (patient, address) pairs whose address works and is still the patient's, consent aside."""
    works = Q(address__value__isnull=False, address__stopped_at=None)
    links = PatientAddress.objects.filter(
        works,
        patient__in={row.patient_id for row in rows},
        address__in={row.address_id for row in rows},
        ended_at=None,
    )
    return set(links.values_list("patient_id", "address_id"))


def _answers(row: Notice) -> bool:
    may_text = row.clinic.sends_texts or row.channel != ChannelName.SMS
    return row.purpose == Purpose.REPLY and may_text and reaching.may_answer(row.patient, row.address)


def _check_ins(row: Notice, visits: Sequence[Visit], now: datetime) -> dict[tuple[int, str], CheckIn]:
    if row.purpose != Purpose.CHECK_IN:
        return {}
    found = asking_after.read_check_ins(row.patient, visits, now)
    return {(one.visit.id, f"day{one.day}"): one for one in found}


def read_caps(clinic_ids: set[int]) -> dict[int, Caps]:
    """Each clinic's caps, the defaults where it says nothing."""
    rows = MessageRules.objects.filter(clinic__in=clinic_ids).values_list("clinic_id", "most_a_day", "most_a_week")
    said = {clinic_id: Caps(a_day, a_week) for clinic_id, a_day, a_week in rows}
    return {clinic_id: said.get(clinic_id, Caps()) for clinic_id in clinic_ids}


def _routine_sent(rows: Sequence[Notice], now: datetime) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    bound = {row.address_id for row in rows if caps.bind(Purpose(row.purpose), ChannelName(row.channel))}
    if bound:
        # Those claimed are under way: their message is written.
        sent = (
            Notice.objects.filter(
                address__in=bound,
                channel=ChannelName.SMS,
                purpose__in=caps.COUNTED,
                state__in=(*MAY_HAVE_ARRIVED, NoticeState.CLAIMED),
                message__written_at__gt=now - caps.WEEK,
            )
            .values_list("address_id", "message", "message__written_at")
            .distinct()
        )
        for address_id, _, at in sent:
            found[address_id].append(at)
    return found


def _told(rows: Sequence[Notice], visits: dict[int, list[Visit]]) -> dict[int, list[Told]]:
    """What was said of the firm visits of those whose text lists the next: only what they have heard of."""
    reminded = {row.patient_id for row in rows if row.purpose in LIST_NEXT}
    if not reminded:
        return {}
    firm = {one: [v.id for v in visits[one] if v.standing is Standing.FIRM] for one in reminded}
    return already_told.told_of(firm)
