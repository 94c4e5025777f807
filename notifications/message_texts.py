"""The words of a message: from the facts as they are when it is written, in the language and words that fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from notifications import clinic_rules
from notifications.channels.registry import channel_for
from notifications.last_look import LIST_NEXT, Facts, check_ins_of, visits_of
from notifications.models import MessageRules, Notice
from notifications.notice_facts import ChannelName, Purpose, Standing, Visit
from notifications.rendering import NoWording, OwnWords, Text, Wording, base_language, can_write, render_to_send
from notifications.wording import wording_for
from scheduling.models import Clinic, Patient

SPOKEN_IN = "en"


class Stationery:
    """What the clinics' letters have in common: their names, own words and hours, each read once a batch."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], str] = {}
        self._words: dict[tuple[int, Purpose, ChannelName, str], OwnWords | None] = {}
        self._rules: dict[int, MessageRules] = {}

    def sender(self, clinic: Clinic, language: str) -> str:
        """The discreet name that a clinic's messages are from."""
        key = clinic.pk, language
        if key not in self._names:
            self._names[key] = clinic_rules.sender_name(clinic, language)
        return self._names[key]

    def own_words(self, clinic: Clinic, purpose: Purpose, channel: ChannelName, language: str) -> OwnWords | None:
        """The clinic's latest text, or None."""
        key = clinic.pk, purpose, channel, base_language(language)
        if key not in self._words:
            self._words[key] = wording_for(clinic, purpose, channel, language)
        return self._words[key]

    def answer_hours(self, clinic: Clinic, language: str) -> str:
        """When answers are read, in the clinic's words."""
        return clinic_rules.hours_in(self._rules_of(clinic), language)

    def number(self, clinic: Clinic) -> str:
        """The number that the clinic's texts come from: its own, else the gateway's."""
        return self._rules_of(clinic).text_number or channel_for(ChannelName.SMS).sender

    def _rules_of(self, clinic: Clinic) -> MessageRules:
        if clinic.pk not in self._rules:
            self._rules[clinic.pk] = MessageRules.objects.filter(clinic=clinic).first() or MessageRules(clinic=clinic)
        return self._rules[clinic.pk]


def write_text(rows: Sequence[Notice], facts: Facts, *, link: str, stationery: Stationery) -> tuple[Text, str]:
    """What these notices of one patient, purpose and address say now, and who it is from.

    In the patient's language, else in the second one they chose. Refuses with NoWording where there is neither.
    """
    one = rows[0]
    return _write(rows, facts, ChannelName(one.channel), language_of(one.patient), link, stationery)


def words_to_say(rows: Sequence[Notice], facts: Facts, *, stationery: Stationery) -> Text:
    """What to say on the telephone instead, for whoever calls: in the second language if there are texts in it, else
    in English for an interpreter. An answer is said as a person chose it."""
    language = language_of(rows[0].patient) or SPOKEN_IN
    if rows[0].purpose == Purpose.REPLY:
        return Text("", 0, language, "", "\n\n".join(row.words for row in rows))
    return _write(rows, facts, ChannelName.CALL, language, "", stationery)[0]


def words_about(
    visits: Sequence[Visit], *, purpose: Purpose, clinic: Clinic, patient: Patient, stationery: Stationery
) -> Text:
    """The same about these visits, where there is no notice."""
    language = language_of(patient) or SPOKEN_IN
    wording = _wording(visits, purpose, clinic, language, stationery)
    own = stationery.own_words(clinic, purpose, ChannelName.CALL, language)
    return render_to_send(purpose=purpose, channel=ChannelName.CALL, language=language, wording=wording, own=own)


def text_of_news(
    visits: Sequence[Visit],
    *,
    purpose: Purpose,
    channel: ChannelName,
    clinic: Clinic,
    patient: Patient,
    link: str,
    stationery: Stationery,
) -> Text:
    """What a message about these visits would say, were it written now. Refuses with NoWording where there is no text
    in the patient's languages."""
    language = language_of(patient)
    if not language:
        raise NoWording(patient.language)
    wording = replace(_wording(visits, purpose, clinic, language, stationery), link=link)
    own = stationery.own_words(clinic, purpose, channel, language)
    return render_to_send(purpose=purpose, channel=channel, language=language, wording=wording, own=own)


def language_of(patient: Patient) -> str:
    """The first of the patient's languages that there are texts in; empty for none."""
    return next((one for one in (patient.language, patient.second_language) if one and can_write(one)), "")


def _write(
    rows: Sequence[Notice], facts: Facts, channel: ChannelName, language: str, link: str, stationery: Stationery
) -> tuple[Text, str]:
    one, purpose = rows[0], Purpose(rows[0].purpose)
    if not language and purpose is not Purpose.REPLY:
        raise NoWording(one.patient.language)
    # A person chose the words of an answer, in whatever language.
    language = language or SPOKEN_IN
    told = list({visit.id: visit for visit in visits_of(rows, facts)}.values())
    later = _known_after(told, facts) if purpose in LIST_NEXT else []
    wording = replace(
        _wording(told, purpose, one.clinic, language, stationery),
        link=link,
        later=[(visit.starts_at, visit.zone) for visit in later],
        has_questions=any(asked.has_questions for row in rows for asked in check_ins_of(row, facts)),
        words="\n\n".join(row.words for row in rows if row.words),
    )
    own = stationery.own_words(one.clinic, purpose, channel, language)
    text = render_to_send(purpose=purpose, channel=channel, language=language, wording=wording, own=own)
    if own and wording.has_questions and link not in text.body:
        # A clinic's own words need no link; where there are questions behind it, the shipped ones carry it.
        text = render_to_send(purpose=purpose, channel=channel, language=language, wording=wording)
    return text, wording.sender


def _wording(told: Sequence[Visit], purpose: Purpose, clinic: Clinic, language: str, stationery: Stationery) -> Wording:
    kept = [visit for visit in told if visit.standing is Standing.TENTATIVE and purpose is not Purpose.CLOSURE]
    prepare = next((visit.prepare for visit in told if visit.prepare), None)
    return Wording(
        sender=stationery.sender(clinic, language),
        phone=clinic.phone,
        link="",
        visits=[(visit.starts_at, visit.zone) for visit in told if visit not in kept],
        kept=[(visit.starts_at, visit.zone) for visit in kept],
        to_confirm=any(visit not in kept and not visit.is_confirmed for visit in told),
        food_until=prepare.food_until if prepare else None,
        drinks_until=prepare.drinks_until if prepare else None,
        needs_ride=any(visit.prepare is not None and visit.prepare.needs_ride for visit in told),
        asks_driver=any(visit.prepare and visit.prepare.needs_ride and not visit.driver_known for visit in told),
        answer_hours=stationery.answer_hours(clinic, language) if purpose is Purpose.CHECK_IN else "",
    )


def _known_after(told: Sequence[Visit], facts: Facts) -> list[Visit]:
    """The firm visits after these that the patient has heard of at their present time: a reminder is no news."""
    end, all_visits = told[-1].starts_at, facts.visits.values()
    visits = [one for one in all_visits if one.standing is Standing.FIRM and one.starts_at > end and not one.closing]
    last = {one.visit_id: one for one in sorted(facts.told, key=lambda one: one.said_at) if one.still_theirs}
    heard = {(key, one.starts_at) for key, one in last.items() if one.purpose is not Purpose.CANCELLED}
    return sorted((one for one in visits if (one.id, one.starts_at) in heard), key=lambda one: one.starts_at)
