"""The nouns of notifications, one a file."""

from notifications.models.address import Address, AddressKind, PatientAddress
from notifications.models.consent import ConsentMethod, ConsentRecord, PurposeGroup
from notifications.models.message import Attempt, AttemptOutcome, Message, OutcomeKind, Receipt
from notifications.models.message_rules import MessageRules
from notifications.models.notice import MAY_HAVE_ARRIVED, NEXT, Notice, NoticeState, NoticeVisit

__all__ = [
    "MAY_HAVE_ARRIVED", "NEXT", "Address", "AddressKind", "Attempt", "AttemptOutcome", "ConsentMethod",
    "ConsentRecord", "Message", "MessageRules", "Notice", "NoticeState", "NoticeVisit", "OutcomeKind",
    "PatientAddress", "PurposeGroup", "Receipt",
]  # fmt: skip
