from __future__ import annotations
import time
from collections import Counter
from datetime import UTC, datetime
from django.core.management import call_command
from django.conf import settings
from scheduling.models import *
from scheduling.gates import reviews_due
from scheduling.orders import orders_to_book
from notifications.models import Notice
def test_it(committed_database):
    for now in NOWS:
        from web.demo.clinic import bring_to_now
        t=time.time(); print(now, bring_to_now(now=now), round(time.time()-t,2)); t=time.time()
        print(bring_to_now(now=now), round(time.time()-t,2))
        print(Counter(Appointment.objects.values_list("status", flat=True)), Patient.objects.count(), len(reviews_due(clinic=Clinic.objects.get())), len(orders_to_book(clinic=Clinic.objects.get())), Event.objects.count(), Notice.objects.count(), EventToPlan.objects.count())
        for a in Appointment.objects.filter(period__overlap=(now.replace(hour=0,minute=0), now.replace(hour=23,minute=59))).order_by("period").select_related("patient"): print("   ", a.period.lower.strftime("%d %H:%M"), a.period.upper.strftime("%H:%M"), a.status, a.patient.shown_name, a.kind)
import os
NOWS=[datetime.fromisoformat(x) for x in os.environ["NOWS"].split()]
