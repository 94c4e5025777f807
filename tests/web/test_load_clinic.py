"""`load_clinic` and `export_clinic` on real commits, as the application's role."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from notifications.models import MessageRules
from scheduling.models import (
    Appointment,
    Clinic,
    ClinicHours,
    Event,
    Membership,
    Place,
    ProtocolVersion,
    Resource,
    Shift,
    User,
)
from tests.databases import Committed

HARBOR = Path(__file__).parents[2] / "examples" / "harbor.yaml"


def load(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("load_clinic", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path: Path) -> list[str]:
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("load_clinic", str(path), stdout=StringIO(), stderr=errors)
    assert stopped.value.code == 2
    return errors.getvalue().splitlines()


def changed(path: Path, folder: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert old in text
    copy = folder / "changed.yaml"
    copy.write_text(text.replace(old, new, 1))
    return copy


def test_the_example_sets_up_a_clinic(committed_database: Committed) -> None:
    load(HARBOR)
    clinic = Clinic.objects.get(slug="harbor")
    assert (clinic.time_zone, clinic.notice_hours, f"{clinic.last_end_time:%H:%M}") == ("America/New_York", 24, "18:00")
    kinds = Resource.objects.filter(clinic=clinic, is_active=True)
    assert [kinds.filter(kind=kind).count() for kind in ("chair", "nurse", "prescriber")] == [6, 3, 2]
    nurse = Resource.objects.get(code="nurse-ana")
    places = Place.objects.filter(resource=nurse).order_by("role", "number").values_list("role", "number")
    assert list(places) == [("attention", 1), ("watch", 1), ("watch", 2), ("watch", 3)]
    assert list(Place.objects.filter(resource__code="chair-6").values_list("role", "number")) == [("seat", 1)]
    assert list(Place.objects.filter(resource__code="dr-lee").values_list("role", "number")) == [("with-patient", 1)]
    assert ClinicHours.objects.filter(clinic=clinic, weekday="sat").count() == 1
    assert ProtocolVersion.objects.filter(approved_at__isnull=True).count() == 3


def test_one_event_says_how_much_changed(committed_database: Committed) -> None:
    load(HARBOR)
    event = Event.objects.get(verb="clinic.set_up")
    assert (event.clinic.slug if event.clinic else None, event.actor_name) == ("harbor", "load_clinic")
    assert event.data["chairs"] == 6
    assert event.data["protocols"] == 6  # each protocol and its first version


def test_messages_are_set_and_checked_in_the_same_run(committed_database: Committed, tmp_path: Path) -> None:
    path = changed(HARBOR, tmp_path, 'quiet_hours: "20:00-09:00"', "quiet_hours: at night")
    path = changed(path, tmp_path, "notice_hours: 24", "notice_hours: -1")
    lines = [n for n, text in enumerate(path.read_text().splitlines(), 1) if "at night" in text or "hours: -1" in text]
    assert [said.split(": ")[1:3] for said in refused(path)] == [
        [f"line {lines[0]}", "clinic.policy.notice_hours"],
        [f"line {lines[1]}", "messages.quiet_hours"],
    ]
    load(HARBOR)
    assert MessageRules.objects.get().sender_name == "Harbor Center"


def test_a_second_run_changes_nothing(committed_database: Committed) -> None:
    load(HARBOR)
    assert load(HARBOR) == "changed 0\n"
    assert list(Event.objects.values_list("verb", flat=True)) == ["clinic.set_up", "clinic.messages_set"]


def test_a_dry_run_says_what_would_change(committed_database: Committed) -> None:
    said = load(HARBOR, "--dry-run")
    assert said.startswith("would change ")
    assert Clinic.objects.count() == 0
    assert load(HARBOR) == said.replace("would change", "changed")


def test_accounts_have_no_password_and_several_roles(committed_database: Committed) -> None:
    load(HARBOR)
    assert [user.has_usable_password() for user in User.objects.all()] == [False] * 6
    assert sorted(Membership.objects.filter(user__username="manager").values_list("role", flat=True)) == [
        "front_desk",
        "manager",
    ]


def test_a_changed_template_is_a_new_version_to_approve(committed_database: Committed, tmp_path: Path) -> None:
    load(HARBOR)
    assert load(changed(HARBOR, tmp_path, "within_days: 21", "within_days: 28")) == "changed 1\n"
    versions = ProtocolVersion.objects.filter(protocol__code="ketamine-series").order_by("number")
    assert [(v.number, v.template["within_days"], v.is_approved) for v in versions] == [(1, 21, False), (2, 28, False)]


def test_a_chair_no_longer_listed_goes_out_of_use_and_comes_back(committed_database: Committed, tmp_path: Path) -> None:
    load(HARBOR)
    line = "  - {code: chair-5, name: Chair 5, features: [recliner]}\n"
    assert load(changed(HARBOR, tmp_path, line, "")) == "changed 1\n"
    assert not Resource.objects.get(code="chair-5").is_active
    assert load(HARBOR) == "changed 1\n"
    assert Resource.objects.get(code="chair-5").is_active


def test_more_to_watch_adds_places_and_less_keeps_them(committed_database: Committed, tmp_path: Path) -> None:
    load(HARBOR)
    load(changed(HARBOR, tmp_path, "watch: 3", "watch: 4"))
    assert Place.objects.filter(resource__code="nurse-ana", role="watch").count() == 4
    load(HARBOR)
    assert Place.objects.filter(resource__code="nurse-ana", role="watch").count() == 4
    assert Resource.objects.get(code="nurse-ana").watch_places == 3


def test_a_shift_that_ends_later_replaces_the_old_one(committed_database: Committed, tmp_path: Path) -> None:
    load(HARBOR)
    before = Shift.objects.count()
    assert load(changed(HARBOR, tmp_path, 'tue: ["08:00-18:00"]', 'tue: ["08:00-17:00"]')) == "changed 2\n"
    assert Shift.objects.count() == before


def test_every_error_has_its_line_and_nothing_is_written(committed_database: Committed, tmp_path: Path) -> None:
    path = changed(HARBOR, tmp_path, "grid_minutes: 15", "grid_minutes: 14")
    path = changed(path, tmp_path, "watch: 3", "watch: three")
    lines = {
        key: n
        for n, text in enumerate(path.read_text().splitlines(), 1)
        for key in ("grid_minutes: 14", "watch: three")
        if key in text
    }
    said = refused(path)
    assert said == [
        f"{path}: line {lines['grid_minutes: 14']}: clinic.grid_minutes: is one of 5, 10, 15, 20, 30, 60",
        f"{path}: line {lines['watch: three']}: nurses[0].watch: is a whole number",
    ]
    assert Clinic.objects.count() == 0


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_a_file_that_can_not_be_read_is_one_sentence(committed_database: Committed, tmp_path: Path, name: str) -> None:
    [said] = refused(tmp_path / name)
    assert "the file can't be read" in said


def test_another_organisations_staff_can_not_be_taken_over(committed_database: Committed, tmp_path: Path) -> None:
    load(HARBOR)
    [*said] = refused(changed(HARBOR, tmp_path, "organisation: {slug: harbor,", "organisation: {slug: other,"))
    assert len(said) == 6
    assert "staff[0].username: belongs to a person of another organisation" in said[0]


def test_an_export_loads_without_a_change(committed_database: Committed, tmp_path: Path) -> None:
    text = HARBOR.read_text().replace(
        "  closures:\n",
        "  closures:\n"
        "    - {date: 2027-03-01, hours: '12:00-15:00', reason: training}\n"
        "    - {starts: 2026-12-30 12:00, ends: 2026-12-31 12:00}\n",
    )
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(text)
    load(first)
    out = StringIO()
    call_command("export_clinic", "harbor", stdout=out)
    second.write_text(out.getvalue())
    assert load(second) == "changed 0\n"
    assert "password" not in out.getvalue()


def test_an_export_of_nobody_names_those_there_are(committed_database: Committed) -> None:
    load(HARBOR)
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("export_clinic", "north", stdout=StringIO(), stderr=errors)
    assert errors.getvalue() == "No one clinic is called north. There is: harbor/harbor.\n"
    assert not Appointment.objects.exists()
