"""The demo's patients. Nobody here is real: numbers are from the range kept for fiction, mail goes to example.org."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Person:
    """A patient to make up."""

    given: str
    family: str
    born: date
    language: str = "en"
    preferred: str = ""


# Two who are easily taken for each other stand first; a neighbour whose language has no texts stands third.
PEOPLE: Final = (
    Person("Maria", "Gonzalez", date(1984, 3, 12), "es"),
    Person("Maria", "Gonzales", date(1984, 3, 21)),
    Person("Minh", "Tran", date(1958, 11, 2), "vi"),
    Person("Rosa", "Delgado", date(1990, 6, 4), "es"),
    Person("Elena", "Delgado", date(1955, 1, 30), "es"),
    Person("Walter", "Brandt", date(1949, 9, 17)),
    Person("Grace", "Okoye", date(1978, 4, 25)),
    Person("Peter", "Lindqvist", date(1969, 12, 8), preferred="Pete"),
    Person("José", "Núñez", date(1982, 8, 19), "es"),
    Person("Hannah", "Weiss", date(1995, 2, 14)),
    Person("Carlos", "Ibáñez", date(1973, 7, 7), "es"),
    Person("Amelia", "Hart", date(1988, 10, 3)),
    Person("Theodore", "Walsh", date(1961, 5, 22), preferred="Ted"),
    Person("Lucía", "Marín", date(1999, 3, 9), "es"),
    Person("Samuel", "Adeyemi", date(1980, 1, 11)),
    Person("Ingrid", "Sorensen", date(1976, 9, 28)),
    Person("Noah", "Fischer", date(1992, 12, 16)),
    Person("Valentina", "Ríos", date(1986, 5, 5), "es"),
    Person("Oliver", "Grant", date(1971, 2, 27)),
    Person("Beatrice", "Moreau", date(1965, 8, 13), preferred="Bea"),
    Person("Diego", "Salazar", date(1994, 11, 21), "es"),
    Person("Charlotte", "Price", date(1983, 6, 30)),
    Person("Isaac", "Feldman", date(1957, 4, 6)),
    Person("Naomi", "Clarke", date(1997, 7, 24)),
    Person("Andrés", "Castillo", date(1979, 10, 15), "es"),
    Person("Julia", "Novak", date(1991, 1, 19)),
    Person("Henry", "Whitaker", date(1952, 3, 3)),
    Person("Camila", "Ortega", date(1989, 9, 9), "es"),
    Person("Priscilla", "Young", date(1974, 12, 1)),
    Person("Felix", "Baumann", date(1968, 6, 11)),
    Person("Ruth", "Abrams", date(1946, 8, 8)),
)
GIVEN: Final = (
    "Ada",
    "Bruno",
    "Clara",
    "Daniel",
    "Esther",
    "Frank",
    "Gloria",
    "Hugo",
    "Irene",
    "Jonas",
    "Karina",
    "Leo",
)
FAMILY: Final = ("Archer", "Bishop", "Cortez", "Dalton", "Ellis", "Fuentes", "Garner", "Holt", "Iversen", "Jensen",
                 "Keller", "Lowell", "Mercer")  # fmt: skip
AREAS: Final = ("212", "646", "718", "917", "347")


def person(index: int) -> Person:
    """The demo's patient of that index; past the named ones, made up from lists that repeat late."""
    if index < len(PEOPLE):
        return PEOPLE[index]
    given, family = GIVEN[index % len(GIVEN)], FAMILY[index % len(FAMILY)]
    born = date(1950, 1, 1) + timedelta(days=(index * 4_801) % 18_000)
    return Person(given, family, born, "es" if index % 3 == 0 else "en")


def phone(index: int) -> str:
    """555-0100 to 555-0199: valid numbers that nobody has."""
    return f"+1 {AREAS[index // 100 % len(AREAS)]} 555 01{index % 100:02}"


def email(someone: Person, index: int) -> str:
    """A mailbox at a domain that gets no mail."""
    plain = unicodedata.normalize("NFKD", f"{someone.given}.{someone.family}").encode("ascii", "ignore").decode()
    return f"{plain.lower()}.{index + 1}@example.org"
