"""What a caller wishes of a series: in words and ticked, kept on the server as it is typed."""

from __future__ import annotations

from datetime import datetime, time
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from scheduling.can_come import CanCome, in_words
from scheduling.can_come_reader import Heard, read_words
from scheduling.models import Clinic, Order
from scheduling.parked_calls import LONGEST_WORDS, Wished, park_call, wished_of
from scheduling.said_and_ticked import Ticked, contradicts, number_of, said_last, ticked_last
from scheduling.series import Series
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.frontdesk.default_wish import default_wish
from web.frontdesk.wish_form import WishForm
from web.spoken import infusions, wall_clock, word_of

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
    # The words that the boxes were drawn for: where others come back, they were typed after what is ticked.
    drawn_for = forms.CharField(required=False, max_length=LONGEST_WORDS, widget=forms.HiddenInput)

    # The words of which a press was already answered that not all of them were understood.
    told_of = forms.CharField(required=False, max_length=LONGEST_WORDS, widget=forms.HiddenInput)

    def __init__(self, *args: Any, clinic: Clinic, series: Series, **kwargs: Any) -> None:
        super().__init__(*args, clinic=clinic, **kwargs)
        self.to_book = series.to_book
        self.fields["weekdays"].label = pgettext_lazy("weekdays to tick", "Days")
        word = word_of(series.version)
        most = range(1, len(self.to_book) + 1)
        self.choose("how_many", [(str(n), infusions(self.to_book[:n], word)) for n in most])
        self.clinic, self.series = clinic, series
        self.fields["how_many"].initial = str(series.book_by_default)
        self._offer_time(self.data.get("time") or "")

    def _offer_time(self, said: str) -> None:
        """A time that was said is among the choices, though it is no whole hour."""
        try:
            at = time.fromisoformat(said)
        except ValueError:
            return
        choices = dict(self.choices_of("time"))
        self.choose("time", sorted({f"{at:%H:%M}": wall_clock(at), **choices}.items()))

    @cached_property
    def heard(self) -> Heard:
        """What the words say; nothing where there are none."""
        return _read(self.cleaned_data.get("words", "") if self.is_bound and self.is_valid() else "")

    @cached_property
    def can(self) -> CanCome:
        """Said and ticked together, the last of both where they differ."""
        if not (self.is_bound and self.is_valid()):
            return CanCome()
        said, left = self.cleaned_data, len(self.to_book)
        ticked = Ticked(self.wish.weekdays, self.wish.time, said["how_many"])
        if said["words"] == said["drawn_for"]:
            return ticked_last(self.heard.can, ticked, left, self.offered)
        return said_last(self.heard.can, _read(said["drawn_for"]).can, ticked, left)

    @property
    def is_to_be_read(self) -> bool:
        """Whether something was not understood, and nobody has gone on from these words knowing it."""
        return bool(self.heard.not_understood) and self.cleaned_data["told_of"] != self.cleaned_data["words"]

    @property
    def offered(self) -> frozenset[str]:
        """The weekdays that have a box."""
        return frozenset(key for key, _words in self.choices_of("weekdays"))

    @property
    def number(self) -> int | None:
        """How many to look for; None for as many as the page proposes."""
        return number_of(self.can, len(self.to_book))

    def as_it_counts(self) -> SeriesWishForm:
        """The same form with words and boxes that show what is looked for, so that nobody reads it one way and books it
        another; itself where nothing was asked, or nothing that can be read."""
        if not (self.is_bound and self.is_valid()):
            return self
        words = self.cleaned_data["words"]
        if contradicts(self.heard.can, self.can) and len(in_words(self.can)) <= LONGEST_WORDS:
            words = in_words(self.can)
        days = tuple(sorted((self.can.weekdays or frozenset()) & self.offered))
        number = min(self.number or self.series.book_by_default, len(self.to_book))
        data = form_data(Wished(words, days, self.can.at, number))
        data.setlist("drawn_for", [words])
        return SeriesWishForm(data, clinic=self.clinic, hours=self.hours, series=self.series)

    def shows(self, other: SeriesWishForm) -> bool:
        """Whether the boxes of both are the same."""
        same = all(self.cleaned_data[name] == other.cleaned_data[name] for name in ("time", "how_many"))
        return same and {*self.cleaned_data["weekdays"]} == {*other.cleaned_data["weekdays"]}


def _read(words: str) -> Heard:
    return read_words(words, today=timezone.localdate(), day_first=(get_language() or "").startswith("es"))


def asked(request: ClinicRequest, order: Order) -> QueryDict | MultiValueDict[str, str] | None:
    """The wish in the address, else the one that went with what was pressed, else the one that this person's parked
    call of the order has, else when the patient can usually come; None for none of them."""
    for said in (request.GET, request.POST):
        if any(name in said for name in FIELDS):
            return said
    parked = wished_of(user=request.user, clinic=request.clinic, order=order)
    return form_data(parked) if parked else default_wish(order.patient, request.clinic)


def sent_along(said: MultiValueDict[str, str]) -> list[tuple[str, str]]:
    """Names and values that a proposal's forms send along: the call is over once it is booked, also in another window,
    and who is refused then has still typed this."""
    return [(name, value) for name in (*FIELDS, "drawn_for") for value in said.getlist(name) if value]


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
