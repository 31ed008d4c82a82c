# vectors/forms.py: canonical JSON, ids and digests, over Python's decimal and hashlib alone.
import hashlib
import json
from decimal import Decimal

# ---- canonical JSON ----

SHORT_ESCAPES = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def canonical_string(text):
    def escaped(char):
        code = ord(char)
        return SHORT_ESCAPES.get(code) or (f"\\u{code:04x}" if code < 32 else char)
    return '"' + "".join(map(escaped, text)) + '"'


def parts_of(value):
    """Sign, digits without zeros at either end, and the power of ten of the last digit."""
    sign, digits, power = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    stripped = text.rstrip("0")
    return ("-" if sign else ""), stripped, power + len(text) - len(stripped)


def ecmascript(value):
    """Number::toString of a decimal that is the shortest text of its double."""
    sign, digits, power = parts_of(value)
    n = len(digits) + power  # the decimal point stands behind the n-th digit
    if len(digits) <= n <= 21:
        return sign + digits + "0" * power
    if 0 < n <= 21:
        return sign + digits[:n] + "." + digits[n:]
    if -6 < n <= 0:
        return sign + "0." + "0" * -n + digits
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{n - 1:+d}"


def canonical_number(token):
    value = Decimal(token)
    if value.is_zero():
        return "0"
    sign, digits, power = parts_of(value)
    double = float(token)
    shortest = Decimal(repr(double))  # repr is the shortest text that reads back the same
    if shortest.is_finite() and not shortest.is_zero() and parts_of(shortest) == (sign, digits, power):
        return ecmascript(value)
    return f"{sign}{digits}e{power}"


class Number(str):
    """A number token as it was written."""


def read_json(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Number):
        return canonical_number(value)
    if isinstance(value, (int, float)):
        return canonical_number(repr(value))
    if isinstance(value, str):
        return canonical_string(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
    return "{" + ",".join(canonical_string(key) + ":" + canonical(item) for key, item in members) + "}"


# ---- ids ----

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid_text(number):
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def ulid_number(text):
    number = 0
    for char in text.upper().translate(str.maketrans("ILO", "110")):
        number = number << 5 | CROCKFORD.index(char)
    return number


# ---- events ----

def canonical_form(event, hlc):
    covered = {key: value for key, value in event.items() if key != "id"}
    covered["parents"] = sorted({ulid_text(ulid_number(parent)) for parent in event["parents"]})
    for key in ("entity", "origin"):
        if key in covered:
            covered[key] = ulid_text(ulid_number(covered[key]))
    covered["hlc"] = f"{hlc:016x}"
    return canonical(covered)


def stamp(event, hlc):
    digest = hashlib.sha256(canonical_form(event, hlc).encode()).digest()
    event["id"] = ulid_text(hlc << 64 | int.from_bytes(digest[:8], "big"))
    return event
