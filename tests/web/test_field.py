"""A field is drawn in one place: label, hint, control and error belong together, and nothing typed becomes markup."""

from __future__ import annotations

from django import forms

from web.gallery import SpecimenForm


def drawn(form: forms.Form, name: str) -> str:
    return " ".join(str(form[name].as_field_group()).split())


def test_label_and_hint_belong_to_the_control() -> None:
    html = drawn(SpecimenForm(), "name")
    assert '<label for="id_name">Name</label>' in html
    assert '<div class="field__hint" id="id_name_helptext">As it stands on the insurance card.</div>' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert "aria-invalid" not in html


def test_error_belongs_to_the_control() -> None:
    html = drawn(SpecimenForm({}), "name")
    assert 'class="field field--invalid"' in html
    assert '<ul class="field__error" id="id_name_error"><li>This field is required.</li></ul>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_what_is_optional_says_so() -> None:
    assert '<label for="id_phone">Phone <span class="field__optional">(optional)</span></label>' in drawn(
        SpecimenForm(), "phone"
    )


def test_choices_are_a_group_with_a_name() -> None:
    html = drawn(SpecimenForm({}), "visit")
    assert html.startswith(
        '<fieldset class="field field--invalid" aria-describedby="id_visit_error" id="id_visit_group">'
    )
    assert "<legend>How</legend>" in html
    assert html.count("<label for=") == 3


def test_tick_box_has_its_label_beside_it() -> None:
    html = drawn(SpecimenForm(), "may_text")
    assert html.index("<input") < html.index('<label for="id_may_text">')
    assert html.count("May we send text messages to this number?") == 1
    assert "optional" not in html, "an empty box is an answer"


def test_what_was_typed_is_shown_as_typed() -> None:
    html = drawn(SpecimenForm({"name": '"><script>alert(1)</script>'}), "name")
    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html
