import os
import socket
from pathlib import Path

import pytest

from api.exchange.addresses import PrivateAddressError, is_public, looked_up, looks_public, private_hosts_of
from api.exchange.folders import Folder, FolderError, Place
from api.exchange.outbox.files import OutFolder
from connectors.frame.accounts import wrong_settings
from connectors.frame.folders import wrong_endpoint, wrong_folder
from connectors.systems import partner_csv, plain

OPEN = ("/var/partner/in", "file:///var/in", "memory://partner/in", "s3://bucket", "s3://bucket/in")


@pytest.mark.parametrize("address", [*OPEN, "sftp://shop@files.example.com/in", "sftp://shop@files.example.com:2222/"])
def test_an_address_of_a_folder_may_be(address: str) -> None:
    assert wrong_folder(address) == ""


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "it is empty: give a folder such as /var/partner/in"),
        ("  ", "it is empty"),
        ("orders", "named from the root on"),
        ("./orders", "named from the root on"),
        ("~/orders", "named from the root on"),
        ("/", "named from the root on"),
        ("file://orders/in", "named from the root on"),
        ("memory://", "name the folder: memory://name/in"),
        ("s3://", "name the bucket: s3://name/in"),
        ("sftp://host/in", "name the user, the server and the folder"),
        ("sftp://shop@/in", "name the user, the server and the folder"),
        ("sftp://shop@host", "name the user, the server and the folder"),
        ("sftp://shop:pass@host/in", "may hold no password"),
        ("sftp://shop@host:x/in", "it is no address"),
        ("ftp://host/in", "ftp is no kind of folder"),
        ("simplecache::s3://bucket/in", "may not have `::` in it"),
        ("/var/in\x00", "characters that cannot be seen"),
    ],
)
def test_an_address_that_would_be_another_folder_than_meant_is_refused(address: str, why: str) -> None:
    assert why in wrong_folder(address)


def test_nothing_is_written_where_a_process_happens_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for address in ("", "orders", "memory://", "file://orders"):
        with pytest.raises(FolderError, match="the address of the folder cannot be used"):
            OutFolder(Place(address)).stage("D1", b"1")
    assert list(tmp_path.iterdir()) == []


def test_an_account_says_where_its_files_are_before_it_is_live() -> None:
    inbox = {"inbox": "/var/in"}
    assert list(wrong_settings(partner_csv.CONNECTOR, inbox)) == []
    assert list(wrong_settings(partner_csv.CONNECTOR, inbox | {"outbox": "/var/out"}, live=True)) == []
    assert "outbox" not in dict(wrong_settings(plain.CONNECTOR, inbox, live=True))
    [(name, why)] = wrong_settings(partner_csv.CONNECTOR, inbox, live=True)
    assert name == "outbox"
    assert why.startswith("partner_csv is told by files, so a live account needs the setting 'outbox'")
    wrong = dict(wrong_settings(partner_csv.CONNECTOR, {"inbox": "", "outbox": "out", "endpoint": "s3.example.com"}))
    assert list(wrong) == ["inbox", "outbox", "endpoint"]
    assert wrong["inbox"].startswith("'inbox' cannot be used: it is empty")


@pytest.mark.parametrize(
    "address", ["ftp://x.example.com", "https://", "https://a:b@x.example.com", "https://x.example.com/path"]
)
def test_an_endpoint_is_an_address_and_nothing_else(address: str) -> None:
    assert wrong_endpoint(address).startswith("give where object storage answers")
    assert wrong_endpoint("https://s3.example.com:9000/") == ""


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "::1", "::", "fe80::1%eth0", "fd00:ec2::254", "ff0e::1", "::ffff:127.0.0.1", "::7f00:1", "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)  # fmt: skip
def test_an_address_of_a_private_network_is_none_however_it_is_written(address: str) -> None:
    assert not is_public(address)
    assert not looks_public(address)


def test_names_of_one_machine_or_network_look_private() -> None:
    assert [looks_public(one) for one in ("localhost", "db", "nas.local", "x.internal", "NAS.LOCAL.")] == [False] * 5
    assert looks_public("files.example.com")
    assert looks_public("93.184.216.34")
    assert is_public("::ffff:93.184.216.34")


def test_a_host_that_is_named_may_be_called_and_is_called_by_its_address() -> None:
    assert private_hosts_of("NAS.local, 10.0.0.7  ") == {"nas.local", "10.0.0.7"}
    assert looked_up("127.0.0.1", 22, {"127.0.0.1"}) == "127.0.0.1"
    with pytest.raises(PrivateAddressError, match=r"localhost is (127\.0\.0\.1|::1), which is of a private network"):
        looked_up("localhost", 22, {"127.0.0.1"})
    with pytest.raises(socket.gaierror):
        looked_up("nowhere.invalid", 22, set())


def test_no_link_that_a_partner_lays_is_followed(tmp_path: Path) -> None:
    secret, inbox = tmp_path / "secret", tmp_path / "in"
    secret.write_bytes(b"ours")
    inbox.mkdir()
    folder = Folder(Place(str(inbox)))
    (inbox / "a.csv").symlink_to(secret)
    os.mkfifo(inbox / "b.csv")
    (inbox / ".c.csv.part").symlink_to(secret)
    (inbox / "d.csv").write_bytes(b"theirs")
    (inbox / "done").symlink_to(tmp_path)

    for name in ("a.csv", "b.csv"):
        with pytest.raises(FolderError):
            folder.read(name, 10)
    with pytest.raises(FolderError):
        folder.write("c.csv", b"over")
    with pytest.raises(FolderError):
        folder.move("d.csv", "done")
    assert [one.name for one in folder.files()] == ["d.csv"]
    left = [f"'{name}' is a link, or something else than a file" for name in ("a.csv", "b.csv", "done")]
    assert folder.listed().left == left
    assert secret.read_bytes() == b"ours"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "secret"]
    (inbox / "done").unlink()
    assert folder.move("d.csv", "done") == "d.csv"
    assert (inbox / "done" / "d.csv").read_bytes() == b"theirs"
