"""CNPJ, Brazil's company number: 12 characters and two check digits.

Since July 2026 the first twelve may be letters too; a character counts as its ASCII code
minus 48, so that digits keep their value. The check digits stay numeric.
"""

import re

from core.errors import BadInput
from core.texts import T

_SIGNS = re.compile(r"[.\-/\s]")
_FORM = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
_WEIGHTS = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
_BASE_LENGTH = 12
_EXAMPLE = "11.222.333/0001-81"


def check_digits(base: str) -> str:
    """Return the two check digits for the first 12 characters (upper case)."""
    first = _digit(base)
    return f"{first}{_digit(f'{base}{first}')}"


def parse_cnpj(text: str) -> str:
    """Return the bare 14 characters in upper case; punctuation is dropped. Raises BadInput."""
    bare = bare_cnpj(text)
    if not _FORM.fullmatch(bare):
        raise BadInput(
            T(
                "“{cnpj}” is not a CNPJ. It has 14 characters and ends in two digits: {example}",
                cnpj=text,
                example=_EXAMPLE,
            )
        )
    if len(set(bare)) == 1 or check_digits(bare[:_BASE_LENGTH]) != bare[_BASE_LENGTH:]:
        raise BadInput(T("“{cnpj}” is not a CNPJ: the check digits are wrong. Is a digit mistyped?", cnpj=text))
    return bare


def bare_cnpj(text: str) -> str:
    """Return what was typed of a CNPJ, all or part of it, without punctuation and in upper case."""
    return _SIGNS.sub("", text).upper()


def format_cnpj(cnpj: str) -> str:
    """Return `11.222.333/0001-81` for the bare form."""
    return f"{cnpj[:2]}.{cnpj[2:5]}.{cnpj[5:8]}/{cnpj[8:12]}-{cnpj[12:]}"


def _digit(characters: str) -> int:
    weights = _WEIGHTS[-len(characters) :]
    rest = sum((ord(c) - ord("0")) * w for c, w in zip(characters, weights, strict=True)) % 11
    return 0 if rest < 2 else 11 - rest  # noqa: PLR2004 - the rule of the number itself
