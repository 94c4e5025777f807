"""Languages as files write them, as codes."""

from __future__ import annotations

import csv

import pytest

from tests.fakes.shared_inputs import shared_file
from web.imports.languages import UNKNOWN, language_code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("English", "en"), ("en-US", "en"), ("eng", "en"), ("EN", "en"), ("Spanish", "es"), ("Español", "es"),
        ("es_MX", "es"), ("spa", "es"), ("Portuguese", "pt"), ("Chinese", "zh"), ("zh-Hant-TW", "zh-Hant"),
        ("Mandarin", "zh"), ("Cantonese", "yue"), ("Russian (Russia)", "ru"), ("Haitian Creole", "ht"), ("fil", "fil"),
        ("", ""), ("  ", ""), ("Klingonese!", UNKNOWN), ("x" * 500, UNKNOWN), ("1", UNKNOWN),
    ],
)  # fmt: skip
def test_a_language_has_one_code_however_it_is_said(said: str, code: str) -> None:
    assert language_code(said) == code


def test_every_language_of_the_615_is_known() -> None:
    with shared_file("real/synthea/patients_r4.csv").open(newline="") as file:
        codes = {language_code(row["language"]) for row in csv.DictReader(file)}
    assert codes == {"en", "es", "pt", "zh", "fr", "ru", "it", "de", "el", "hi", "ar"}
