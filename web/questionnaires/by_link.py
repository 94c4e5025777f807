"""The questions behind the link of a message: the birth date first, then a questionnaire a page.

What was sent is kept whatever became of its visit, its questionnaire or its link meanwhile: only reading stops there.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import translation

from notifications.clinic_rules import safety_text
from notifications.covered_questions import Put, put_now
from notifications.notice_facts import Purpose
from scheduling.events import Actor
from scheduling.models import AnsweredHow, QuestionnaireResponse
from scheduling.questionnaires.unasked import find_sheet
from web.display import IN_WORK, is_chosen_so, shown_so
from web.patient.birth_date import BirthDateForm, give_birth_date, knows_birth_date, remember_birth_date
from web.patient.linked import PRIVATE, Link, reading, sending
from web.questionnaires.sheet import Sheet, sent_fields
from web.questionnaires.taking import Taken, take

BY = Actor.patient()
# So long the page still says that the questions were answered.
LATELY = timedelta(days=7)


def questions_linked(request: HttpRequest, token: str) -> HttpResponse:
    """What the patient is asked; a POST brings the birth date, or answers."""
    return _take(request, token) if request.method == "POST" else _show(request, token)


def leads_to_questions(link: Link) -> bool:
    """Whether this is a check-in's message and there is something to answer behind it, or was lately."""
    if link.message.purpose != Purpose.CHECK_IN:
        return False
    return bool(put_now(link.message.patient, now=link.now).asked) or _answered_lately(link) is not None


@reading
def _show(request: HttpRequest, link: Link) -> HttpResponse:
    if not knows_birth_date(request, link):
        return _gate(request, link, BirthDateForm())
    put = put_now(link.message.patient, now=link.now)
    if put.asked and "sent" not in request.GET:
        return _page(request, link, Sheet(put.asked[0], _language(link)), more=len(put.asked) - 1)
    return _end(request, link, put)


@sending
def _take(request: HttpRequest, link: Link) -> HttpResponse:
    if is_chosen_so(request):
        return shown_so(request, lambda: _drawn_again(request, link))
    if knows_birth_date(request, link):
        return _take_answers(request, link)
    form = BirthDateForm(request.POST if "birth_date" in request.POST else None)
    if not form.is_bound or not give_birth_date(form, link):
        return _gate(request, link, form)
    response = _take_answers(request, link)
    remember_birth_date(request, response, link)
    return response


def _drawn_again(request: HttpRequest, link: Link) -> HttpResponse:
    """The page with all that was filled in so far: nothing of it is taken yet."""
    if not knows_birth_date(request, link):
        return _gate(request, link, BirthDateForm(initial={"birth_date": request.POST.get("birth_date", "")}))
    patient = link.message.patient
    found = find_sheet(patient, request.POST.get("asked", ""), now=link.now)
    marked = Sheet.from_post(found.asking, request.POST, "") if found else None
    if found is None or marked is None or (marked.is_empty and not found.is_asked):
        return _end(request, link, put_now(patient, now=link.now), not_asked=True)
    return _page(request, link, Sheet(found.asking, _language(link), marked.answers))


def _take_answers(request: HttpRequest, link: Link) -> HttpResponse:
    here = redirect("questions_linked", link.token)
    if "asked" not in request.POST:
        return here
    patient = link.message.patient
    found = find_sheet(patient, request.POST["asked"], now=link.now)
    if found is None:
        return _end(request, link, put_now(patient, now=link.now), not_asked=True)
    sheet = Sheet.from_post(found.asking, request.POST, _language(link))
    if found.is_asked and sheet.waits_for_more(request.POST):
        return _page(request, link, sheet)
    taken = take(found, sheet, how=AnsweredHow.LINK, by=BY, now=link.now)
    if taken.is_answered and not link.is_over:
        here["Location"] += "?sent=1"
        return here
    not_asked = not taken.is_answered and taken.earlier is None
    return _end(request, link, put_now(patient, now=link.now), taken=taken, not_asked=not_asked)


def _language(link: Link) -> str:
    return translation.get_language() or link.message.language


def _around(link: Link) -> dict[str, object]:
    return {**link.around(), "safety": safety_text(link.message.clinic, _language(link))}


def _gate(request: HttpRequest, link: Link, form: BirthDateForm) -> HttpResponse:
    """The birth date before anything that tells of care. Answers that came too late for it are carried along."""
    sent = sent_fields(request.POST.dict())
    context = {**_around(link), "form": form, "sent": sent, "in_work": IN_WORK if sent else ""}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "questionnaires/birth_date.html", context, status=status, headers=PRIVATE)


def _page(request: HttpRequest, link: Link, sheet: Sheet, *, more: int = 0) -> HttpResponse:
    is_late = sheet.asking.is_late(link.now)
    context = {**_around(link), "in_work": IN_WORK, "sheet": sheet, "more": more, "is_late": is_late}
    status = 422 if sheet.is_sent else 200
    return TemplateResponse(request, "questionnaires/linked.html", context, status=status, headers=PRIVATE)


def _end(
    request: HttpRequest,
    link: Link,
    put: Put,
    *,
    taken: Taken | None = None,
    not_asked: bool = False,
) -> HttpResponse:
    """The last page: the same help for everybody, whatever they answered. `taken`: what became of what was sent now."""
    earlier = taken.earlier if taken else None
    context = {
        **_around(link),
        "is_sent": taken.is_answered if taken else "sent" in request.GET,
        "earlier": earlier or (None if put.asked or put.opens_at else _answered_lately(link)),
        "not_asked": not_asked,
        "is_kept_apart": taken is not None and taken.is_kept_apart,
        "is_over": link.is_over,
        "more": 0 if link.is_over else len(put.asked),
        "opens_at": None if link.is_over else put.opens_at,
        "zone": link.message.clinic.time_zone,
    }
    status = 409 if earlier or (not_asked and not context["is_kept_apart"]) else 200
    return TemplateResponse(request, "questionnaires/end.html", context, status=status, headers=PRIVATE)


def _answered_lately(link: Link) -> QuestionnaireResponse | None:
    since = link.now - LATELY
    rows = QuestionnaireResponse.objects.filter(patient=link.message.patient, answered_at__gt=since)
    return rows.order_by("-answered_at").first()
