"""Until when to eat and drink, and who drives home, as a clinic's own text says it on its account. Pure."""

from __future__ import annotations

# How to prepare, in a row and in lines: food, drinks, a driver nobody knows, one who is known. The same review.
PREPARE = {
    ("en", False): (
        "No food after {{ food_until }}.", "Clear drinks until {{ drinks_until }}.",
        "Somebody has to drive you home: tell us who.", "Remember your ride home.",
    ),
    ("en", True): (
        "No food after {{ food_until }}.", "Clear drinks, such as water, until {{ drinks_until }}.",
        "Somebody has to drive you home. Please tell us who, on the page below.", "Somebody has to drive you home.",
    ),
    ("es", False): (
        "No coma a partir de: {{ food_until }}.", "Bebidas claras hasta: {{ drinks_until }}.",
        "Alguien debe llevarle a casa: indique quién.", "Recuerde quién le lleva a casa.",
    ),
    ("es", True): (
        "No coma nada a partir de: {{ food_until }}.", "Bebidas claras, como agua, solo hasta: {{ drinks_until }}.",
        "Alguien debe llevarle a casa. Díganos quién en la página siguiente.", "Alguien debe llevarle a casa.",
    ),
}  # fmt: skip


def how_to_prepare(language: str, *, in_lines: bool) -> str:
    """The part of a message template that says as much of it as is asked for: one sentence a line, or in a row."""
    food, drinks, asks, known = PREPARE.get((language, in_lines), PREPARE["en", in_lines])
    between = "\n" if in_lines else " "
    return (
        f"{{% if food_until %}}{food}{{% endif %}}"
        f"{{% if drinks_until %}}{{% if food_until %}}{between}{{% endif %}}{drinks}{{% endif %}}"
        f"{{% if needs_ride %}}{{% if food_until or drinks_until %}}{between}{{% endif %}}"
        f"{{% if asks_driver %}}{asks}{{% else %}}{known}{{% endif %}}{{% endif %}}"
    )
