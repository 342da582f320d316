import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncssh
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from api.exchange.folders import Folder, FolderError
from api.exchange.outbox.files import OutFolder, put
from connectors.frame.documents import FileDocument

KEY = asyncssh.generate_private_key("ssh-ed25519")
OURS = asyncssh.generate_private_key("ssh-ed25519")
PASSWORD = "let me in, partner"


class _Server(asyncssh.SSHServer):
    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connections.append(conn)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("shop", PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == "shop" and key == OURS.convert_to_public()


class Place(NamedTuple):
    """A folder elsewhere, and what opens it."""

    address: str
    secret: str
    host_key: str = ""

    def folder(self) -> Folder:
        return Folder(self.address, self.secret, self.host_key)

    def out(self) -> OutFolder:
        return OutFolder(self.address, self.secret, self.host_key)


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[Place]:
    (tmp_path / "in").mkdir()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    connections: list[asyncssh.SSHServerConnection] = []

    async def serve() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Server(connections),
            "127.0.0.1",
            0,
            server_host_keys=[KEY],
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(tmp_path).encode()),
        )

    async def stop(server: asyncssh.SSHAcceptor) -> None:
        server.close()
        for connection in connections:
            connection.abort()
            await connection.wait_closed()
        await server.wait_closed()

    server = asyncio.run_coroutine_threadsafe(serve(), loop).result(20)
    yield Place(f"sftp://shop@127.0.0.1:{server.get_port()}/in", PASSWORD, KEY.get_fingerprint())
    asyncio.run_coroutine_threadsafe(stop(server), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    secret = f"key-{port}:secret"
    key, _, value = secret.partition(":")
    fsspec.filesystem("s3", key=key, secret=value, skip_instance_cache=True).mkdir(f"partner-{port}")
    yield Place(f"s3://partner-{port}/in", secret)
    server.stop()


@pytest.fixture(params=["sftp", "s3"])
def place(request: pytest.FixtureRequest) -> Place:
    found: Place = request.getfixturevalue(request.param)
    return found


def test_files_are_listed_read_and_moved_one_by_one_whatever_their_names(place: Place) -> None:
    folder = place.folder()
    assert folder.files() == []
    for name in ("b.csv", "*.csv", "a[1]?.csv"):
        folder.write(name, name.encode())
    listed = folder.files()

    assert [(one.name, one.size) for one in listed] == [("*.csv", 5), ("a[1]?.csv", 9), ("b.csv", 5)]
    assert place.folder().files() == listed
    assert folder.read("a[1]?.csv", 9) == b"a[1]?.csv"
    assert folder.move("*.csv", "done") == "*.csv"
    assert [one.name for one in folder.files()] == ["a[1]?.csv", "b.csv"]
    folder.write("*.csv", b"again")
    assert folder.move("*.csv", "done") == "2-*.csv"
    assert [one.name for one in folder.files()] == ["a[1]?.csv", "b.csv"]
    folder.close()


async def test_a_document_is_there_whole_and_once_though_it_is_put_twice_or_its_name_is_taken(place: Place) -> None:
    noted: list[str] = []

    async def note() -> None:
        noted.append("staged")

    document = FileDocument(name="order-1.csv", body=b"1,2\n")
    for staged in (False, True, False):
        assert await put(place.out, document, "D1", staged=staged, note_staged=note) == "order-1.csv"
    other = FileDocument(name="order-1.csv", body=b"other")
    with pytest.raises(FolderError, match=r"order-1\.csv is there already, with other content"):
        await put(place.out, other, "D2", staged=False, note_staged=note)

    folder = place.folder()
    assert noted == ["staged"] * 3
    assert [one.name for one in folder.files()] == ["order-1.csv"]
    assert folder.read("order-1.csv", 9) == b"1,2\n"
    folder.close()


def test_a_server_with_another_key_or_password_is_refused_and_none_is_repeated(sftp: Place, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="set `host_key` of the account to it") as refused:
        sftp._replace(host_key="SHA256:other").folder()
    assert KEY.get_fingerprint() in str(refused.value)
    with pytest.raises(FolderError, match="Authentication") as wrong:
        sftp._replace(secret="secret-guess").folder()
    assert "secret-guess" not in str(wrong.value)
    assert list((tmp_path / "in").iterdir()) == []


def test_a_private_key_opens_a_server_and_links_are_left(sftp: Place, tmp_path: Path) -> None:
    (tmp_path / "in" / "link.csv").symlink_to("/etc/hostname")
    (tmp_path / "in" / "a.csv").write_bytes(b"1")
    folder = sftp._replace(secret=OURS.export_private_key().decode()).folder()

    assert [one.name for one in folder.files()] == ["a.csv"]
    folder.close()
