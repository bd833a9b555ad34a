"""Badges are checked by a library that is not ours: @digitalbazaar/vc, from files alone."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft201909Validator
from tests.badges.conftest import KEY, Issued

from assessor_desk.hub.badge_papers import STATUS_FILE, papers
from assessor_desk.hub.badges import badge_files, revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.places import resources

SCRIPT = Path(__file__).parent / "npm" / "verify.mjs"
#: 1EdTech's schema for what our badges use, restated: its terms do not say that the schema itself may be passed on
#: (docs/decisions/0157).
RULES = Path(__file__).parent / "open_badges_3.schema.json"


@pytest.fixture(scope="session")
def checker(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The script beside the libraries that it imports."""
    place = root / ".venv" / "npm"
    if shutil.which("node") is None or not (place / "installed-from").exists():
        why = "@digitalbazaar/vc is not installed: apt-get install nodejs npm, then python3 dev.py test"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    script = place / SCRIPT.name
    shutil.copy(SCRIPT, script)
    return script


def verified(checker: Path, folder: Path, badge: dict[str, Any], status: bytes) -> dict[str, Any]:
    """What the library says of a badge and a status list."""
    files = folder / "badge.json", folder / "status.json"
    files[0].write_text(json.dumps(badge), encoding="utf-8")
    files[1].write_bytes(status)
    command = ["node", str(checker), *map(str, files), str(resources() / "contexts")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def test_another_library_verifies_badge_and_status_list(
    issued: Issued, checker: Path, tmp_path: Path
) -> None:
    said = verified(checker, tmp_path, issued.credential, issued.papers.lists[0])
    assert said == {"verified": True, "revoked": False, "errors": []}


def test_another_library_finds_an_altered_level(issued: Issued, checker: Path, tmp_path: Path) -> None:
    badge = issued.credential
    subject = badge["credentialSubject"]
    level = subject["achievement"]["resultDescription"][0]["rubricCriterionLevel"][0]["id"]
    subject["result"][0]["achievedLevel"] = level
    assert not verified(checker, tmp_path, badge, issued.papers.lists[0])["verified"]


def test_another_library_sees_the_revocation(hub: Hub, checker: Path, tmp_path: Path) -> None:
    revoke_badge(hub, KEY, "Issued by mistake")
    badge = json.loads(badge_files(hub, KEY).json)
    assert verified(checker, tmp_path, badge, papers(hub)[STATUS_FILE])["revoked"] is True


def faults(credential: dict[str, Any]) -> list[str]:
    rules = Draft201909Validator(json.loads(RULES.read_text(encoding="utf-8")))
    return [f"{fault.json_path}: {fault.message[:80]}" for fault in rules.iter_errors(credential)]


def test_a_badge_is_an_achievement_credential_by_1edtechs_rules(issued: Issued) -> None:
    assert faults(issued.credential) == []


@pytest.mark.parametrize(
    "path",
    [
        ("issuer", "id"),
        ("validFrom",),
        ("credentialSubject", "achievement"),
        ("credentialSubject", "achievement", "criteria"),
        ("credentialSubject", "achievement", "resultDescription", 0, "resultType"),
        ("credentialSubject", "achievement", "resultDescription", 0, "rubricCriterionLevel", 0, "name"),
        ("credentialSubject", "achievement", "alignment", 0, "targetUrl"),
        ("credentialSubject", "identifier", 0, "hashed"),
        ("credentialStatus", "id"),
    ],
)
def test_those_rules_miss_what_is_left_out(issued: Issued, path: tuple[str | int, ...]) -> None:
    badge = issued.credential
    place: Any = badge
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    assert faults(badge)


def test_openssl_says_whose_key_it_is(issued: Issued, tool: Callable[[str], str]) -> None:
    tool("openssl")
    line = (
        "openssl cms -verify -cades -binary -inform DER -in badge-issuer.json.p7s -content badge-issuer.json "
        "-CAfile trust.pem -crl_check_all"
    )
    done = subprocess.run(line.split(), check=False, capture_output=True, cwd=issued.folder, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == issued.credential["issuer"]["id"]
