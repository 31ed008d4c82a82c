# acceptance/model/ulid.py: ids of 128 bits as text, and the hybrid logical clock that they begin with.
import uuid
from datetime import datetime, timezone

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
T0_MS = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()) * 1000
PER_MS = 1 << 16


def ulid_text(number):
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def ulid_number(text):
    number = 0
    for character in text:
        number = number << 5 | ALPHABET.index(character)
    return number


def ulid_from_bytes(raw):
    return ulid_text(int.from_bytes(raw, "big"))


def ulid_from_uuid(text):
    return ulid_text(uuid.UUID(text).int)


def uuid_from_ulid(text):
    return str(uuid.UUID(int=ulid_number(text)))


def ulid_from_integer(number):
    """The natural id of a single integer key: its two's complement under 64 zero bits."""
    return ulid_text(number & (1 << 64) - 1)


def hlc_of(ulid):
    return ulid_number(ulid) >> 64


def hlc_at(ms, counter=0):
    """The stamp `ms` milliseconds after T0."""
    return T0_MS + ms << 16 | counter


def hlc_of_unix_ms(ms):
    return int(ms * PER_MS)


def unix_ms_of(hlc):
    return hlc / PER_MS
