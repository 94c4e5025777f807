"""The staff: who works here in which roles, inviting colleagues, and a new link for who can't get in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notifications.invite_letters import mail_invite
from scheduling.inviting import (
    Invited,
    NameTaken,
    NoManagerLeft,
    RolesChanged,
    WorksElsewhere,
    change_roles,
    invite,
    make_link,
    who_makes_links,
)
from scheduling.models import Membership, Role, StaffInvite, User
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.setup.staff_form import InviteForm, RolesForm
from web.setup.who_changed import who_changed

# Where a browser's session keeps a link until its page has shown it.
LINK: Final = "setup_link"
ASK_THE_SERVER: Final = _("Ask whoever runs the server for a new password.")


@dataclass(frozen=True, slots=True)
class Person:
    """One colleague. `link_until`: a link is out that nobody used yet."""

    user: User
    roles: tuple[str, ...]
    link_until: datetime | None
    is_self: bool


def staff(request: ClinicRequest) -> HttpResponse:
    """Everybody, and the form that invites somebody; what it made is shown once, with the link."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            invited = invite(
                clinic=request.clinic, username=said["username"], name=said["name"], email=said["email"],
                roles=form.said(), by=actor(request), now=timezone.now(),
            )  # fmt: skip
        except NameTaken:
            form.add_error("username", _("Somebody has this sign-in name. Choose another one."))
        else:
            return to_link(request, invited)
    context = {"people": people_of(request, timezone.now()), "form": form}
    return TemplateResponse(request, "setup/staff.html", context, status=422 if form.errors else 200)


def person(request: ClinicRequest, user_id: int) -> HttpResponse:
    """One person's roles."""
    user = user_or_404(request, user_id)
    held = list(Membership.objects.filter(user=user, clinic=request.clinic).values_list("role", flat=True))
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": held})
    read = [Role(one) for one in request.POST.getlist("read") if one in Role.values] or None
    if request.method == "POST" and form.is_valid():
        try:
            change_roles(
                user=user, clinic=request.clinic, roles=form.said(), read=read, by=actor(request), now=timezone.now()
            )
        except RolesChanged as other:
            read = list(other.roles)
            form.add_error("roles", changed_by_another(request, user, other))
        except NoManagerLeft:
            form.add_error("roles", _("Nobody could set this clinic up any more: name another manager first."))
        else:
            messages.success(request, _("Saved. It holds from the next page they open."))
            return redirect("setup_staff")
    context = {"person": user, "form": form, "read": read or held, "is_self": user.pk == request.user.pk}
    return TemplateResponse(request, "setup/person.html", context, status=422 if form.errors else 200)


def changed_by_another(request: ClinicRequest, user: User, refusal: RolesChanged) -> str:
    """Who changed the roles since the page was made, and what they are now."""
    who = who_changed(request.clinic, "staff.roles_changed", user=user.pk)
    words = _("%(who)s changed these meanwhile: they are now %(roles)s. What you chose is kept: compare, save again.")
    return words % {"who": who, "roles": ", ".join(str(role.label) for role in refusal.roles)}


def link(request: ClinicRequest, user_id: int) -> HttpResponse:
    """A POST makes a link to choose a new password, and ends earlier ones; then it is shown, once."""
    user = user_or_404(request, user_id)
    if request.method == "POST":
        try:
            made = make_link(user=user, clinic=request.clinic, by=actor(request), now=timezone.now())
        except WorksElsewhere as refusal:
            messages.error(request, who_else_makes_it(request, user, refusal))
            return redirect("setup_staff")
        return to_link(request, made)
    kept = request.session.pop(LINK, None)
    if kept is None or kept["user"] != user.pk:
        messages.info(request, _("A link is shown only once. Make a new one."))
        return redirect("setup_staff")
    context = {"person": user, "link": kept["link"], "mailed": kept["mailed"]}
    return TemplateResponse(request, "setup/link.html", context, headers={"Cache-Control": "no-store"})


def who_else_makes_it(request: ClinicRequest, user: User, refusal: WorksElsewhere) -> str:
    """Why no link is made here, and who lets the person in. Clinics of another organisation are not named."""
    if any(one.organisation_id != request.clinic.organisation_id for one in refusal.clinics):
        words = _("%(name)s works in another organisation too, so nobody here may open the account. %(server)s")
        return words % {"name": user.shown_name, "server": ASK_THE_SERVER}
    said = {"name": user.shown_name, "clinics": ", ".join(one.name for one in refusal.clinics)}
    why = _("%(name)s works at %(clinics)s too, and a link would open the account there as well.") % said
    people = ", ".join(one.shown_name for one in who_makes_links(user, request.clinic))
    if not people:
        return f"{why} {_('Nobody manages all of these clinics.')} {ASK_THE_SERVER}"
    return f"{why} {_('Ask who manages all of these clinics to make it: %(people)s.') % {'people': people}}"


def to_link(request: ClinicRequest, invited: Invited) -> HttpResponse:
    """Mails the link where an address is known, and keeps it with the browser until it is shown."""
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('invite', args=[invited.token])}"
    mailed = mail_invite(user=invited.user, clinic=request.clinic, link=address, now=timezone.now())
    request.session[LINK] = {"user": invited.user.pk, "link": address, "mailed": mailed}
    return redirect("setup_link", invited.user.pk)


def user_or_404(request: ClinicRequest, user_id: int) -> User:
    """Somebody who works at this clinic, and has not left."""
    rows = User.objects.filter(memberships__clinic=request.clinic, is_active=True).distinct()
    return get_object_or_404(rows, pk=user_id)


def people_of(request: ClinicRequest, now: datetime) -> list[Person]:
    """Everybody who works here, by name. Two queries."""
    rows = Membership.objects.filter(clinic=request.clinic, user__is_active=True).select_related("user")
    found: dict[User, list[str]] = {}
    for row in rows.order_by("user__display_name", "user__username", "role"):
        found.setdefault(row.user, []).append(str(Role(row.role).label))
    links = StaffInvite.objects.filter(user__in=found, used_at=None, useful_until__gt=now)
    until = dict(links.values_list("user_id", "useful_until"))
    return [Person(user, tuple(roles), until.get(user.pk), user.pk == request.user.pk) for user, roles in found.items()]
