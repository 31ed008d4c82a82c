# acceptance/model/canonical.py: canonical JSON (RFC 8785) with exact numbers, over Python's Decimal.
#
# A number is written as JCS writes the nearest double if that text denotes the same decimal value;
# otherwise as a bare token that JCS never writes: optional minus, digits without leading or trailing
# zeros, `e`, decimal exponent.
import json
from decimal import Context, Decimal

ESCAPES = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
EXACT = Context(prec=2_000_000, Emin=-3_000_000, Emax=3_000_000)


def read_json(text):
    """Strict JSON: no duplicate keys, no NaN; fractions and exponents become Decimals."""
    return json.loads(text, parse_float=EXACT.create_decimal, parse_constant=_no_constant,
                      object_pairs_hook=_distinct)


def canonical(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return number_token(EXACT.create_decimal(value))
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(_string(key) + ":" + canonical(value[key]) for key in keys) + "}"
    raise TypeError(f"no JSON value: {value!r}")


def number_token(value):
    digits, exponent = _significant(value)
    if not digits:
        return "0"
    nearest = float(str(value))
    if nearest not in (float("inf"), float("-inf"), 0.0):
        text = double_text(nearest)
        if EXACT.create_decimal(text) == value:
            return text
    return f"{'-' if value < 0 else ''}{digits}e{exponent}"


def double_text(double):
    """ECMAScript's Number::toString, which JCS prescribes."""
    digits, exponent = _significant(Decimal(repr(double)))
    if not digits:
        return "0"
    sign = "-" if double < 0 else ""
    count, point = len(digits), len(digits) + exponent
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _significant(value):
    """The digits without leading or trailing zeros, and the exponent of the last of them."""
    _, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    return kept, exponent + len(text) - len(kept)


def _string(text):
    parts = [ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text]
    return '"' + "".join(parts) + '"'


def _no_constant(token):
    raise ValueError(f"no JSON number: {token}")


def _distinct(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in an object")
    return found
