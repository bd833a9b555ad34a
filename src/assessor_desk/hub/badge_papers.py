"""What a hub publishes beside its badges: whose key signs them, and which of them were revoked.

::

    badge-issuer.json  badge-issuer.json.p7s    the key, vouched for by the authority that stands behind packets
    badge-status-1.json                         the status list, signed by that key, renewed daily
    badge-issuer-1.json …                       a key that was replaced, and when; it goes on signing its own list alone

They lie in the hub's folder, are served to anyone under `/v1/badges`, and go to every desk with the trust list.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.programme_look import SVG, Logo, ProgrammeLook
from assessor_desk.hub import tables as t
from assessor_desk.hub.auditing import Act, Line, append
from assessor_desk.hub.endings import places_revoked
from assessor_desk.hub.hub import Hub, note_change
from assessor_desk.hub.own_look import own_look
from assessor_desk.keys.badge_key import BadgeKey, open_badge_key
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.data_integrity import with_proof
from assessor_desk.keys.private_files import write_openly
from assessor_desk.packets.badge import status_list_credential
from assessor_desk.protocol.addresses import is_loopback
from assessor_desk.protocol.documents import canonical
from assessor_desk.protocol.status_list import encoded

ISSUER_FILE = "badge-issuer.json"
_SIGNATURE = ".p7s"
SIGNATURE_FILE = f"{ISSUER_FILE}{_SIGNATURE}"
#: The first key's list. Each key has its own, which is enough for 131,072 badges.
STATUS_FILE = "badge-status-1.json"
#: A list says when it was made; one that is older than this is made anew before it is handed out.
LIST_AGE = timedelta(days=1)
LIST_LIFE = timedelta(days=30)
_ADDRESS, _LOOK, _REPLACED = "badge_address", "badge_look", "badge_keys_replaced"
#: The facts by which badges are issued: they go with the keys and papers in the hub's folder.
BADGE_FACTS = (_ADDRESS, _LOOK, _REPLACED)


@dataclass(frozen=True, slots=True)
class BadgeSetting:
    """Under which address wallets reach the hub, how its badges look, and when keys were replaced, the first first."""

    address: str
    look: ProgrammeLook
    replaced: tuple[datetime, ...] = ()

    @property
    def number(self) -> int:
        """Of the key that signs badges now, and of its status list."""
        return len(self.replaced) + 1

    @property
    def status_list(self) -> str:
        """The address of the status list that new badges stand in."""
        return self.status_list_of(self.number)

    def status_list_of(self, number: int) -> str:
        """The address of a key's status list, which stands in every badge that it signed."""
        return f"{self.address}/v1/badges/status/{number}"


def set_up_badges(hub: Hub, address: str, look: ProgrammeLook | None = None) -> str:
    """Begin to issue badges; the issuer's did:key is the answer.

    Raises Refused for an address that wallets could not use, and for another one once badges stand: their status is
    asked for at the address that they carry.
    """
    chosen = _usable(address)
    before = _facts(hub)
    if before.get(_ADDRESS, chosen) != chosen and _any_badge(hub):
        raise Refused(f"Badges were issued that name {before[_ADDRESS]}; the hub must go on answering there")
    told: dict[str, Any] = {_ADDRESS: chosen}
    if look is not None or _LOOK not in before:
        told[_LOOK] = _look_json(look or own_look(hub))
    with hub.database.writing() as work:
        for name, value in told.items():
            work.execute(sa.delete(t.facts).where(t.facts.c.name == name))
            work.execute(sa.insert(t.facts).values(name=name, value=value))
    sign_issuer_again(hub)
    renew_status(hub)
    return badge_key(hub).did


def replace_badge_key(hub: Hub) -> str:
    """Sign badges with a new key from now on; its did:key is the answer.

    Badges from before stay what they were: the key that signed them is told as given up on this day, and goes on
    signing the status list that they name, so that they can be revoked. Raises Refused before badges were set up.
    """
    chosen, now = setting(hub), hub.clock().replace(microsecond=0)
    fresh = _key(hub, chosen.number + 1)
    told = [at.isoformat() for at in (*chosen.replaced, now)]
    with hub.database.writing() as work:
        work.execute(sa.delete(t.facts).where(t.facts.c.name == _REPLACED))
        work.execute(sa.insert(t.facts).values(name=_REPLACED, value=told))
        append(work, now, Line(Act.REPLACED_BADGE_KEY, fresh.did))
    sign_issuer_again(hub)
    renew_status(hub)
    return fresh.did


def setting(hub: Hub) -> BadgeSetting:
    """How badges are issued here. Raises Refused before that was set up."""
    known = _facts(hub)
    if _ADDRESS not in known:
        raise Refused(
            "This hub issues no badges yet. Say under which address wallets reach it: “hub badge setup --address URL”"
        )
    replaced = tuple(map(datetime.fromisoformat, known.get(_REPLACED, ())))
    return BadgeSetting(known[_ADDRESS], _look(known[_LOOK]), replaced)


def issues_badges(hub: Hub) -> bool:
    """Whether badges were set up here."""
    hub.papers.refresh()
    return (hub.folder / ISSUER_FILE).exists()


def badge_key(hub: Hub) -> BadgeKey:
    """The issuer's key for badges, beside the authority's and wrapped as those are."""
    return _key(hub, len(_facts(hub).get(_REPLACED, ())) + 1)


def _key(hub: Hub, number: int) -> BadgeKey:
    with hub.turn("badge"):
        return _opened(hub.authority.folder, hub.authority.passphrase, number)


@lru_cache(maxsize=8)
def _opened(folder: Path, passphrase: str | None, number: int) -> BadgeKey:
    """Unwrapped once, like the authority's own keys: it takes a third of a second."""
    return open_badge_key(folder, passphrase, number)


def status_file(number: int) -> str:
    """The name of a key's status list."""
    return f"badge-status-{number}.json"


def _issuer_file(number: int, chosen: BadgeSetting) -> str:
    return ISSUER_FILE if number == chosen.number else f"badge-issuer-{number}.json"


def papers(hub: Hub) -> dict[str, bytes]:
    """The papers by file name, status lists not older than a day; none where no badges are issued here."""
    if not issues_badges(hub):
        return {}
    chosen = setting(hub)
    made = json.loads((hub.folder / status_file(chosen.number)).read_bytes())["validFrom"]
    if hub.clock() - datetime.fromisoformat(made) > LIST_AGE:
        renew_status(hub)
    names = list[str]()
    for number in range(1, chosen.number + 1):
        issuer = _issuer_file(number, chosen)
        names += [issuer, f"{issuer}{_SIGNATURE}", status_file(number)]
    return {name: (hub.folder / name).read_bytes() for name in names}


def renew_status(hub: Hub) -> None:
    """Sign each key's status list as it stands now, and tell every desk."""
    chosen, now = setting(hub), hub.clock().replace(microsecond=0)
    for number in range(1, chosen.number + 1):
        own = t.badges.c
        with hub.database.reading() as view:
            query = sa.select(own.place).where(own.list == number, own.revoked_at.is_not(None))
            revoked = {*view.execute(query).scalars(), *places_revoked(view, number)}
        key, address = _key(hub, number), chosen.status_list_of(number)
        unsigned = status_list_credential(address, key.did, encoded(revoked), now, now + LIST_LIFE)
        with hub.turn("badge papers"):
            write_openly(hub.folder / status_file(number), canonical(with_proof(unsigned, key, now)))
    with hub.database.writing() as work:
        note_change(work, "trust", STATUS_FILE)


def sign_issuer_again(hub: Hub) -> None:
    """Say whose key each is, as a controlled identifier document, signed by the issuer's certificate."""
    chosen = setting(hub)
    for number in range(1, chosen.number + 1):
        given_up = chosen.replaced[number - 1] if number < chosen.number else None
        _write_issuer(hub, _issuer_file(number, chosen), _key(hub, number), given_up)


def _write_issuer(hub: Hub, name: str, key: BadgeKey, given_up: datetime | None) -> None:
    method = {
        "id": key.method,
        "type": "Multikey",
        "controller": key.did,
        "publicKeyMultibase": key.multibase,
        **({"revoked": f"{given_up:%Y-%m-%dT%H:%M:%SZ}"} if given_up else {}),
    }
    document = {
        "@context": ["https://www.w3.org/ns/cid/v1", {"name": "https://schema.org/name"}],
        "id": key.did,
        "name": hub.title,
        "verificationMethod": [method],
        "assertionMethod": [key.method],
    }
    content, signer = canonical(document), hub.authority.issuer_signer()
    signature = sign_detached(content, signer.key, signer.certificate, hub.clock())
    with hub.turn("badge papers"):
        write_openly(hub.folder / f"{name}{_SIGNATURE}", signature)
        write_openly(hub.folder / name, content)


def _usable(address: str) -> str:
    try:
        split = urlsplit(address.strip())
        host = split.hostname or ""
    except ValueError:
        split, host = urlsplit(""), ""
    secure = split.scheme == "https" or (split.scheme == "http" and is_loopback(host))
    if not host or not secure or split.query or split.fragment or split.username:
        raise Refused(f"“{address}” is no address that wallets reach; write it as https://hub.example.org")
    return split.geturl().rstrip("/")


def _facts(hub: Hub) -> dict[str, Any]:
    with hub.database.reading() as view:
        return {row.name: row.value for row in view.execute(sa.select(t.facts))}


def _any_badge(hub: Hub) -> bool:
    with hub.database.reading() as view:
        return view.execute(sa.select(t.badges.c.id).limit(1)).first() is not None


def _look_json(look: ProgrammeLook) -> dict[str, str]:
    drawn = look.logo is not None and look.logo.media_type == SVG
    logo = look.logo.content.decode() if look.logo is not None and drawn else ""
    return {"programme": look.programme, "accent": look.accent, "logo": logo}


def _look(kept: dict[str, str]) -> ProgrammeLook:
    logo = Logo(kept["logo"].encode(), SVG, kept["programme"]) if kept["logo"] else None
    return ProgrammeLook(kept["programme"], kept["accent"], logo)
