"""Strings are found without gettext's tools, and no patient meets one that has no Spanish."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation import gettext, override

from web.translatable import NEEDS_REVIEW, Message, bring_up_to_date, find_messages, is_patient_facing

ROOT = Path(settings.BASE_DIR)
SPANISH = polib.pofile(str(ROOT / "web" / "locale" / "es" / "LC_MESSAGES" / "django.po"))
TRANSLATED = {Message(entry.msgid, entry.msgid_plural, entry.msgctxt or "") for entry in SPANISH.translated_entries()}


def test_strings_are_found_in_modules_and_templates(tmp_path: Path) -> None:
    template = tmp_path / "web" / "templates" / "patient" / "visit.html"
    template.parent.mkdir(parents=True)
    template.write_text(
        '{% load i18n %}{% translate \'Your visit\' %}{% translate "May" context "month" %}'
        "{% blocktranslate trimmed count n=n %}\n one day\n{% plural %}{{ n }} days{% endblocktranslate %}"
        "{% include 'x.html' with text=_(\"It's here\") %}"
    )
    (tmp_path / "scheduling").mkdir()
    (tmp_path / "scheduling" / "gates.py").write_text(
        'word = _("Review due")\nother = ngettext("%d day", "%d days", n)\nnot_marked = print("no")\n'
        'in_two = gettext_lazy("one string " "in two parts")\n'
    )
    assert find_messages(tmp_path) == {
        Message("%d day", "%d days"): ["scheduling/gates.py"],
        Message("Review due"): ["scheduling/gates.py"],
        Message("one string in two parts"): ["scheduling/gates.py"],
        Message("It's here"): ["web/templates/patient/visit.html"],
        Message("May", context="month"): ["web/templates/patient/visit.html"],
        Message("Your visit"): ["web/templates/patient/visit.html"],
        Message("one day", "%(n)s days"): ["web/templates/patient/visit.html"],
    }


def test_catalogue_keeps_translations_and_marks_new_words_for_patients() -> None:
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="Sign out", msgstr="Cerrar sesión"))
    catalogue.append(polib.POEntry(msgid="gone", msgstr="fuera"))
    new = {
        Message("Sign out"): ["web/a.py"],
        Message("Your visit"): ["web/patient/b.py"],
        Message("Chair"): ["web/c.py"],
    }
    bring_up_to_date(catalogue, new)
    assert [(e.msgid, e.msgstr, e.tcomment) for e in catalogue] == [
        ("Sign out", "Cerrar sesión", ""),
        ("Your visit", "", NEEDS_REVIEW),
        ("Chair", "", ""),
    ]


def test_every_string_for_patients_has_spanish() -> None:
    for_patients = {message for message, files in find_messages(ROOT).items() if is_patient_facing(files)}
    assert sorted(for_patients - TRANSLATED) == [], "run `manage.py collect_strings`, then write the Spanish"


def test_no_two_strings_are_one_to_a_catalogue() -> None:
    """With and without a plural, the same words are one entry, and a catalogue that has both can't be compiled."""
    keys = Counter((message.msgid, message.context) for message in find_messages(ROOT))
    assert [key for key, count in keys.items() if count > 1] == [], "give one of them a context"


def test_spanish_keeps_the_placeholders() -> None:
    for entry in SPANISH.translated_entries():
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                # "One picture" may do without the number that "%(n)s pictures" needs.
                allowed = [placeholders(one) for one in (entry.msgid, entry.msgid_plural) if one]
                assert placeholders(text) in allowed, entry.msgid


def placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}


def test_spanish_is_used() -> None:
    with override("es"):
        assert gettext("Please call me") == "Llámenme, por favor"
