"""Which clinic a request is about, and the roles its person has there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import cast

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from scheduling.models import Clinic, Membership, Role, User

SESSION_KEY = "clinic_id"
NO_PLACES: Mapping[Clinic, frozenset[Role]] = {}


class ClinicRequest(HttpRequest):
    """The request as pages behind the guard see it: signed in, at a clinic, in a role there."""

    user: User
    clinic: Clinic
    membership_roles: frozenset[Role]
    places: Mapping[Clinic, frozenset[Role]]
    htmx: HtmxDetails
    is_locked: bool


class CurrentClinic:
    """Middleware: puts `places` (the clinics of the person, with roles), `clinic` and `membership_roles` on requests.

    The clinic is the one the person chose, else the first by name. Who is not signed in, or has no membership, has
    `clinic` None and no roles. One query for a person who is signed in, none for others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let the request through with its clinic."""
        places = places_of(request.user) if request.user.is_authenticated else NO_PLACES
        chosen = request.session.get(SESSION_KEY) if places else None
        clinic = next((place for place in places if place.pk == chosen), next(iter(places), None))
        here = cast("ClinicRequest", request)
        here.places = places
        here.membership_roles = frozenset() if clinic is None else places[clinic]
        # None never passes the guard of a page that asks for a role.
        here.clinic = clinic  # type: ignore[assignment]
        # Pages show the clinic's wall clock.
        with timezone.override(clinic.time_zone if clinic else None):
            return self.get_response(here)


def places_of(user: User) -> dict[Clinic, frozenset[Role]]:
    """The clinics of a person by name, each with the roles held there."""
    held: defaultdict[Clinic, set[Role]] = defaultdict(set)
    memberships = Membership.objects.filter(user=user).select_related("clinic").order_by("clinic__name", "clinic_id")
    for membership in memberships:
        held[membership.clinic].add(Role(membership.role))
    return {clinic: frozenset(roles) for clinic, roles in held.items()}


def choose_clinic(request: ClinicRequest) -> HttpResponseRedirect:
    """Work at another clinic from now on; 404 for a clinic the person does not belong to."""
    wanted = request.POST.get("clinic", "")
    clinic = next((place for place in request.places if str(place.pk) == wanted), None)
    if clinic is None:
        raise Http404
    request.session[SESSION_KEY] = clinic.pk
    return HttpResponseRedirect(reverse("home"))
