"""The gallery: every component and token in both themes, for whoever builds or checks pages (embedded mode only)."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from scheduling.models import Status

SPECIMENS = (
    (_("Page and surfaces"), ("page", "surface", "surface-sunk", "surface-hover", "line", "line-strong")),
    (_("Ink"), ("ink", "ink-soft", "ink-faint", "link", "focus", "now")),
    (_("Action"), ("action", "action-hover", "action-soft", "danger-action", "bar", "bar-mark")),
)
TONES = (
    ("neutral", _("neutral"), "circle"),
    ("info", _("information"), "info"),
    ("active", _("under way"), "activity"),
    ("success", _("done"), "circle-check"),
    ("warning", _("look here"), "triangle-alert"),
    ("danger", _("stop"), "circle-alert"),
    ("review", _("waits for review"), "clipboard-check"),
)


class SpecimenForm(forms.Form):
    """One field of each kind, some with hints, two in error."""

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on the insurance card."), max_length=80)
    birth_date = forms.DateField(label=_("Birth date"), widget=forms.DateInput(attrs={"type": "date"}))
    phone = forms.CharField(label=_("Phone"), required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    language = forms.ChoiceField(label=_("Language"), choices=[("en", "English"), ("es", "Español")])
    note = forms.CharField(
        label=_("Note"),
        required=False,
        help_text=_("No clinical facts here."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    may_text = forms.BooleanField(label=_("May we send text messages to this number?"))
    visit = forms.ChoiceField(
        label=_("How"),
        widget=forms.RadioSelect,
        choices=[("in_person", _("In person")), ("video", _("Video")), ("phone", _("Phone"))],
    )
    days = forms.MultipleChoiceField(
        label=_("Days that suit"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("mon", _("Monday")), ("wed", _("Wednesday")), ("fri", _("Friday"))],
    )


def gallery(request: HttpRequest) -> TemplateResponse:
    """Show all components, and the form once empty and once refused."""
    refused = SpecimenForm({"name": "", "language": "en", "phone": "555", "days": ["mon"]}, auto_id="refused_%s")
    context = {
        "form": SpecimenForm(auto_id="empty_%s", initial={"visit": "in_person"}),
        "refused": refused,
        "specimens": SPECIMENS,
        "tones": TONES,
        "statuses": list(Status),
    }
    return TemplateResponse(request, "gallery/gallery.html", context)


def patient_gallery(request: HttpRequest) -> TemplateResponse:
    """Show what patient pages are made of."""
    return TemplateResponse(request, "gallery/patient.html")
