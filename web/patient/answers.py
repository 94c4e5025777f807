"""What a patient can do on their page beside confirming: each a POST, at the time their page showed, once."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.calendar_feeds import make_feed
from notifications.cannot_come import Answer, ask_to_move, cancel_or_ask
from notifications.changed_link import News, send_news
from notifications.contact_wishes import NotReachedThatWay, choose_contact, ways_open
from notifications.rides import name_driver
from notifications.unsubscribing import stop_messages
from scheduling.events import Actor
from scheduling.visit_steps import ChangedMeanwhile, NotPossibleFromHere
from web.patient.birth_date import BirthDateForm, give_birth_date, knows_birth_date, remember_birth_date
from web.patient.calendars import feed_page
from web.patient.choices import ChoiceForm
from web.patient.linked import PRIVATE, Link, acting, changed_page, of_a_superseded
from web.patient.ride import DriverForm
from web.patient.shown import shown_visit
from web.patient.visits import is_stale, page
from web.spoken import clock, long_day

BY = Actor.patient()
A_FEW_MINUTES = timedelta(minutes=10)


@acting
def move_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient asks for another time: a call for the desk to make."""
    one = shown_visit(link.message, request.POST.get("visit", ""), now=link.now)
    if one is None:
        return redirect("linked_visits", link.token)
    if is_stale(request, one) or not (one.can_say_no or one.is_missed):
        return page(request, link, stale=one)
    try:
        ask_to_move(visit=one.visit, told_version=one.visit.told_version, by=BY, now=link.now)
    except (ChangedMeanwhile, NotPossibleFromHere):
        return page(request, link, stale=one)
    if one.is_missed:
        messages.success(request, _("We have it. We will call you about another time."))
    else:
        words = _("We have it. We will call you about another time; until then this visit stays yours.")
        messages.success(request, words)
    return redirect("linked_visits", link.token)


@acting
def cancel_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient can't come. Asked once more first; then cancelled at once, or a call for the desk to make."""
    one = shown_visit(link.message, request.POST.get("visit", ""), now=link.now)
    if one is None:
        return redirect("linked_visits", link.token)
    if is_stale(request, one) or not one.can_say_no:
        return page(request, link, stale=one)
    if request.POST.get("sure") != "yes":
        return TemplateResponse(request, "patient/sure.html", {**link.around(), "one": one}, headers=PRIVATE)
    try:
        answer = cancel_or_ask(visit=one.visit, told_version=one.visit.told_version, by=BY, now=link.now)
    except (ChangedMeanwhile, NotPossibleFromHere):
        return page(request, link, stale=one)
    if answer is Answer.CANCELLED:
        messages.success(request, _("Your visit is cancelled. Thank you for telling us."))
    else:
        messages.success(request, _("We have it: you can't come. We will call you; nothing else is needed."))
    return redirect("linked_visits", link.token)


@acting
def ride_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient says who drives them home: that somebody has to tells of care, so it takes the birth date first."""
    one = shown_visit(link.message, request.POST.get("visit", ""), now=link.now)
    if one is None or not one.needs_ride or not knows_birth_date(request, link):
        return redirect("linked_visits", link.token)
    form = DriverForm(request.POST)
    if not form.is_valid():
        return page(request, link, form=form)
    said = form.cleaned_data
    try:
        name_driver(visit=one.visit, driver=said["driver"], phone=said["phone"], by=BY, now=link.now)
    except NotPossibleFromHere:
        return page(request, link, stale=one)
    messages.success(request, _("Thank you. We have written down who drives you home."))
    return redirect("linked_visits", link.token)


@acting
def birth_date_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """Opens the instructions to who knows the birth date."""
    form = BirthDateForm(request.POST)
    if not give_birth_date(form, link):
        return page(request, link, form=form)
    answer = redirect(f"{reverse('linked_visits', args=[link.token])}#before")
    remember_birth_date(request, answer, link)
    return answer


@acting
def contact_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """The patient chooses how, and in which language, they are told."""
    form = ChoiceForm(request.POST, ways=ways_open(link.message.patient))
    if not form.is_valid():
        return page(request, link, form=form)
    said = form.cleaned_data
    try:
        choose_contact(patient=link.message.patient, way=said["way"], language=said["language"], by=BY, now=link.now)
    except NotReachedThatWay:  # it stopped working this moment
        return redirect("linked_visits", link.token)
    messages.success(request, _("Written down. Messages come that way from now on."))
    return redirect("linked_visits", link.token)


@acting
def stop_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """No more messages to where this one went."""
    stop_messages(message=link.message, by=BY, now=link.now)
    messages.success(request, _("We send nothing here any more. Your visits stay as they are."))
    return redirect("linked_visits", link.token)


@acting
def feed_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """Makes the patient's private calendar address and shows it."""
    return feed_page(request, link, make_feed(message=link.message, by=BY, now=link.now))


@of_a_superseded
def news_linked(request: HttpRequest, link: Link) -> HttpResponse:
    """Sends the news to the contact on file; this page shows nothing of it."""
    news = send_news(message=link.message, by=BY, now=link.now)
    return changed_page(request, link, said=_said_of(news, link) if news else "", failed=news is None)


def _said_of(news: News, link: Link) -> str:
    """When it goes, on the clinic's clock; at night that is not before the morning."""
    if news.has_gone:
        return _("We have sent you the newest message today already. If you can't find it, call us.")
    if news.by_call:
        return _("We will call you and tell you what has changed.")
    if news.at - link.now <= A_FEW_MINUTES:
        return _("The newest message is on its way to the number or mailbox we have for you. It takes a few minutes.")
    with timezone.override(link.message.clinic.time_zone):
        said = {"day": long_day(news.at), "time": clock(news.at)}
    return _("We send no messages at this hour. The newest one comes on %(day)s at %(time)s.") % said
