from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser

from scheduling.models import AbsenceKind, Clinic
from tests.databases import Committed
from web.demo.clinic import bring_to_now

pytestmark = pytest.mark.browser

@pytest.fixture
def clinic(committed_database: Committed, settings) -> Clinic:
    bring_to_now(now=timezone.now())
    clinic = Clinic.objects.first()
    now = timezone.now()
    from scheduling.blocks import block
    from scheduling.intervals import Interval
    from scheduling.models import Role
    from tests import factories
    by = factories.create_actor(clinic, Role.MANAGER)
    chairs = list(clinic.resources.filter(kind="chair").order_by("pk"))
    from scheduling.absences import record_absence
    base = now.replace(minute=0, second=0, microsecond=0)
    block(resources=chairs[-1:], period=Interval(base + timedelta(hours=1), base + timedelta(hours=2)), label="Rep lunch", by=by, now=now)
    record_absence(resource=chairs[-2], period=Interval(base - timedelta(hours=10), base + timedelta(hours=1)), kind=AbsenceKind.OUT_OF_SERVICE, reason="upholstery", by=by, now=now)
    return clinic

def sign(browser, served, width=1280, dark=False, ua=None):
    page = browser.new_context(base_url=served, reduced_motion="reduce", viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", **({"user_agent": ua} if ua else {})).new_page()
    page.goto("/sign-in/")
    form = page.get_by_role("region", name="Sign in")
    form.get_by_label("Username").fill("desk")
    form.get_by_label("Password").fill("harbor-demo")
    form.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    return page

def test_shots(served: str, browser: Browser) -> None:
    out = "/tmp/shots/board/"
    page = sign(browser, served)
    page.goto("/"); page.wait_for_timeout(500)
    page.screenshot(path=out + "board-light.png")
    page.locator("#board .visit__who").first.click()
    page.wait_for_timeout(800)
    page.screenshot(path=out + "board-beside.png")
    print("URL", page.url)
    page.keyboard.press("Escape")
    page.goto("/?view=list"); page.screenshot(path=out + "list.png")
    page.goto("/board/sheet/"); page.screenshot(path=out + "sheet.png", full_page=True)
    page.emulate_media(media="print"); page.screenshot(path=out + "sheet-print.png", full_page=True); page.emulate_media(media="screen")
    page.goto("/station/"); page.screenshot(path=out + "station-setup.png")
    page.get_by_role("button", name="Make this browser the screen").click(); page.wait_for_timeout(500)
    page.set_viewport_size({"width": 1600, "height": 900})
    page.screenshot(path=out + "station.png")
    dark = sign(browser, served, dark=True)
    dark.goto("/"); dark.wait_for_timeout(300); dark.screenshot(path=out + "board-dark.png")
    dark.set_viewport_size({"width": 768, "height": 1000}); dark.screenshot(path=out + "board-768-dark.png")
    light = sign(browser, served, width=768)
    light.goto("/"); light.screenshot(path=out + "board-768.png")
    light.locator("#board .visit__who").first.click(); light.wait_for_timeout(600); light.screenshot(path=out + "board-768-beside.png")
    phone = sign(browser, served, width=390, ua="Mozilla/5.0 (iPhone) Mobile/15 Mobi")
    phone.goto("/"); phone.screenshot(path=out + "phone.png")
