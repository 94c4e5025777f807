"""The route table: every page, who may open it, and by which methods. Nothing is reachable that is not here."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from scheduling.models import Role
from web.access import PUBLIC, READ_WRITE, SIGNED_IN, WRITE, Route
from web.current_clinic import choose_clinic
from web.display import choose_text_size
from web.gallery import gallery, patient_gallery
from web.home import home
from web.sign_in import SignIn

DESK = frozenset({Role.FRONT_DESK, Role.MANAGER})
CLINICAL = frozenset({Role.NURSE, Role.PRESCRIBER})
STAFF = DESK | CLINICAL

ROUTES = (
    # the shell
    Route("sign-in/", "sign_in", SignIn.as_view(), PUBLIC, READ_WRITE),
    Route("sign-out/", "sign_out", LogoutView.as_view(next_page="sign_in"), SIGNED_IN, WRITE),
    Route("clinic/", "choose_clinic", choose_clinic, SIGNED_IN, WRITE),
    Route("language/", "set_language", set_language, PUBLIC, WRITE),
    Route("text-size/", "text_size", choose_text_size, PUBLIC, WRITE),
    Route("gallery/", "gallery", gallery, PUBLIC, embedded_only=True),
    Route("gallery/patient/", "gallery_patient", patient_gallery, PUBLIC, embedded_only=True),
    # the day
    Route("", "home", home, SIGNED_IN, menu=_("Board"), icon="calendar-days"),
)

urlpatterns = [route.pattern() for route in ROUTES]
