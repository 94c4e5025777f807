"""What a caller wishes of a series: in words and ticked, kept on the server as it is typed."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from scheduling.can_come import ALL, CanCome
from scheduling.can_come_reader import Heard, read_words
from scheduling.models import Clinic, Order
from scheduling.parked_calls import LONGEST_WORDS, Wished, park_call, wished_of
from scheduling.series import Series
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.default_wish import default_wish
from web.frontdesk.wish_form import WishForm
from web.spoken import infusions, word_of

FIELDS = ("words", "weekdays", "time", "how_many")


class SeriesWishForm(WishForm):
    """When, in words or ticked, and how many."""

    words = forms.CharField(
        label=_("When can you and your driver come?"),
        required=False,
        max_length=LONGEST_WORDS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    how_many = forms.TypedChoiceField(label=_("How many now?"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, clinic: Clinic, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        self.to_book = series.to_book
        self.fields["weekdays"].label = pgettext_lazy("weekdays to tick", "Days")
        word = word_of(series.version)
        most = range(1, len(self.to_book) + 1)
        self.choose("how_many", [(str(n), infusions(self.to_book[:n], word)) for n in most])
        self.fields["how_many"].initial = str(series.book_by_default)

    @cached_property
    def heard(self) -> Heard:
        """What the words say; nothing where there are none."""
        words = self.cleaned_data.get("words", "") if self.is_bound and self.is_valid() else ""
        return read_words(words, today=timezone.localdate(), day_first=(get_language() or "").startswith("es"))

    @cached_property
    def can(self) -> CanCome:
        """Said and ticked together; how many as a number that is left."""
        if not (self.is_bound and self.is_valid()):
            return CanCome()
        return self.heard.can.beside(self.wish.weekdays, self.wish.time, self.cleaned_data["how_many"])

    @property
    def number(self) -> int | None:
        """How many to look for; None for as many as the page proposes."""
        said = self.can.how_many
        if said is None:
            return None
        return len(self.to_book) if said == ALL else min(said, len(self.to_book))


def asked(request: ClinicRequest, order: Order) -> QueryDict | MultiValueDict[str, str] | None:
    """The wish in the address, else the one that this person's parked call of the order has, else when the patient can
    usually come; None for none of them."""
    if any(name in request.GET for name in FIELDS):
        return request.GET
    parked = wished_of(user=request.user, clinic=request.clinic, order=order)
    return form_data(parked) if parked else default_wish(order.patient, request.clinic)


def form_data(wished: Wished) -> MultiValueDict[str, str]:
    """As the form would send it."""
    data: dict[str, list[str]] = {"words": [wished.words], "weekdays": list(wished.weekdays)}
    if wished.time:
        data["time"] = [f"{wished.time:%H:%M}"]
    if wished.how_many:
        data["how_many"] = [str(wished.how_many)]
    return MultiValueDict(data)


def keep_wish(request: ClinicRequest, order: Order, form: SeriesWishForm, now: datetime) -> None:
    """Keep it with the call, where it makes sense."""
    if form.is_valid():
        said = form.cleaned_data
        wished = Wished(said["words"], tuple(said["weekdays"]), form.wish.time, said["how_many"])
        park_call(
            patient=order.patient, clinic=request.clinic, order=order, wished=wished, by=actor(request), now=now
        )  # fmt: skip
