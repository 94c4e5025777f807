"""A lawful world, written in SQL as the application's role: the guarantees are proved for the database alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg

from tests.guarantees.clinical_statements import answered, asked, exited, task
from tests.guarantees.statements import (
    EVENTS,
    booking,
    cancelled,
    changed,
    consultation,
    decision,
    finished,
    insert,
    minutes,
    version,
)

Application = psycopg.Connection[tuple[Any, ...]]


def connect(url: str) -> Application:
    """A session of its own. The client puts values in, so that one text may hold several statements."""
    return psycopg.connect(url, cursor_factory=psycopg.ClientCursor)


@dataclass
class World:
    """A database and the names of what is in it: `ana_visit_2` is the id of Ana's second infusion."""

    connection: Application
    url: str
    ids: dict[str, Any] = field(default_factory=dict)

    def run(self, sql: str, on: Application | None = None) -> None:
        (on or self.connection).execute(sql.encode(), self.ids)

    def commit(self) -> None:
        """Writes an event for everything, so that whatever was changed has one, and commits."""
        self.run(EVENTS)
        self.connection.commit()

    def value(self, sql: str) -> Any:
        row = self.connection.execute(sql.encode(), self.ids).fetchone()
        assert row is not None
        return row[0]

    def add(self, name: str, table: str, /, **columns: str) -> None:
        self.ids[name] = self.value(insert(table, **columns).replace(";", " RETURNING id"))

    def name(self, name: str, sql: str) -> None:
        self.ids[name] = self.value(sql)

    def patient(self, who: str, organisation: str = "org") -> None:
        text = dict.fromkeys(("mrn", "preferred_name", "gender", "second_language", "time_zone"), "''")
        flags = dict.fromkeys(("interpreter_needed", "is_restricted", "is_demo"), "false")
        names = {"given_name": f"'{who}'", "family_name": "'Test'", "language": "'en'"}
        owner = {"organisation_id": f"%({organisation})s", "created_at": "now()", "row_version": "1"}
        self.add(who, "patient", **owner, **names, **text, **flags)

    def draft(
        self, who: str, *, organisation: str = "org", sites: tuple[str, ...] = ("harbor", "uptown"), of: str = ""
    ) -> None:
        """An order that nobody has signed, of a new patient or of one who is there."""
        if of:
            self.ids[who] = self.ids[of]
        else:
            self.patient(who, organisation)
        self.add(
            f"{who}_order", "order", organisation_id=f"%({organisation})s", patient_id=f"%({who})s",
            therapy="'ketamine'", title="'Test'", state="'draft'", protocol_version_id=f"%({organisation}_protocol)s",
            draft="'{}'", created_at="now()", created_by_id="%(prescriber)s", row_version="1",
        )  # fmt: skip
        for site in sites:
            self.run(insert("order_sites", order_id=f"%({who}_order)s", clinic_id=f"%({site})s"))

    def sign(
        self, who: str, *, number: int = 1, doses: int = 6, days: int = 0, gap: int = 2880, gates: tuple[int, ...] = (),
        by: str = "prescriber", not_before: str = "NULL", not_after: str = "NULL",
    ) -> None:  # fmt: skip
        """Signs a version with its infusions, terms and gaps; the order becomes active."""
        signed = version(who, number, doses, by=by, not_before=not_before, not_after=not_after)
        self.name(f"{who}_version_{number}", signed.replace(";", " RETURNING id"))
        whose = {"patient_id": f"%({who})s", "therapy": "'ketamine'"}
        for dose in range(1, doses + 1):
            if f"{who}_dose_{dose}" not in self.ids:
                self.add(f"{who}_dose_{dose}", "planneddose", order_id=f"%({who}_order)s", number=str(dose))
            self.add(
                f"{who}_terms_{dose}", "doseterms", version_id=f"%({who}_version_{number})s",
                dose_id=f"%({who}_dose_{dose})s", order_id=f"%({who}_order)s", phases="'[]'", spacing="'[]'", **whose,
            )  # fmt: skip
            self.add(
                f"{who}_gap_{dose}", "dosegap", terms_id=f"%({who}_terms_{dose})s", days=str(days), minutes=str(gap),
                reason="''", **whose,
            )  # fmt: skip
        for after in gates:
            self.run(
                insert(
                    "gate", version_id=f"%({who}_version_{number})s", order_id=f"%({who}_order)s",
                    after_number=str(after), method="'at_chair'", minutes="0",
                )
            )  # fmt: skip
        self.run(
            f"UPDATE scheduling_order SET state = 'active', current_version_id = %({who}_version_{number})s"
            f" WHERE id = %({who}_order)s"
        )

    def ordered(
        self,
        who: str,
        *,
        organisation: str = "org",
        sites: tuple[str, ...] = ("harbor", "uptown"),
        of: str = "",
        **terms: Any,
    ) -> None:
        """A signed order."""
        self.draft(who, organisation=organisation, sites=sites, of=of)
        self.sign(who, **terms)

    def state(self, who: str, state: str, *, before: str = "active") -> None:
        """Another state for an order, by the prescriber's word; the calendar alone lets one expire."""
        self.run(changed(who, state, before=before))
        self.run(f"UPDATE scheduling_order SET state = '{state}' WHERE id = %({who}_order)s")

    def book(self, who: str, number: int, start: str, *, visit: str = "", **changes: str) -> None:
        """Books infusion `number` and names the visit and its claims."""
        self.run(booking(who, number, start, **changes))
        visit = visit or f"{who}_visit_{number}"
        self.name(visit, "SELECT max(id) FROM scheduling_appointment")
        self.name(
            f"{visit}_seat", f"SELECT id FROM scheduling_claim WHERE appointment_id = %({visit})s AND role = 'seat'"
        )

    def resource(self, name: str, clinic: str, kind: str, places: dict[str, int]) -> None:
        self.add(
            name, "resource", clinic_id=f"%({clinic})s", kind=f"'{kind}'", code=f"'{name.replace('_', '-')}'",
            name=f"'{name}'", features="'{}'", watch_places=str(places.get("watch", 0)), watch_while_attending="0",
            is_active="true",
        )  # fmt: skip
        for role, count in places.items():
            for number in range(1, count + 1):
                self.run(insert("place", resource_id=f"%({name})s", role=f"'{role}'", number=str(number)))

    def clinic(self, name: str, organisation: str, zone: str) -> None:
        self.add(
            name, "clinic", organisation_id=f"%({organisation})s", name=f"'{name}'", slug=f"'{name}'",
            time_zone=f"'{zone}'", address="''", phone="''", grid_minutes="15", min_clinical_staff="0",
            with_patient_counts_as_present="true", notice_hours="24", late_grace_minutes="15", hold_minutes="10",
        )  # fmt: skip
        self.run(insert("clinichours", clinic_id=f"%({name})s", weekday="'mon'", opens="'08:00'", closes="'18:00'"))

    def staff(self, name: str, role: str, clinic: str) -> None:
        text = dict.fromkeys(("password", "first_name", "last_name", "email", "display_name"), "''")
        flags = {"is_superuser": "false", "is_staff": "false", "is_active": "true"}
        self.add(name, "user", username=f"'{name}'", date_joined="now()", **text, **flags)
        self.run(insert("membership", user_id=f"%({name})s", clinic_id=f"%({clinic})s", role=f"'{role}'"))

    def organisation(self, name: str) -> None:
        self.add(name, "organisation", name=f"'{name}'", slug=f"'{name.replace('_', '-')}'")
        owner = {"organisation_id": f"%({name})s"}
        self.add(f"{name}_plan", "protocol", code="'series'", name="'Series'", therapy="'ketamine'", **owner)
        self.add(f"{name}_protocol", "protocolversion", protocol_id=f"%({name}_plan)s", number="1", template="'{}'")


def build(url: str) -> World:
    """Two clinics of one organisation in two zones, one of another, and the patients that the attempts are about."""
    world = World(connect(url), url)
    world.organisation("org")
    world.organisation("other_org")
    world.clinic("harbor", "org", "America/New_York")
    world.clinic("uptown", "org", "America/Los_Angeles")
    world.clinic("elsewhere", "other_org", "America/New_York")
    for name, role, clinic in (
        ("prescriber", "prescriber", "harbor"), ("nurse", "nurse", "harbor"), ("desk", "front_desk", "harbor"),
        ("manager", "manager", "harbor"), ("stranger", "prescriber", "elsewhere"), ("leaver", "prescriber", "harbor"),
    ):  # fmt: skip
        world.staff(name, role, clinic)
    world.run("UPDATE scheduling_user SET is_active = false WHERE id = %(leaver)s")
    for organisation, prescriber in (("org", "prescriber"), ("other_org", "stranger")):
        approved = f"approved_by_id = %({prescriber})s, approved_at = now()"
        world.run(f"UPDATE scheduling_protocolversion SET {approved} WHERE id = %({organisation}_protocol)s")
    for clinic, chair, nurse in (
        ("harbor", "chair_1", "nurse_1"), ("harbor", "chair_2", "nurse_2"), ("uptown", "chair_3", "nurse_3"),
        ("elsewhere", "chair_4", "nurse_4"),
    ):  # fmt: skip
        world.resource(chair, clinic, "chair", {"seat": 1})
        world.resource(nurse, clinic, "nurse", {"watch": 3, "attention": 1})
    world.resource("doctor", "harbor", "prescriber", {"with-patient": 1})
    times_at_harbor(world)
    patients(world)
    clinical_side(world)
    world.commit()
    return world


def times_at_harbor(world: World) -> None:
    at = {"resource_id": "%(nurse_1)s", "clinic_id": "%(harbor)s"}
    world.run(insert("shift", **at, weekday="'mon'", starts="'08:00'", ends="'16:00'"))
    world.run(insert("absence", **at, period=minutes("2027-02-20 14:00", 0, 60), reason="''"))
    world.run(insert("closure", clinic_id="%(harbor)s", period=minutes("2027-02-21 14:00", 0, 60), reason="''"))
    texts = {"code": "'talk'", "name": "'Talk'", "join_link": "''", "mode": "'in_person'", "phases": "'[]'"}
    world.run(insert("visittype", clinic_id="%(harbor)s", kind="'consultation'", **texts))


def patients(world: World) -> None:
    """Ana: 48 h, a review after 3. Ben: two days. Cleo: no gap. Dan is paused, others are not active in other ways.

    Lou's order was signed anew, for 3 infusions in place of 6. Moe's is for one clinic. Zoe is of another organisation.
    """
    world.ordered("ana", gates=(3,))
    for number, start in enumerate(("02-01", "02-03", "02-05", "02-08"), start=1):
        world.book("ana", number, f"2027-{start} 14:00")
    world.run(finished("ana_visit_1", "timestamptz '2027-02-01 14:25Z'"))
    world.ordered("ana_again", of="ana")
    world.ordered("ben", doses=3, days=2, gap=0)
    world.book("ben", 1, "2027-02-01 16:00")
    world.name("ben_decision", decision("ben", "continue", after=1).replace(";", " RETURNING id"))
    world.ordered("cleo", doses=3, gap=0)
    world.book("cleo", 1, "2027-02-02 14:00")
    world.book("cleo", 2, "2027-02-02 16:00")
    world.run(cancelled("cleo_visit_2"))
    world.ordered("dan", gates=(1,))
    world.book("dan", 1, "2027-02-04 14:00")
    world.book("dan", 2, "2027-02-06 14:00", held_until="'2027-02-01 00:00Z'", status="'held'")
    world.book("dan", 3, "2027-02-12 14:00")
    world.run(cancelled("dan_visit_3"))
    world.state("dan", "paused")
    for who, state in (("fay", "stopped"), ("gil", "completed"), ("hal", "expired")):
        world.ordered(who, not_after="'2027-03-31'")
        world.state(who, state)
    world.draft("eve")
    world.ordered("lou")
    world.ids |= {f"old_{name}": world.ids[name] for name in ("lou_terms_2", "lou_gap_2", "lou_terms_5", "lou_gap_5")}
    world.book("lou", 1, "2027-02-02 18:00")
    world.sign("lou", number=2, doses=3)
    world.ordered("moe", sites=("harbor",))
    world.book("moe", 1, "2027-02-02 20:00")
    world.ordered("zoe", organisation="other_org", sites=("elsewhere",), by="stranger")
    world.patient("ivy")
    world.run(consultation("ivy", "2027-02-01 18:00"))
    world.name("ivy_visit", "SELECT max(id) FROM scheduling_appointment")
    world.run(insert("patientidentifier", organisation_id="%(org)s", patient_id="%(ivy)s", system="'x'", value="'1'"))
    world.run(
        insert(
            "followup", order_id="%(ana_order)s", kind="'call'", after_number="1", offset_days="1", state="'waiting'"
        )
    )


def clinical_side(world: World) -> None:
    """Rex's first infusion was broken off and nobody has ruled on it. Kay's order is good for ten days. Of Ana's
    questionnaires one is answered; a task about it is open, one is in hand, one is closed."""
    world.ordered("rex", gap=0)
    world.book("rex", 1, "2027-02-09 14:00")
    world.run(exited("rex_visit_1", "stopped_early"))
    world.book("rex", 2, "2027-02-11 14:00")
    world.ordered("kay", gap=0, not_before="'2027-03-01'", not_after="'2027-03-10'")
    world.book("kay", 1, "2027-03-02 14:00")
    for name, instrument in (("asked_phq", "phq-9"), ("asked_gad", "gad-7"), ("answered_phq", "phq-9")):
        world.name(name, asked("ana", instrument, key=name).replace(";", " RETURNING id"))
    world.name("response", answered("ana", "answered_phq", "0,1,2,3,0,1,2,3,0", 12).replace(";", " RETURNING id"))
    for name in ("task_open", "task_in_hand", "task_closed"):
        world.name(name, task("ana", key=name, response_id="%(response)s").replace(";", " RETURNING id"))
    in_hand = "acknowledged_by_id = %(nurse)s, acknowledged_at = now()"
    closed = "closed_by_id = %(nurse)s, closed_at = now(), outcome = 'called'"
    world.run(f"UPDATE scheduling_cliniciantask SET {in_hand} WHERE id = %(task_in_hand)s")
    world.run(f"UPDATE scheduling_cliniciantask SET {in_hand}, {closed} WHERE id = %(task_closed)s")
    world.name("call", "SELECT id FROM scheduling_followup WHERE order_id = %(ana_order)s")
    for number, name in ((12, "fresh_plan"), (13, "ordered_plan")):
        world.add(name, "protocolversion", protocol_id="%(org_plan)s", number=str(number), template="'{}'")
    world.draft("jan")
    world.draft("tom")
    world.run(
        "INSERT INTO scheduling_order (organisation_id, patient_id, therapy, title, state, protocol_version_id, draft,"
        " created_at, created_by_id, row_version) SELECT organisation_id, patient_id, therapy, title, 'draft',"
        " %(ordered_plan)s, '{}', now(), created_by_id, 1 FROM scheduling_order WHERE id = %(tom_order)s"
    )
    world.name("unapproved_order", "SELECT max(id) FROM scheduling_order")
