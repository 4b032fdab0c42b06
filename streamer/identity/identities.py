"""The identity of a person: a keyed hash of a normalised address.

Pure. What goes in never comes out: the same address under the same secret is the same identity,
and without the secret neither can be found from the other.
"""

import base64
import hmac
import re
import urllib.parse
from typing import Final

import msgspec
import phonenumbers

from streamer.identity.decisions import PERSONAL

# 144 bits: no two of all the persons on earth meet, and no padding in Base64.
_BYTES: Final = 18
# `https://www.linkedin.com/in/jane-doe/?x`, `linkedin.com/in/jane-doe`, also `/pub/` and `/sales/`.
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*linkedin\.com/(?:in|pub)/([^/?#]+)", re.IGNORECASE
)
# In E.164 already, as vendors tell most numbers: to have it said costs more than all the rest.
_FRENCH: Final = re.compile(r"\+33[1-9][0-9]{8}")
# LinkedIn's internal ids: these alone tell upper from lower case.
_INTERNAL: Final = re.compile(r"AC[ow]AA[\w-]+")


def is_internal(profile: str) -> bool:
    """Whether a profile is given by LinkedIn's internal id, by which few lists know anybody."""
    return _INTERNAL.fullmatch(_slug(profile)) is not None


def _slug(profile: str) -> str:
    found = _PROFILE.match(profile.strip())
    return urllib.parse.unquote(found[1] if found else profile).strip().strip("/")


class Identities:
    """Makes identities under one secret; `region` is the country of numbers without a prefix.

    Each gives None for what is no such address: an empty text, a number that cannot be.
    """

    def __init__(self, secret: bytes, region: str = "FR") -> None:
        # Keyed once: what is copied for each hash costs less than a new one.
        self._keyed = hmac.new(secret, digestmod="sha256")
        self._region = region

    def email(self, address: str) -> str | None:
        """Whoever has this mail address, whatever its case."""
        return self._of("email", address.strip().lower())

    def phone(self, number: str) -> str | None:
        """Whoever has this number, however it is written: E.164 is what is hashed."""
        if _FRENCH.fullmatch(number):
            return self._of("phone", number)
        try:
            parsed = phonenumbers.parse(number, self._region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(parsed):
            return None
        e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return self._of("phone", e164)

    def linkedin(self, profile: str) -> str | None:
        """Whoever has this profile: its URL, its public identifier or LinkedIn's internal id."""
        slug = _slug(profile)
        if "/" in slug:
            return None
        return self._of("linkedin", slug if _INTERNAL.fullmatch(slug) else slug.lower())

    def record(self, kind: str, number: str) -> str | None:
        """Whoever has this id elsewhere: `kind` is `crm`, `deal`, or a vendor's own contact."""
        return self._of(kind, number.strip())

    def of(self, kind: str, value: str) -> str | None:
        """The identity of a value of a kind: one of the above by its name, else a record's."""
        match kind:
            case "email":
                return self.email(value)
            case "phone":
                return self.phone(value)
            case "linkedin":
                return self.linkedin(value)
            case _:
                return self.record(kind, value)

    def touch(self, *parts: object) -> str:
        """The touch of a person where nothing names single ones: one in each campaign."""
        return PERSONAL + self.digest("touch", *parts)

    def digest(self, kind: str, *parts: object) -> str:
        """A keyed hash of anything that JSON can write."""
        return self._hash(kind, msgspec.json.encode(parts))

    def _of(self, kind: str, normalised: str) -> str | None:
        return self._hash(kind, normalised.encode()) if normalised else None

    def _hash(self, kind: str, content: bytes) -> str:
        keyed = self._keyed.copy()
        keyed.update(kind.encode() + b":" + content)
        return base64.urlsafe_b64encode(keyed.digest()[:_BYTES]).decode()
