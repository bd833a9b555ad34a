"""Where a hub is told to keep things: understood or refused in a sentence, and secrets kept to whom they are for."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from assessor_desk.cli.command_line import run_command
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server
from assessor_desk.hub.whereabouts import (
    PREFIX,
    WHEREABOUTS_FILE,
    ObjectStore,
    Whereabouts,
    keep_whereabouts,
    key_of,
    make_key,
    told_whereabouts,
    whereabouts_of,
)

STORE = "http://127.0.0.1:8333"


def test_without_a_word_everything_lies_in_the_folder(tmp_path: Path) -> None:
    keep_whereabouts(tmp_path, told_whereabouts())
    assert list(tmp_path.iterdir()) == []
    assert whereabouts_of(tmp_path, {}) == Whereabouts()


def test_what_was_told_is_kept_for_this_user_alone(tmp_path: Path) -> None:
    told = told_whereabouts(
        "postgresql://hub@db/hub?sslmode=verify-full",
        "a b/c@d",
        "s3://bucket/some/prefix",
        STORE,
        "",
        "eu-1",
        ("id", "secret"),
    )
    keep_whereabouts(tmp_path, told)
    assert whereabouts_of(tmp_path, {}) == told
    assert told.blobs == ObjectStore("bucket", "some/prefix", STORE, "", "eu-1", "id", "secret")
    address = sa.make_url(told.database)
    assert (address.password, address.host, address.query) == ("a b/c@d", "db", {"sslmode": "verify-full"})
    assert "secret" not in repr(told)
    assert "c%40d" not in repr(told)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / WHEREABOUTS_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("database", "blobs", "words"),
    [
        ("postgresql://hub:marbles@db/hub", "", "password on a command line"),
        ("mysql://hub@db/hub", "", "postgresql://USER@HOST/NAME"),
        ("postgresql://hub@db", "", "postgresql://USER@HOST/NAME"),
        ("postgresql://hub@db:port/hub", "", "not understood"),
        ("", "https://bucket/prefix", "s3://BUCKET"),
        ("", "s3://id:secret@bucket/prefix", "s3://BUCKET"),
        ("", "s3://", "s3://BUCKET"),
    ],
)
def test_what_is_no_place_is_refused(database: str, blobs: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as told:
        told_whereabouts(database, "", blobs)
    assert "marbles" not in str(told.value)


@pytest.mark.parametrize(
    ("endpoint", "public"), [("http://store:8333", ""), (STORE, "http://files.example.org")]
)
def test_desks_are_sent_to_no_store_without_https(endpoint: str, public: str) -> None:
    with pytest.raises(Refused, match="Desks fetch files by https alone"):
        told_whereabouts("", "", "s3://bucket", endpoint, public)


def test_a_store_inside_may_speak_plain_http_where_desks_have_another_address() -> None:
    told = told_whereabouts("", "", "s3://bucket", "http://store:8333", "https://files.example.org")
    assert told.blobs is not None
    assert told.blobs.public == "https://files.example.org"


def test_the_environment_counts_before_the_file_and_names_files_for_secrets(tmp_path: Path) -> None:
    keep_whereabouts(tmp_path, told_whereabouts("postgresql://hub@before/hub", "old"))
    secret = tmp_path / "password"
    secret.write_text("new\n", encoding="ascii")
    given = {
        f"{PREFIX}DATABASE": "postgresql://hub@after/hub",
        f"{PREFIX}DATABASE_PASSWORD_FILE": str(secret),
        f"{PREFIX}BLOBS": "s3://bucket",
        f"{PREFIX}BLOBS_ENDPOINT": STORE,
        f"{PREFIX}KEY": "ab" * 32,
    }
    found = whereabouts_of(tmp_path, given)
    assert found.database == "postgresql://hub:new@after/hub"
    assert found.blobs == ObjectStore("bucket", endpoint=STORE)
    assert key_of(tmp_path, given) == "ab" * 32
    with pytest.raises(Refused, match="cannot be read"):
        whereabouts_of(tmp_path, {f"{PREFIX}DATABASE_PASSWORD_FILE": str(tmp_path / "gone")})


def test_a_damaged_file_or_key_is_told(tmp_path: Path) -> None:
    (tmp_path / WHEREABOUTS_FILE).write_text("{", encoding="ascii")
    with pytest.raises(Damaged, match=WHEREABOUTS_FILE):
        whereabouts_of(tmp_path, {})
    with pytest.raises(Refused, match="holds no hub"):
        key_of(tmp_path, {})
    make_key(tmp_path)
    assert len(key_of(tmp_path, {})) == 64
    with pytest.raises(Damaged, match="damaged"):
        key_of(tmp_path, {f"{PREFIX}KEY": "short"})


def test_the_command_refuses_a_password_in_the_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init = ["hub", "--at", str(tmp_path / "hub"), "init", "--title", "t", "--programme", "p"]
    assert run_command([*init, "--database", "postgresql://hub:marbles@127.0.0.1/hub"]) == 1
    assert "--database-password-file" in capsys.readouterr().err
    assert run_command([*init, "--blobs", "s3://bucket", "--blobs-credentials-file", str(tmp_path)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "hub").exists()


# -- behind a balancer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("addresses", ["everybody", "0.0.0.0/0", "::/0", "10.0.0.1/8"])
def test_a_balancer_is_named_by_its_address(hub: Hub, addresses: str) -> None:
    with pytest.raises(Refused, match="names no balancer"):
        Server(hub.folder, host="0.0.0.0", behind=addresses)


def test_a_balancers_word_on_scheme_and_caller_is_taken_and_nobody_elses(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This computer's own address stands for the balancer's, once as one of those named and once not."""
    import assessor_desk.hub.gate as gate

    monkeypatch.setattr(gate, "is_loopback", lambda _: False)  # everybody comes from elsewhere
    through = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    with Server(hub.folder, host="0.0.0.0", behind="10.0.0.0/8, 127.0.0.1") as server:
        address = server.url.replace("0.0.0.0", "127.0.0.1") + "/v1/hello"
        assert httpx.get(address, headers=through).status_code == 200
        assert httpx.get(address).status_code == 403
        assert httpx.get(address, headers={"X-Forwarded-Proto": "http"}).status_code == 403
