"""What is said of a chair, bay, piece of equipment, nurse post or prescriber."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from scheduling.furnishing import MOST_WATCHED
from scheduling.models import Resource, ResourceKind


class ResourceForm(forms.Form):
    """A name; of what kind it is where the page is about several; features of things; how many a nurse watches."""

    kind = forms.ChoiceField(label=_("What is it?"), required=False)
    name = forms.CharField(label=_("Name"), max_length=120)
    features = forms.CharField(
        label=_("Features"), required=False, max_length=300,
        help_text=_("With commas between them, such as recliner, private-room."),
    )  # fmt: skip
    watch = forms.IntegerField(
        label=_("Patients she may watch at once"), min_value=1, max_value=MOST_WATCHED, initial=3,
        help_text=_("One fewer while she is one-to-one with a patient."),
    )  # fmt: skip

    def __init__(self, *args: Any, kinds: Sequence[ResourceKind], is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        if len(kinds) > 1 and is_new:
            cast("forms.ChoiceField", self.fields["kind"]).choices = [(one.value, one.label) for one in kinds]
        else:
            del self.fields["kind"]
        if ResourceKind.NURSE not in kinds:
            del self.fields["watch"]
        if {ResourceKind.NURSE, ResourceKind.PRESCRIBER} & set(kinds):
            del self.fields["features"]

    @classmethod
    def initial_of(cls, resource: Resource) -> dict[str, Any]:
        return {"name": resource.name, "features": ", ".join(resource.features), "watch": resource.watch_places}

    def said(self) -> dict[str, Any]:
        """As the verbs want it."""
        said = self.cleaned_data
        features = [slug for one in said.get("features", "").split(",") if (slug := slugify(one))]
        return {"name": said["name"], "features": features, "watch": said.get("watch", 0)}

    def kind_said(self) -> ResourceKind:
        chosen = self.cleaned_data.get("kind")
        return ResourceKind(chosen) if chosen else self.kinds[0]
