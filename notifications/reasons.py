"""Why a notice did not go: one word for the row, one sentence for the desk. Refusals: `channels.outcomes`, and
`ledger.sentence` knows both."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from notifications.notice_facts import Purpose

VISIT_CHANGED = "visit_changed"
NO_CONSENT = "no_consent"
ADDRESS_STOPPED = "address_stopped"
PATIENT_GONE = "patient_gone"
NO_WORDING = "no_wording"
TOO_LATE = "too_late"
AT_NIGHT = "at_night"
NOBODY_ON_DUTY = "nobody_on_duty"
OVER_CAP = "over_cap"
NO_ANSWER = "no_answer"
GAVE_UP = "gave_up"
UNDELIVERED = "undelivered"
TOLD_IN_PERSON = "told_in_person"
CLINIC_CLOSED = "clinic_closed"
SETTLED = "settled"
UNWANTED = "unwanted"
SAID_LATER = "said_later"
NO_ADDRESS = "no_address"
NOT_VALID = "not_valid"
BOUNCED = "bounced"
COMPLAINED = "complained"
WRONG_NUMBER = "wrong_number"
NOT_REACHED = "not_reached"
GIVEN_UP_ADDRESS = "given_up"
TEXTS_OFF = "texts_off"

SENTENCES = {
    VISIT_CHANGED: _("The visit has changed since."),
    NO_CONSENT: _("The patient has not agreed to messages here."),
    ADDRESS_STOPPED: _("This address is stopped or no longer the patient's."),
    PATIENT_GONE: _("The patient is no longer with us."),
    NO_WORDING: _("There is no text in the patient's language: please call."),
    TOO_LATE: _("It could not go in time: please call."),
    AT_NIGHT: _("It is night, and the visit comes soon after: please call."),
    NOBODY_ON_DUTY: _("Nobody is on duty to read the answer: please call and ask."),
    OVER_CAP: _("The patient gets no more texts than the clinic's rules allow: please call."),
    NO_ANSWER: _("Nobody knows whether it arrived: please check with the patient."),
    GAVE_UP: _("It was tried several times: please call."),
    UNDELIVERED: _("It was not delivered: please call."),
    TOLD_IN_PERSON: _("Somebody has told the patient."),
    CLINIC_CLOSED: _("The clinic is closed then."),
    SETTLED: _("It is settled already."),
    UNWANTED: _("Nothing is to be sent there any more."),
    SAID_LATER: _("A later message says it."),
    NO_ADDRESS: _("No number or e-mail address is known."),
    NOT_VALID: _("The number or address makes no sense."),
    BOUNCED: _("The mailbox sent our e-mail back."),
    COMPLAINED: _("The patient reported our e-mail as junk."),
    NOT_REACHED: _("Nobody was reached by telephone."),
    WRONG_NUMBER: _("Somebody else answers there: ask for the right number."),
    GIVEN_UP_ADDRESS: _("The patient has another number or address now."),
    TEXTS_OFF: _("The clinic does not send texts yet: please call."),
}


def why_lapsed(purpose: str, *, due_at: datetime, useful_until: datetime, now: datetime) -> str:
    """Why something can't go any more: its use is over, or will be before the hours in which it may go."""
    if max(due_at, now) >= useful_until:
        return TOO_LATE
    return NOBODY_ON_DUTY if purpose == Purpose.CHECK_IN else AT_NIGHT
