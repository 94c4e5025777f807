"""The nouns of scheduling, one a file."""

from scheduling.models.appointment import (
    AFTER_GIVEN,
    BROKEN_OFF,
    GONE,
    HOLDS_PLACE,
    PATIENT_IS_THERE,
    Appointment,
    AppointmentPhase,
    CancelledBy,
    Claim,
    Status,
)
from scheduling.models.asking import AskedFor, AskState, Override
from scheduling.models.clinic import Clinic, ClinicHours, Closure, Weekday
from scheduling.models.dose import DoseGap, DoseTerms, PlannedDose
from scheduling.models.event import ActorKind, Event, EventSeal, EventToPlan, EventToSeal, IdempotencyKey
from scheduling.models.followup import CallOutcome, FollowUp, FollowUpKind, FollowUpState, FollowUpTry
from scheduling.models.going_live import GoLiveWord
from scheduling.models.order import (
    UNDER_WAY,
    AtLimit,
    ChangeKind,
    CounterSignature,
    Decision,
    Gate,
    GateDecision,
    GateMethod,
    Order,
    OrderChange,
    OrderState,
    OrderVersion,
    PrescriberCover,
)
from scheduling.models.organisation import Organisation
from scheduling.models.patient import Patient, PatientIdentifier
from scheduling.models.protocol import Protocol, ProtocolVersion, VisitKind, VisitMode, VisitType
from scheduling.models.questionnaire import AnsweredHow, Questionnaire, QuestionnaireResponse
from scheduling.models.resource import Absence, AbsenceKind, ClaimRole, Place, PostName, Resource, ResourceKind, Shift
from scheduling.models.task import SETTLED, ClinicianTask, TaskKind
from scheduling.models.user import Membership, Role, StaffInvite, User, WrongPassword
from scheduling.models.visit_record import (
    CheckKind,
    Deviation,
    ExitRuling,
    PrerequisiteAnswer,
    PrerequisiteRecord,
    VisitCheck,
    VisitTask,
)

__all__ = [
    "AFTER_GIVEN", "BROKEN_OFF", "GONE", "HOLDS_PLACE", "PATIENT_IS_THERE", "SETTLED", "UNDER_WAY", "Absence",
    "AbsenceKind", "ActorKind", "AnsweredHow", "Appointment", "AppointmentPhase", "AskState", "AskedFor", "AtLimit",
    "CallOutcome", "CancelledBy", "ChangeKind", "CheckKind", "Claim", "ClaimRole", "Clinic", "ClinicHours",
    "ClinicianTask", "Closure", "CounterSignature", "Decision", "Deviation", "DoseGap", "DoseTerms", "Event",
    "EventSeal", "EventToPlan", "EventToSeal", "ExitRuling", "FollowUp", "FollowUpKind", "FollowUpState",
    "FollowUpTry", "Gate", "GateDecision", "GateMethod", "GoLiveWord", "IdempotencyKey", "Membership", "Order",
    "OrderChange", "OrderState", "OrderVersion", "Organisation", "Override", "Patient", "PatientIdentifier",
    "Place", "PlannedDose", "PostName", "PrerequisiteAnswer", "PrerequisiteRecord", "PrescriberCover", "Protocol",
    "ProtocolVersion", "Questionnaire", "QuestionnaireResponse", "Resource", "ResourceKind", "Role", "Shift",
    "StaffInvite", "Status", "TaskKind", "User", "VisitCheck", "VisitKind", "VisitMode", "VisitTask", "VisitType",
    "Weekday", "WrongPassword",
]  # fmt: skip
