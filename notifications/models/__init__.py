"""The nouns of notifications, one a file."""

from notifications.models.address import Address, AddressKind, PatientAddress
from notifications.models.calendar_feed import CalendarFeed
from notifications.models.call_task import CallKind, CallTask
from notifications.models.consent import ConsentMethod, ConsentRecord, PurposeGroup
from notifications.models.duty import DutyShift, StaffAlert, StaffContact
from notifications.models.inbound import InboundMessage
from notifications.models.message import Attempt, AttemptOutcome, Message, OutcomeKind, Receipt
from notifications.models.message_rules import MessageRules
from notifications.models.notice import MAY_HAVE_ARRIVED, NEXT, Notice, NoticeState, NoticeVisit
from notifications.models.sender import SenderPace
from notifications.models.walk import Walk
from notifications.models.wishes import ContactWishes, RideHome, ToldInPerson
from notifications.models.wording import ClinicWording, QuickReply
from notifications.reply_intent import Intent

__all__ = [
    "MAY_HAVE_ARRIVED", "NEXT", "Address", "AddressKind", "Attempt", "AttemptOutcome", "CalendarFeed", "CallKind",
    "CallTask", "ClinicWording", "ConsentMethod", "ConsentRecord", "ContactWishes", "DutyShift", "InboundMessage",
    "Intent", "Message", "MessageRules", "Notice", "NoticeState", "NoticeVisit", "OutcomeKind", "PatientAddress",
    "PurposeGroup", "QuickReply", "Receipt", "RideHome", "SenderPace", "StaffAlert", "StaffContact", "ToldInPerson",
    "Walk",
]  # fmt: skip
