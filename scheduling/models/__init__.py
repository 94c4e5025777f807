"""The nouns of scheduling, one a file."""

from scheduling.models.appointment import (
    AFTER_GIVEN,
    COUNTS_FOR_SPACING,
    GONE,
    HOLDS_PLACE,
    PATIENT_IS_THERE,
    Appointment,
    AppointmentPhase,
    CancelledBy,
    Claim,
    Deviation,
    Status,
)
from scheduling.models.asking import AskedFor, AskState, Override
from scheduling.models.clinic import Clinic, ClinicHours, Closure, Weekday
from scheduling.models.dose import DoseGap, DoseTerms, PlannedDose
from scheduling.models.event import ActorKind, Event, EventSeal, EventToPlan, EventToSeal, IdempotencyKey
from scheduling.models.followup import FollowUp, FollowUpKind, FollowUpState
from scheduling.models.order import (
    OPENS_GATE,
    UNDER_WAY,
    CounterSignature,
    Decision,
    Gate,
    GateDecision,
    GateMethod,
    Order,
    OrderState,
    OrderVersion,
)
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient, PatientIdentifier
from scheduling.models.protocol import Protocol, ProtocolVersion, VisitKind, VisitMode, VisitType
from scheduling.models.resource import Absence, AbsenceKind, ClaimRole, Place, PostName, Resource, ResourceKind, Shift
from scheduling.models.user import Membership, Role, User

__all__ = [
    "AFTER_GIVEN", "COUNTS_FOR_SPACING", "GONE", "HOLDS_PLACE", "OPENS_GATE", "PATIENT_IS_THERE", "UNDER_WAY",
    "Absence", "AbsenceKind", "ActorKind", "Appointment", "AppointmentPhase", "AskState", "AskedFor", "CancelledBy",
    "Claim", "ClaimRole", "Clinic", "ClinicHours", "Closure", "CounterSignature", "Decision", "Deviation", "DoseGap",
    "DoseTerms", "Event", "EventSeal", "EventToPlan", "EventToSeal", "FollowUp", "FollowUpKind", "FollowUpState",
    "Gate", "GateDecision", "GateMethod", "IdempotencyKey", "Membership", "Order", "OrderState", "OrderVersion",
    "Organisation", "Override", "Patient", "PatientIdentifier", "Place", "PlannedDose", "PostName", "Protocol",
    "ProtocolVersion", "Resource", "ResourceKind", "Role", "Shift", "Status", "User", "VisitKind", "VisitMode",
    "VisitType", "Weekday",
]  # fmt: skip
