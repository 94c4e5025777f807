"""The route table: every page, who may open it, and by which methods. Nothing is reachable that is not here."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.utils.translation import gettext_lazy as _
from django.views.i18n import set_language

from scheduling.models import Role
from scheduling.permissions import CLINICAL, DESK
from web.access import PUBLIC, READ_WRITE, SIGNED_IN, WRITE, Route
from web.clinician.alerts import alert, have_alert
from web.clinician.as_needed import order_as_needed
from web.clinician.calls import follow_up_calls
from web.clinician.change_order import change_order
from web.clinician.cover import cover, take_cover_back
from web.clinician.deviation import deviation
from web.clinician.drafts import discard, edit_draft
from web.clinician.more_clinics import more_clinics
from web.clinician.order_page import order_page
from web.clinician.ordering import new_order
from web.clinician.page import clinician
from web.clinician.patient_scores import scores
from web.clinician.plan_approval import approve_plan
from web.clinician.plan_draft import draft_next_version, new_plan
from web.clinician.plans import plan, plan_version, plans, settle_plan
from web.clinician.response import response
from web.clinician.reviews import review
from web.clinician.rulings import rule_exit
from web.clinician.said import sign_said
from web.clinician.sign_several import sign_many
from web.clinician.signing import sign
from web.clinician.tasks import close, take, task, tasks
from web.clinician.working_calls import work_follow_up
from web.current_clinic import choose_clinic
from web.display import choose_text_size
from web.frontdesk.about import add_need, allow_talk, change_times, drop_need, end_talk
from web.frontdesk.addresses import change_address, record_answer
from web.frontdesk.asking import ask_for_infusion, ask_for_other_visit
from web.frontdesk.board import board_changes
from web.frontdesk.board_names import choose_names
from web.frontdesk.book import book as find_to_book
from web.frontdesk.book import book_for, drop_parked
from web.frontdesk.book_one_visit import change_one
from web.frontdesk.book_series import book, wish
from web.frontdesk.calls import calls, work_call
from web.frontdesk.cancelling_visit import cancel_visit
from web.frontdesk.change_bar import change_bar, undo_change
from web.frontdesk.contact import change_confidential, change_wishes, messages_sent_to, say_whose, say_wrong_number
from web.frontdesk.died import patient_died
from web.frontdesk.downtime import downtime_sheet
from web.frontdesk.find_patient import patients
from web.frontdesk.having_again import visit_again
from web.frontdesk.inbox import (
    answer_reply,
    done_with_reply,
    hand_to_clinician,
    inbox,
    name_writer,
    reply,
    write_to_patient,
)
from web.frontdesk.kept import settle_kept
from web.frontdesk.lists import list_changes, list_counts, lists
from web.frontdesk.merge_choice import find_duplicate
from web.frontdesk.merge_records import merge_two, split_two
from web.frontdesk.messages import message_again, messages
from web.frontdesk.move_places import visit_places
from web.frontdesk.moving_visit import move_visit
from web.frontdesk.newcomer import alike_newcomer, new_patient
from web.frontdesk.not_ready import not_ready_visits
from web.frontdesk.openings import visit_openings
from web.frontdesk.orders import orders
from web.frontdesk.patient_page import patient
from web.frontdesk.paused import settle_paused
from web.frontdesk.pencil import pencil
from web.frontdesk.prerequisites import before_visits
from web.frontdesk.printed_list import printed_list
from web.frontdesk.questions import answer_question, questions, withdraw_question
from web.frontdesk.rest_of_series import cancel_the_rest, move_the_rest
from web.frontdesk.ride import name_driver_of
from web.frontdesk.running_late import visit_late
from web.frontdesk.series import series
from web.frontdesk.telling_them import tell_of_freed, tell_of_order, tell_of_visit
from web.frontdesk.visits import confirm_visit, visit
from web.frontdesk.ways_out import ask_way_out
from web.frontdesk.wishes import note_wish, wish_of_reply
from web.frontdesk.withdrawing import withdraw_patient
from web.frontdesk.working_rows import work_row
from web.gallery import gallery, patient_gallery
from web.home import home
from web.manager.absences import absences, end, reopen, tell_by_night
from web.manager.duty import add_duty, duty, end_shift, set_own_contact
from web.manager.losing import new_absence, new_block, new_closure
from web.manager.message_rules import end_reply, message_rules, new_reply, own_contact
from web.manager.posts import deal, hand_over_everybody, posts
from web.manager.wording import word, wording
from web.nurse.chairs import give_chair
from web.nurse.exits import visit_exit
from web.nurse.huddle import huddle
from web.nurse.letting_pass import clear_visit, pass_check
from web.nurse.not_on_the_list import not_on_the_list
from web.nurse.step_page import visit_next
from web.nurse.taking_back import take_back
from web.nurse.taking_steps import step
from web.nurse.today import today, today_changes
from web.nurse.under_way import under_way
from web.nurse.visit_tasks import settle_visit_task, visit_tasks
from web.outbox import outbox
from web.patient.answers import (
    birth_date_linked,
    cancel_linked,
    contact_linked,
    feed_linked,
    move_linked,
    news_linked,
    ride_linked,
    stop_linked,
)
from web.patient.calendars import calendar_feed, calendar_linked
from web.patient.visits import confirm_linked, linked_visits
from web.patient.wishes import wish_linked
from web.questionnaires.asking import ask_patient, enter_answers, withdraw_asked
from web.questionnaires.by_link import questions_linked
from web.questionnaires.tablet import hand_over, tablet
from web.robots import robots
from web.setup.file_page import clinic_yaml, file_page
from web.setup.furniture import chairs, nurses, prescribers
from web.setup.furniture import change as change_thing
from web.setup.furniture import use as use_thing
from web.setup.going_live import say as say_of_going_live
from web.setup.going_live import texts as switch_texts
from web.setup.going_live import trial as send_trial_text
from web.setup.home import setup
from web.setup.invited import invited
from web.setup.leaving import leave_today
from web.setup.plan_page import plan_in_sentences
from web.setup.practice import practise
from web.setup.staff import link, person, staff
from web.setup.week_page import hours, shifts
from web.sign_in import SignIn
from web.station import station, station_board, station_changes
from web.unlocking import lock_now, send_refused, still_here, unlock
from web.unsubscribe import unsubscribe_linked
from web.webhooks.inbound_mail import inbound_mail, postmark
from web.webhooks.mail_events import mail_events
from web.webhooks.twilio_inbound import twilio_inbound
from web.webhooks.twilio_status import twilio_status

PRESCRIBER = frozenset({Role.PRESCRIBER})
NURSE = frozenset({Role.NURSE})
MANAGER = frozenset({Role.MANAGER})
STAFF = DESK | CLINICAL

ROUTES = (
    # the shell
    Route("sign-in/", "sign_in", SignIn.as_view(), PUBLIC, READ_WRITE),
    Route("sign-out/", "sign_out", LogoutView.as_view(next_page="sign_in"), SIGNED_IN, WRITE),
    Route("lock/", "lock", lock_now, SIGNED_IN, WRITE),
    Route("lock/open/", "unlock", unlock, SIGNED_IN, WRITE),
    Route("lock/still-here/", "still_here", still_here, SIGNED_IN, WRITE),
    Route("lock/refused/", "refused_form", send_refused, SIGNED_IN),
    Route("clinic/", "choose_clinic", choose_clinic, SIGNED_IN, WRITE),
    Route("language/", "set_language", set_language, PUBLIC, WRITE),
    Route("text-size/", "text_size", choose_text_size, PUBLIC, WRITE),
    Route("gallery/", "gallery", gallery, PUBLIC, embedded_only=True),
    Route("gallery/patient/", "gallery_patient", patient_gallery, PUBLIC, embedded_only=True),
    Route("robots.txt", "robots", robots, PUBLIC),
    # the day
    Route("", "home", home, SIGNED_IN, menu=_("Board"), icon="calendar-days"),
    Route("board/changes/", "board_changes", board_changes, STAFF),
    Route("board/names/", "board_names", choose_names, STAFF, WRITE),
    Route("board/sheet/", "downtime_sheet", downtime_sheet, STAFF),
    Route("station/", "station", station, STAFF, READ_WRITE),
    Route("station/today/", "station_board", station_board, PUBLIC, READ_WRITE),
    Route("station/today/changes/", "station_changes", station_changes, PUBLIC),
    Route("lists/", "lists", lists, DESK, menu=_("Lists"), icon="list-checks"),
    Route("lists/changes/", "list_changes", list_changes, DESK),
    Route("lists/counts/", "list_counts", list_counts, DESK),
    Route("lists/row/", "work_row", work_row, DESK, WRITE),
    Route("today/", "today", today, CLINICAL, menu=_("Today"), icon="list-checks"),
    Route("today/changes/", "today_changes", today_changes, CLINICAL),
    Route("today/not-on-the-list/", "not_on_the_list", not_on_the_list, STAFF, READ_WRITE),
    Route("huddle/", "huddle", huddle, CLINICAL, menu=_("Tomorrow"), icon="sunrise"),
    Route("due/", "visit_tasks", visit_tasks, CLINICAL, menu=_("Due after visits"), icon="file-clock"),
    Route("due/<int:task_id>/", "settle_visit_task", settle_visit_task, CLINICAL, WRITE),
    Route("visits/<int:visit_id>/", "visit", visit, STAFF),
    Route("visits/<int:visit_id>/next/", "visit_next", visit_next, STAFF),
    Route("visits/<int:visit_id>/take-back/", "take_back", take_back, STAFF, WRITE),
    Route("visits/<int:visit_id>/exit/", "visit_exit", visit_exit, CLINICAL, READ_WRITE),
    Route("visits/<int:visit_id>/pass/", "pass_check", pass_check, CLINICAL, WRITE),
    Route("visits/<int:visit_id>/clear/", "clear_visit", clear_visit, PRESCRIBER, WRITE),
    Route("visits/<int:visit_id>/step/", "visit_step", step, STAFF, WRITE),
    Route("visits/<int:visit_id>/confirm/", "visit_confirm", confirm_visit, STAFF, WRITE),
    Route("visits/<int:visit_id>/cancel/", "visit_cancel", cancel_visit, STAFF, READ_WRITE),
    Route("visits/<int:visit_id>/move/", "visit_move", move_visit, STAFF, READ_WRITE),
    Route("visits/<int:visit_id>/places/", "visit_places", visit_places, STAFF),
    Route("visits/<int:visit_id>/unsent/", "change_bar", change_bar, STAFF),
    Route("visits/<int:visit_id>/undo/", "undo_change", undo_change, STAFF, WRITE),
    Route("visits/<int:visit_id>/late/", "visit_late", visit_late, STAFF, WRITE),
    Route("visits/<int:visit_id>/again/", "visit_again", visit_again, STAFF, READ_WRITE),
    Route("visits/<int:visit_id>/ride/", "visit_ride", name_driver_of, STAFF, WRITE),
    Route("visits/<int:visit_id>/chair/", "place_again", give_chair, STAFF, WRITE),
    Route("visits/<int:visit_id>/under-way/", "visit_under_way", under_way, CLINICAL, READ_WRITE),
    Route("visits/<int:visit_id>/write/", "visit_write", write_to_patient, STAFF, WRITE),
    Route("visits/<int:visit_id>/told/", "tell_of_visit", tell_of_visit, STAFF, WRITE),
    Route("kept/", "settle_kept", settle_kept, STAFF, WRITE),
    # booking while the patient is on the telephone
    Route("book/", "book", find_to_book, STAFF, READ_WRITE, menu=_("Book"), icon="calendar-plus"),
    Route("book/patients/<int:patient_id>/", "book_for", book_for, STAFF),
    Route("book/parked/<int:patient_id>/drop/", "drop_parked", drop_parked, STAFF, WRITE),
    Route("series/<int:order_id>/book/", "book_series", book, STAFF, READ_WRITE),
    Route("series/<int:order_id>/book/wish/", "book_wish", wish, STAFF, WRITE),
    Route("series/<int:order_id>/book/change/", "book_change", change_one, STAFF, WRITE),
    Route("series/<int:order_id>/book/ask/", "book_ask", ask_way_out, STAFF, WRITE),
    # patients and their series
    Route("patients/", "patients", patients, STAFF, READ_WRITE, menu=_("Patients"), icon="users"),
    Route("patients/new/", "new_patient", new_patient, STAFF, READ_WRITE),
    Route("patients/new/alike/", "alike_newcomer", alike_newcomer, STAFF, WRITE),
    Route("patients/<int:patient_id>/", "patient", patient, STAFF),
    Route("patients/<int:patient_id>/died/", "patient_died", patient_died, CLINICAL | MANAGER, READ_WRITE),
    Route("patients/<int:patient_id>/address/", "patient_address", change_address, STAFF, WRITE),
    Route("patients/<int:patient_id>/answer/", "patient_answer", record_answer, STAFF, WRITE),
    Route("patients/<int:patient_id>/wishes/", "patient_wishes", change_wishes, STAFF, WRITE),
    Route("patients/<int:patient_id>/confidential/", "patient_confidential", change_confidential, STAFF, WRITE),
    Route("patients/<int:patient_id>/wrong-number/", "wrong_number", say_wrong_number, STAFF, WRITE),
    Route("patients/<int:patient_id>/told-apart/", "say_whose", say_whose, STAFF, WRITE),
    Route("patients/<int:patient_id>/addresses/<int:address_id>/", "sent_to", messages_sent_to, STAFF),
    Route("patients/<int:patient_id>/people/", "allow_talk", allow_talk, STAFF, WRITE),
    Route("patients/<int:patient_id>/people/<int:person_id>/end/", "end_talk", end_talk, STAFF, WRITE),
    Route("patients/<int:patient_id>/needs/", "add_need", add_need, STAFF, WRITE),
    Route("patients/<int:patient_id>/needs/<int:need_id>/end/", "drop_need", drop_need, STAFF, WRITE),
    Route("patients/<int:patient_id>/times/", "change_times", change_times, STAFF, WRITE),
    Route("patients/<int:patient_id>/merge/", "find_duplicate", find_duplicate, DESK, READ_WRITE),
    Route("patients/<int:patient_id>/merge/<int:other_id>/", "merge_two", merge_two, DESK, READ_WRITE),
    Route("patients/<int:patient_id>/split/", "split_two", split_two, DESK, READ_WRITE),
    Route("patients/<int:patient_id>/wish/", "note_wish", note_wish, STAFF, WRITE),
    Route("patients/<int:patient_id>/visit/", "visit_openings", visit_openings, STAFF, READ_WRITE),
    Route("orders/", "orders", orders, STAFF, menu=_("Orders to book"), icon="clipboard-list"),
    Route("series/<int:order_id>/", "series", series, STAFF),
    Route("series/<int:order_id>/print/", "printed_list", printed_list, STAFF),
    Route("series/<int:order_id>/pencil/", "pencil", pencil, STAFF, READ_WRITE),
    Route("not-ready/", "not_ready", not_ready_visits, STAFF, menu=_("Not ready"), icon="hourglass"),
    Route("series/<int:order_id>/before/", "before_visits", before_visits, STAFF, READ_WRITE),
    Route("series/<int:order_id>/move-rest/", "move_rest", move_the_rest, STAFF, READ_WRITE),
    Route("series/<int:order_id>/cancel-rest/", "cancel_rest", cancel_the_rest, STAFF, READ_WRITE),
    Route("series/<int:order_id>/withdraw/", "withdraw_patient", withdraw_patient, STAFF, READ_WRITE),
    Route("series/<int:order_id>/ask/", "ask_for", ask_for_infusion, STAFF, READ_WRITE),
    Route("patients/<int:patient_id>/visit/ask/", "ask_for_visit", ask_for_other_visit, STAFF, READ_WRITE),
    Route("series/<int:order_id>/told/", "tell_of_order", tell_of_order, CLINICAL, WRITE),
    Route("series/<int:order_id>/freed/told/", "tell_of_freed", tell_of_freed, STAFF, WRITE),
    Route("series/<int:order_id>/places/", "settle_paused", settle_paused, STAFF, WRITE),
    Route("questions/", "questions", questions, STAFF, menu=_("Questions"), icon="circle-question-mark"),
    Route("questions/<int:question_id>/answer/", "answer_question", answer_question, MANAGER | PRESCRIBER, WRITE),
    Route("questions/<int:question_id>/withdraw/", "withdraw_question", withdraw_question, STAFF, WRITE),
    # what patients write back
    Route("inbox/", "inbox", inbox, STAFF, menu=_("Inbox"), icon="inbox"),
    Route("inbox/<int:reply_id>/", "reply", reply, STAFF, READ_WRITE),
    Route("inbox/<int:reply_id>/who/", "reply_who", name_writer, STAFF, WRITE),
    Route("inbox/<int:reply_id>/answer/", "reply_answer", answer_reply, STAFF, WRITE),
    Route("inbox/<int:reply_id>/done/", "reply_done", done_with_reply, STAFF, WRITE),
    Route("inbox/<int:reply_id>/wish/", "wish_of_reply", wish_of_reply, STAFF, WRITE),
    Route("inbox/<int:reply_id>/hand-over/", "reply_hand_over", hand_to_clinician, STAFF, WRITE),
    Route("alerts/<int:alert_id>/", "alert", alert, SIGNED_IN),
    Route("alerts/<int:alert_id>/have/", "have_alert", have_alert, SIGNED_IN, WRITE),
    Route("duty/", "duty", duty, CLINICAL | MANAGER),
    Route("duty/add/", "add_duty", add_duty, MANAGER, WRITE),
    Route("duty/<int:shift_id>/end/", "end_duty", end_shift, MANAGER, WRITE),
    Route("duty/contact/", "duty_contact", set_own_contact, CLINICAL, WRITE),
    # messages and calls
    Route("messages/", "messages", messages, DESK, menu=_("Messages"), icon="message-square-text"),
    Route("messages/<int:notice_id>/again/", "message_again", message_again, DESK, WRITE),
    Route("calls/", "calls", calls, DESK, menu=_("Calls"), icon="phone"),
    Route("calls/<int:call_id>/", "work_call", work_call, DESK, WRITE),
    Route("wording/", "wording", wording, MANAGER, menu=_("Wording"), icon="message-square-quote"),
    Route("wording/rules/", "message_rules", message_rules, MANAGER, READ_WRITE),
    Route("wording/replies/", "new_reply", new_reply, MANAGER, WRITE),
    Route("wording/replies/<int:reply_id>/end/", "end_reply", end_reply, MANAGER, WRITE),
    Route("wording/me/", "own_contact", own_contact, MANAGER, WRITE),
    Route("wording/<str:purpose>/<str:channel>/<str:language>/", "word", word, MANAGER, READ_WRITE),
    # who and what is there
    Route("absences/", "absences", absences, STAFF, menu=_("Staff and chairs"), icon="users-round"),
    Route("absences/new/", "new_absence", new_absence, NURSE | MANAGER, READ_WRITE),
    Route("absences/block/", "new_block", new_block, DESK, READ_WRITE),
    Route("absences/close/", "new_closure", new_closure, MANAGER, READ_WRITE),
    Route("absences/<int:absence_id>/end/", "end_absence", end, STAFF, WRITE),
    Route("closures/<int:closure_id>/end/", "end_closure", reopen, MANAGER, WRITE),
    Route("closures/<int:closure_id>/tell-by-night/", "tell_closure_by_night", tell_by_night, MANAGER, WRITE),
    Route("posts/", "posts", posts, NURSE | MANAGER, READ_WRITE),
    Route("posts/deal/", "deal_day", deal, NURSE, WRITE),
    Route("posts/hand-over/", "hand_over_everybody", hand_over_everybody, CLINICAL, WRITE),
    # setting the clinic up
    Route("setup/", "setup", setup, MANAGER, menu=_("Setup"), icon="settings"),
    Route("setup/hours/", "setup_hours", hours, MANAGER, READ_WRITE),
    Route("setup/chairs/", "setup_chairs", chairs, MANAGER, READ_WRITE),
    Route("setup/nurses/", "setup_nurses", nurses, MANAGER, READ_WRITE),
    Route("setup/prescribers/", "setup_prescribers", prescribers, MANAGER, READ_WRITE),
    Route("setup/resources/<int:resource_id>/", "setup_resource", change_thing, MANAGER, READ_WRITE),
    Route("setup/resources/<int:resource_id>/use/", "setup_use", use_thing, MANAGER, READ_WRITE),
    Route("setup/resources/<int:resource_id>/shifts/", "setup_shifts", shifts, MANAGER, READ_WRITE),
    Route("setup/staff/", "setup_staff", staff, MANAGER, READ_WRITE),
    Route("setup/staff/<int:user_id>/", "setup_person", person, MANAGER, READ_WRITE),
    Route("setup/staff/<int:user_id>/link/", "setup_link", link, MANAGER, READ_WRITE),
    Route("setup/staff/<int:user_id>/leave/", "setup_leave", leave_today, MANAGER, READ_WRITE),
    Route("setup/plan/", "setup_plan", plan_in_sentences, MANAGER | PRESCRIBER, READ_WRITE),
    Route("setup/file/", "setup_file", file_page, MANAGER, READ_WRITE),
    Route("setup/file/clinic.yaml", "setup_yaml", clinic_yaml, MANAGER),
    Route("setup/going-live/", "setup_say", say_of_going_live, MANAGER, WRITE),
    Route("setup/texts/", "setup_texts", switch_texts, MANAGER, WRITE),
    Route("setup/trial/", "setup_trial", send_trial_text, MANAGER, WRITE),
    Route("setup/practice/", "setup_practice", practise, MANAGER, WRITE),
    Route("invite/<str:token>/", "invite", invited, PUBLIC, READ_WRITE),
    # the prescriber, and who drafts for them
    Route("clinician/", "clinician", clinician, CLINICAL, READ_WRITE, menu=_("Prescriber"), icon="signature"),
    Route("clinician/tasks/", "tasks", tasks, CLINICAL, menu=_("Tasks"), icon="list-todo"),
    Route("clinician/tasks/<int:task_id>/", "task", task, SIGNED_IN),
    Route("clinician/tasks/<int:task_id>/take/", "take_task", take, SIGNED_IN, WRITE),
    Route("clinician/tasks/<int:task_id>/close/", "close_task", close, SIGNED_IN, WRITE),
    Route("clinician/plans/", "plans", plans, CLINICAL | MANAGER, menu=_("Plans"), icon="notebook-text"),
    Route("clinician/plans/new/", "new_plan", new_plan, PRESCRIBER | MANAGER, READ_WRITE),
    Route("clinician/plans/of/<int:protocol_id>/", "plan", plan, CLINICAL | MANAGER),
    Route(
        "clinician/plans/of/<int:protocol_id>/draft/",
        "draft_plan",
        draft_next_version,
        PRESCRIBER | MANAGER,
        READ_WRITE,
    ),
    Route("clinician/plans/of/<int:protocol_id>/settle/", "settle_plan", settle_plan, PRESCRIBER | MANAGER, WRITE),
    Route("clinician/plans/<int:version_id>/", "plan_version", plan_version, CLINICAL | MANAGER),
    Route("clinician/plans/<int:version_id>/approve/", "approve_plan", approve_plan, PRESCRIBER, READ_WRITE),
    Route("clinician/calls/", "follow_up_calls", follow_up_calls, CLINICAL, menu=_("Follow-ups"), icon="phone-call"),
    Route("clinician/calls/<int:follow_up_id>/", "work_follow_up", work_follow_up, CLINICAL, WRITE),
    Route("series/<int:order_id>/as-needed/", "order_as_needed", order_as_needed, CLINICAL, READ_WRITE),
    Route("patients/<int:patient_id>/order/", "new_order", new_order, CLINICAL, READ_WRITE),
    Route("clinician/orders/<int:order_id>/draft/", "edit_draft", edit_draft, CLINICAL, READ_WRITE),
    Route("clinician/orders/<int:order_id>/discard/", "discard_draft", discard, CLINICAL, WRITE),
    Route("clinician/orders/<int:order_id>/sign/", "sign_order", sign, PRESCRIBER, READ_WRITE),
    Route("clinician/orders/<int:order_id>/", "order", order_page, CLINICAL),
    Route("clinician/orders/<int:order_id>/change/<str:change>/", "change_order", change_order, CLINICAL, READ_WRITE),
    Route("clinician/orders/<int:order_id>/clinics/", "more_clinics", more_clinics, PRESCRIBER, READ_WRITE),
    Route("clinician/sign/", "sign_several", sign_many, PRESCRIBER, READ_WRITE),
    Route("clinician/reviews/<int:order_id>/<int:after_number>/", "review", review, CLINICAL, READ_WRITE),
    Route("clinician/said/<slug:what>/<int:said_id>/sign/", "sign_said", sign_said, PRESCRIBER, WRITE),
    Route("cover/", "cover", cover, PRESCRIBER | MANAGER, READ_WRITE),
    Route("cover/<int:cover_id>/end/", "end_cover", take_cover_back, PRESCRIBER | MANAGER, WRITE),
    # answers of patients, for clinical staff alone
    Route("clinician/patients/<int:patient_id>/scores/", "scores", scores, CLINICAL),
    Route("clinician/patients/<int:patient_id>/ask/", "ask_patient", ask_patient, CLINICAL, WRITE),
    Route("clinician/patients/<int:patient_id>/answers/", "enter_answers", enter_answers, CLINICAL, WRITE),
    Route("clinician/patients/<int:patient_id>/hand-over/", "hand_over", hand_over, CLINICAL, WRITE),
    Route("clinician/asked/<int:questionnaire_id>/withdraw/", "withdraw_asked", withdraw_asked, CLINICAL, WRITE),
    Route("clinician/responses/<int:response_id>/", "response", response, CLINICAL),
    Route("tablet/", "tablet", tablet, PUBLIC, READ_WRITE),
    Route("clinician/exits/<int:visit_id>/", "rule_exit", rule_exit, CLINICAL, READ_WRITE),
    Route("clinician/visits/<int:visit_id>/started/", "sign_deviation", deviation, PRESCRIBER, READ_WRITE),
    # patients, by the link in a message
    Route("v/<str:token>/", "linked_visits", linked_visits, PUBLIC),
    Route("v/<str:token>/move/", "move_linked", move_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/cancel/", "cancel_linked", cancel_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/ride/", "ride_linked", ride_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/birth-date/", "birth_date_linked", birth_date_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/contact/", "contact_linked", contact_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/wish/", "wish_linked", wish_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/stop/", "stop_linked", stop_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/news/", "news_linked", news_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/questions/", "questions_linked", questions_linked, PUBLIC, READ_WRITE),
    Route("v/<str:token>/calendar.ics", "calendar_linked", calendar_linked, PUBLIC),
    Route("v/<str:token>/calendar/", "feed_linked", feed_linked, PUBLIC, READ_WRITE),
    Route("c/<str:token>.ics", "calendar_feed", calendar_feed, PUBLIC),
    Route("v/<str:token>/confirm/", "confirm_linked", confirm_linked, PUBLIC, READ_WRITE),
    Route("u/<str:token>/", "unsubscribe", unsubscribe_linked, PUBLIC, READ_WRITE),
    # providers, whose signature is checked
    Route("webhooks/sms/twilio/inbound", "twilio_inbound", twilio_inbound, PUBLIC, WRITE),
    Route("webhooks/email/mime/", "inbound_mail", inbound_mail, PUBLIC, WRITE),
    Route("webhooks/email/postmark/", "postmark", postmark, PUBLIC, WRITE),
    Route("webhooks/email/<slug:provider>/", "mail_events", mail_events, PUBLIC, WRITE),
    Route("webhooks/sms/twilio/status", "twilio_status", twilio_status, PUBLIC, WRITE),
    # the demo
    Route("outbox/", "outbox", outbox, STAFF, embedded_only=True, menu=_("Outbox"), icon="mailbox"),
)

urlpatterns = [route.pattern() for route in ROUTES]
