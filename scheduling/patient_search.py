"""Finding patients by what was typed of them, best first; and those whose names are written nearly so."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import add, and_
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, F, Func, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Concat

from scheduling.models import Organisation, Patient
from scheduling.typed_dates import OLDEST
from scheduling.typed_search import Part, Sought, one_slip, one_too_few

# Letters that a piece inside of a word needs; fewer have to begin one.
INSIDE: Final = 3
# Letters from which on the last one may be any, beside a slip.
ENDINGS_FROM: Final = 7
WHOLE, BEGINS, WITHIN, FIRST, NEARLY_WHOLE = 8, 5, 3, 1, 1
# Who is reached at these digits, as the ids of patients: addresses stand in the package above.
Reached = Callable[[str], "QuerySet[Any, Any]"]


def find_patients(
    *, organisation: Organisation, sought: Sought, reached: Reached, include_gone: bool = False
) -> QuerySet[Patient]:
    """Patients who match every part of what was typed, best first: words that are whole before words that begin so,
    before words with that in them; the given name first. Accents, case and order don't matter for who is found, and
    who types nothing finds nobody.

    The deceased and merged are left out unless `include_gone`, and then come last.
    """
    return _found(organisation, sought, [_is_so(part, reached) for part in sought.parts], include_gone=include_gone)


def written_nearly_so(
    *, organisation: Organisation, sought: Sought, reached: Reached, include_gone: bool = False
) -> QuerySet[Patient]:
    """As `find_patients`, but each word may have one slip: a letter too many, another one, one missing, two swapped.
    From seven letters on it may end otherwise, too; beside another part a name of four letters may lack one."""
    near = [_is_so(part, reached) | _is_nearly_so(part, alone=len(sought.parts) == 1) for part in sought.parts]
    return _found(organisation, sought, near, include_gone=include_gone)


def is_named(words: str) -> Q:
    """That these words, whole and in this order, are among a patient's names."""
    return Q(searched_as__contains=_plain(words.strip(), before=" ", after=" "))


def _found(organisation: Organisation, sought: Sought, each: list[Q], *, include_gone: bool) -> QuerySet[Patient]:
    if not each:
        return Patient.objects.none()
    patients = Patient.objects.filter(organisation=organisation)
    if not include_gone:
        patients = patients.current()
    is_here = Case(When(deceased_at=None, merged_into=None, then=1), default=0)
    # 3/4 was the third of April for somebody.
    as_read = Case(When(birth_date=sought.born, then=1), default=0) if sought.born else Value(0)
    first = [_first(word) for word in sought.words[:1]]
    rank = reduce(add, [*first, *map(_rank, sought.words)], Value(0) + as_read)
    return patients.filter(reduce(and_, each)).order_by(is_here.desc(), rank.desc(), "family_name", "given_name", "pk")


def _is_so(part: Part, reached: Reached) -> Q:
    if part.word:
        return Q(searched_as__contains=_plain(part.word, before="" if len(part.word) >= INSIDE else " "))
    matches = Q(searched_as__contains=_plain(part.typed))
    if part.dates:
        matches |= Q(birth_date__in=part.dates)
    if part.digits:
        # Not IN (SELECT ...): the planner would look at every patient. An array it looks up by the key.
        matches |= Q(searched_as__contains=part.digits) | Q(_AnyOf(F("pk"), ArraySubquery(reached(part.digits))))
    if len(part.digits) == 4 and int(part.digits) >= OLDEST:
        matches |= Q(birth_date__year=int(part.digits))
    return matches


def _is_nearly_so(part: Part, *, alone: bool) -> Q:
    # What long names end in is heard least: Gonzalez, Gonzales.
    slips = one_slip(part.word[:-1] if len(part.word) >= ENDINGS_FROM else part.word)
    # A whole name, and not how one begins: so little is typed of it.
    slips += [] if alone else [f"{name} " for name in one_too_few(part.word)]
    return Q(searched_as__regex=f" (?:{'|'.join(slips)})") if slips else Q(pk__in=[])


def _rank(word: str) -> Case:
    slips = one_slip(word)
    return Case(
        When(searched_as__contains=_plain(word, before=" ", after=" "), then=WHOLE),
        When(searched_as__contains=_plain(word, before=" "), then=BEGINS),
        When(searched_as__contains=_plain(word), then=WITHIN),
        *([When(searched_as__regex=f" (?:{'|'.join(slips)}) ", then=NEARLY_WHOLE)] if slips else []),
        default=0,
    )


def _first(word: str) -> Case:
    return Case(When(searched_as__startswith=_plain(word, before=" "), then=FIRST), default=0)


def _plain(word: str, *, before: str = "", after: str = "") -> Concat:
    """A word as `searched_as` has it, by the database's own rules of what is a letter's mark."""
    plain = Func(Value(word), function="scheduling_plain", output_field=TextField())
    return Concat(Value(before), plain, Value(after), output_field=TextField())


class _AnyOf(Func):
    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = BooleanField()
