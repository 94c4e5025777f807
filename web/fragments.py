"""Answers to a page that asks for a part of itself."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url

from web.current_clinic import ClinicRequest


def lead_to(request: ClinicRequest, name: str, *arguments: object) -> HttpResponse:
    """To another page, whole: a redirect would put that page inside the part that was asked for."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(name, *arguments)})
    return redirect(name, *arguments)
