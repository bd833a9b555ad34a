"""The page that verifies packets: one file, for anyone, that lets nothing in and nothing out."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.hub.conftest import Answering

from assessor_desk.places import resources

PAGE = resources() / "verify.html"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_hub_serves_the_page_to_anyone(answering: Answering) -> None:
    answer = httpx.get(f"{answering.url}/verify")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.content == PAGE.read_bytes()
    assert answer.headers["x-frame-options"] == "DENY"


def test_its_policy_allows_its_own_script_and_style_and_nothing_else(page: str) -> None:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found
    policy = dict(rule.strip().split(" ", 1) for rule in found[1].split(";"))
    script = re.search(r'<script type="module">(.*)</script>', page, re.DOTALL)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert script
    assert style

    assert policy == {
        "default-src": "'none'",
        "script-src": f"'{digest(script[1])}'",
        "style-src": f"'{digest(style[1])}'",
        "connect-src": "'none'",
        "img-src": "'none'",
        "form-action": "'none'",
        "base-uri": "'none'",
    }


#: Names of terms, which a badge's proof is over. They look like addresses, and nothing is asked there.
TERMS = (
    "http://purl.org/dc/terms/",
    "http://www.w3.org/",
    "https://assessor-desk.example/schemas/",
    "https://json-schema.org/draft/2020-12/schema",
    "https://purl.imsglobal.org/spec/",
    "https://schema.org/",
    "https://w3id.org/security#",
    "https://www.w3.org/",
)


def test_it_asks_at_no_address_and_runs_no_words(page: str) -> None:
    addresses = re.findall(r"(?:https?:)?//[a-z][a-z0-9-]*\.[^\s\"'`]*", page)
    assert [one for one in addresses if not one.startswith(TERMS)] == []
    assert re.findall(r"\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(", page) == []
    assert re.findall(r"\b(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", page) == []
    assert (
        re.findall(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write", page)
        == []
    )
    assert re.findall(r'\son[a-z]+="|\sstyle="', page) == []


def test_the_built_page_is_what_its_sources_give(root: Path) -> None:
    command = [sys.executable, str(root / "web" / "verify" / "build.py"), "--check"]

    assert subprocess.run(command).returncode == 0, "Run python3 dev.py page"
