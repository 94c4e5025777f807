from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.segments import GSM_BASIC, GSM_EXTENSION, Segments, in_plain_letters, measure, outside_gsm


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Segments("gsm-7", 0, 0)),
        ("a" * 160, Segments("gsm-7", 160, 1)),
        ("a" * 161, Segments("gsm-7", 161, 2)),
        ("a" * 306, Segments("gsm-7", 306, 2)),
        ("a" * 307, Segments("gsm-7", 307, 3)),
        ("€" * 80, Segments("gsm-7", 160, 1)),
        ("€" * 81, Segments("gsm-7", 162, 2)),
        # 153 is odd: an extension character is not split, so each segment carries 76 of them.
        ("€" * 153, Segments("gsm-7", 306, 3)),
        ("ñéÑÉü¿¡" * 10, Segments("gsm-7", 70, 1)),
        ("á" * 70, Segments("ucs-2", 70, 1)),
        ("á" * 71, Segments("ucs-2", 71, 2)),
        ("í" + "a" * 133, Segments("ucs-2", 134, 2)),
        ("í" + "a" * 134, Segments("ucs-2", 135, 3)),
        ("👍" * 35, Segments("ucs-2", 70, 1)),
        ("👍" * 67, Segments("ucs-2", 134, 3)),
        ("a\xa0b", Segments("ucs-2", 3, 1)),
    ],
)
def test_measure_counts_as_a_carrier_does(text: str, size: Segments) -> None:
    assert measure(text) == size


def test_basic_table_has_every_character_of_the_standard_once() -> None:
    # 128 places, less the escape and the second use of none.
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


def test_outside_gsm_names_each_odd_character_once_in_order() -> None:
    assert outside_gsm("¿Mañana? Sí, allí está") == ["í", "á"]


@given(st.text(alphabet="aé€[á👍", max_size=700))
def test_segments_hold_all_units(text: str) -> None:
    size = measure(text)
    single, part = (160, 153) if size.encoding == "gsm-7" else (70, 67)
    if size.units <= single:
        assert size.count == (1 if text else 0)
    else:
        # At most one unit a segment stays empty.
        assert size.units / part <= size.count <= size.units / (part - 1) + 1


@given(st.text(alphabet="ab€á", max_size=400), st.sampled_from("ab€á"))
def test_a_longer_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert measure(text + more).count >= measure(text).count


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Clínica del Río", "Clinica del Rio"),
        ("Café Niño Über", "Café Niño Über"),
        ("Nin\u0303o", "Niño"),
        ("Łódź – “Œil”", 'Lodz - "OEil"'),
        ("Centro\xa0Médico\n 2", "Centro Médico 2"),
        ("A" * 30, "A" * 24),
        ("€" * 20, "€" * 12),
        ("東京 Center", ""),
        ("Harbor ♥", ""),
        ("", ""),
    ],
)
def test_a_name_is_written_in_letters_that_keep_segments_long(name: str, plain: str) -> None:
    assert in_plain_letters(name, most_units=24) == plain


@given(st.text(max_size=40), st.integers(0, 40))
def test_plain_letters_are_gsm_on_one_line_and_no_longer_than_allowed(text: str, most: int) -> None:
    plain = in_plain_letters(text, most_units=most)
    assert measure(plain).encoding == "gsm-7"
    assert measure(plain).units <= most
    assert plain.split() == plain.split(" ") or not plain
