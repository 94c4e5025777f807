"""What became of a reply: one word for the row, one sentence for the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# Nobody has to read these: what they asked for was done.
CONFIRMED = "confirmed"
CALL_OPENED = "call_opened"
OPTED_OUT = "opted_out"
OPTED_OUT_AND_CALL = "opted_out_and_call"
OPTED_IN = "opted_in"
THANKED = "thanked"
AUTOMATIC = "automatic"
# These wait for a person.
TO_READ = "to_read"
WHO_IS_IT = "who_is_it"
CHANGED_MEANWHILE = "changed_meanwhile"
NOTHING_ASKED = "nothing_asked"
LATE = "late"
WRONG_NUMBER = "wrong_number"
# What a person did.
DONE = "done"

CLOSED = frozenset({CONFIRMED, CALL_OPENED, OPTED_OUT, OPTED_OUT_AND_CALL, OPTED_IN, THANKED, AUTOMATIC})
SENTENCES = {
    "": _("Not looked at by the system yet."),
    CONFIRMED: _("Confirmed what the message named."),
    CALL_OPENED: _("Is on the call list."),
    OPTED_OUT: _("No more messages go there."),
    OPTED_OUT_AND_CALL: _("No more messages go there. Is on the call list: a visit may be meant."),
    OPTED_IN: _("Messages may go there again."),
    THANKED: _("A thank-you."),
    AUTOMATIC: _("Answered by a machine."),
    TO_READ: _("Please read."),
    WHO_IS_IT: _("Several patients use this address: please say who it is."),
    CHANGED_MEANWHILE: _("The visit changed after that message: not confirmed, please ask."),
    NOTHING_ASKED: _("Means yes, but we had asked nothing: not confirmed."),
    LATE: _("Comes late."),
    WRONG_NUMBER: _("Not the patient's: nothing more goes there, the patient is on the call list."),
    DONE: _("Done."),
}


def sentence(outcome: str) -> str:
    """The desk's sentence for an outcome."""
    return str(SENTENCES.get(outcome, outcome))
