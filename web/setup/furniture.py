"""Chairs, nurse posts and prescribers: listed, added, changed, out of use and back; what it affects stands first."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scheduling.furnishing import (
    FOR_GOOD,
    ResourceChanged,
    add_resource,
    as_read,
    change_resource,
    if_out_of_use,
    needing_it,
    take_out_of_use,
    use_again,
)
from scheduling.intervals import Interval
from scheduling.losses import nothing_lost, without
from scheduling.models import Resource, ResourceKind
from web.at_clinic import actor
from web.current_clinic import ClinicRequest
from web.manager.losing import lines_of
from web.setup.resource_form import ResourceForm
from web.setup.resources import CHAIRS, NURSES, PRESCRIBERS, Kept, resource_or_404, rows_of
from web.setup.who_changed import who_changed


def chairs(request: ClinicRequest) -> HttpResponse:
    """Chairs, recovery bays and equipment."""
    return kept_page(request, CHAIRS)


def nurses(request: ClinicRequest) -> HttpResponse:
    """Nurse posts with their shifts."""
    return kept_page(request, NURSES)


def prescribers(request: ClinicRequest) -> HttpResponse:
    """Prescribers with their hours on site."""
    return kept_page(request, PRESCRIBERS)


def kept_page(request: ClinicRequest, kept: Kept) -> HttpResponse:
    """The list, and the form that adds one; whoever has shifts says them next."""
    is_sent = request.method == "POST"
    form = ResourceForm(request.POST if is_sent else None, kinds=kept.kinds, is_new=True)
    if is_sent and form.is_valid():
        made = add_resource(
            clinic=request.clinic, kind=form.kind_said(), **form.said(), key=request.POST.get("key", ""),
            by=actor(request), now=timezone.now(),
        )  # fmt: skip
        messages.success(request, _("Added: %(name)s.") % {"name": made.name})
        if kept is not CHAIRS:
            return redirect("setup_shifts", made.pk)
        return redirect(kept.route)
    context = {"kept": kept, "rows": rows_of(request.clinic, kept.kinds), "form": form}
    return TemplateResponse(request, "setup/resources.html", context, status=422 if form.errors else 200)


def change(request: ClinicRequest, resource_id: int) -> HttpResponse:
    """Another name, other features, other numbers; visits that need what would be gone stand before it is saved."""
    resource, now = resource_or_404(request, resource_id), timezone.now()
    kept = page_of_kind(ResourceKind(resource.kind))
    is_sent, step = request.method == "POST", request.POST.get("do", "look")
    form = ResourceForm(
        request.POST if is_sent else None, kinds=(ResourceKind(resource.kind),), is_new=False,
        initial=ResourceForm.initial_of(resource),
    )  # fmt: skip
    looked, read = None, request.POST.get("read") or as_read(resource)
    if is_sent and form.is_valid() and step != "change":
        said = form.said()
        found = needing_it(resource=resource, features=said["features"], watch=said["watch"], now=now)
        if step == "save" or not found:
            try:
                change_resource(resource=resource, **said, read=read, by=actor(request), now=now)
            except ResourceChanged as other:
                form.add_error(None, changed_by_another(request, other.resource, form))
                read = as_read(other.resource)
            else:
                messages.success(request, _("Saved. It holds from now on."))
                return redirect(kept.route)
        else:
            looked = lines_of(found, nothing_lost, now)
    context = {
        "kept": kept, "resource": resource, "form": form, "looked": looked, "read": read,
        "sent": [(name, request.POST.get(name, "")) for name in form.fields],
    }  # fmt: skip
    return TemplateResponse(request, "setup/resource.html", context, status=422 if form.errors else 200)


def changed_by_another(request: ClinicRequest, resource: Resource, form: ResourceForm) -> str:
    """Who changed it since the page was made, and what it says now in the fields of the form."""
    now = ResourceForm.initial_of(resource)
    fields = "; ".join(f"{field.label}: {now[name] or _('none')}" for name, field in form.fields.items() if name in now)
    who = who_changed(request.clinic, "clinic.resource_changed", resource=resource.pk)
    words = _("%(who)s changed this meanwhile. It says now: %(fields)s. What you typed is kept: compare, save again.")
    return words % {"who": who, "fields": fields}


def use(request: ClinicRequest, resource_id: int) -> HttpResponse:
    """Out of use for good, with the visits that it affects; or used again."""
    resource, now, by = resource_or_404(request, resource_id), timezone.now(), actor(request)
    kept = page_of_kind(ResourceKind(resource.kind))
    if request.method == "POST":
        if request.POST.get("do") == "again":
            use_again(resource=resource, by=by, now=now)
            messages.success(request, _("In use again: %(name)s.") % {"name": resource.name})
        else:
            take_out_of_use(resource=resource, by=by, now=now)
            messages.success(request, _("Out of use: %(name)s.") % {"name": resource.name})
        return redirect(kept.route)
    found = if_out_of_use(resource=resource, now=now) if resource.is_active else []
    loss = without([str(resource.pk)], Interval(now, now + FOR_GOOD))
    context = {"kept": kept, "resource": resource, "looked": lines_of(found, loss, now)}
    return TemplateResponse(request, "setup/out_of_use.html", context)


def page_of_kind(kind: ResourceKind) -> Kept:
    return next(one for one in (NURSES, PRESCRIBERS, CHAIRS) if kind in one.kinds)
