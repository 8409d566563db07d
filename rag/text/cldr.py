"""`cldr.json` → names of countries, currencies, units, months and weekdays, as Unicode's CLDR has them (training/make_names.py).

Read once, at the first import: about two milliseconds.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

_DATA: dict[str, Any] = json.loads((Path(__file__).parent / "cldr.json").read_text(encoding="utf-8"))

NATIONS: dict[str, list[str]] = _DATA["nations"]
"""English name → written forms, demonyms included, English and Chinese."""
NO_NATIONS: list[str] = _DATA["no_nations"]
"""Words with a country's name inside that name none: the Indian Ocean, 内蒙古."""
ALSO_NAMES: frozenset[str] = frozenset(_DATA["also_names"])
"""Countries' names that are also a person's or another place's: Jordan, Georgia."""
CURRENCIES: dict[str, str] = _DATA["currencies"]
"""Name of money behind a figure, lower case → ISO 4217 code."""
CURRENCY_SIGNS: dict[str, str] = _DATA["currency_signs"]
"""Sign or code in front of a figure → ISO 4217 code."""
CENTS: dict[str, tuple[str, Fraction]] = {name: (code, Fraction(part)) for name, (code, part) in _DATA["cents"].items()}
"""Name of small money → (code, its part of the whole)."""
UNITS: dict[str, str] = _DATA["units"]
"""Written form → unit symbol; durations begin with P, shares are % and pp; "PW*2" is two of a unit."""
SIZES: dict[str, tuple[str, Fraction]] = {unit: (base, Fraction(size)) for unit, (base, size) in _DATA["sizes"].items()}
"""Unit → (base unit, how many of it), where that is exact."""
MONTH_FORMS: dict[str, int] = _DATA["months"]
"""English month or short form, lower case → 1 to 12."""
