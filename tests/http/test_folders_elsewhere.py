import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncssh
import fsspec
import pytest
from moto.server import ThreadedMotoServer

from api.exchange import folder_systems
from api.exchange.folders import Folder, FolderError, Place
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


class There(NamedTuple):
    """A folder elsewhere, what opens it, and what may be called."""

    place: Place
    private_hosts: frozenset[str] = frozenset({"127.0.0.1"})

    def folder(self) -> Folder:
        return Folder(self.place, self.private_hosts)

    def out(self) -> OutFolder:
        return OutFolder(self.place, self.private_hosts)

    def but(self, **changes: str) -> "There":
        return self._replace(place=self.place._replace(**changes))


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[There]:
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
    yield There(Place(f"sftp://shop@127.0.0.1:{server.get_port()}/in", PASSWORD, KEY.get_fingerprint()))
    asyncio.run_coroutine_threadsafe(stop(server), loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


@pytest.fixture
def s3() -> Iterator[There]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    opened = {"key": f"key-{port}", "secret": "secret", "endpoint_url": endpoint}
    fsspec.filesystem("s3", **opened, skip_instance_cache=True).mkdir(f"partner-{port}")
    yield There(Place(f"s3://partner-{port}/in", f"key-{port}:secret", endpoint=endpoint))
    server.stop()


@pytest.fixture(params=["sftp", "s3"])
def there(request: pytest.FixtureRequest) -> There:
    found: There = request.getfixturevalue(request.param)
    return found


def test_files_are_listed_read_and_moved_one_by_one_whatever_their_names(there: There) -> None:
    folder = there.folder()
    assert folder.files() == []
    for name in ("b.csv", "*.csv", "a[1]?.csv"):
        folder.write(name, name.encode())
    listed = folder.files()

    assert [(one.name, one.size) for one in listed] == [("*.csv", 5), ("a[1]?.csv", 9), ("b.csv", 5)]
    assert there.folder().files() == listed
    assert folder.read("a[1]?.csv", 9) == b"a[1]?.csv"
    assert folder.move("*.csv", "done") == "*.csv"
    assert [one.name for one in folder.files()] == ["a[1]?.csv", "b.csv"]
    folder.write("*.csv", b"again")
    assert folder.move("*.csv", "done") == "2-*.csv"
    assert [one.name for one in folder.files()] == ["a[1]?.csv", "b.csv"]
    folder.close()


async def test_a_document_is_there_whole_and_once_though_it_is_put_twice_or_its_name_is_taken(there: There) -> None:
    noted: list[str] = []

    async def note() -> None:
        noted.append("staged")

    document = FileDocument(name="order-1.csv", body=b"1,2\n")
    for staged in (False, True, False):
        assert await put(there.out, document, "D1", staged=staged, note_staged=note) == "order-1.csv"
    other = FileDocument(name="order-1.csv", body=b"other")
    with pytest.raises(FolderError, match=r"order-1\.csv is there already, with other content"):
        await put(there.out, other, "D2", staged=False, note_staged=note)

    folder = there.folder()
    assert noted == ["staged"] * 3
    assert [one.name for one in folder.files()] == ["order-1.csv"]
    assert folder.read("order-1.csv", 9) == b"1,2\n"
    folder.close()


def test_a_server_with_another_key_or_password_is_refused_and_none_is_repeated(sftp: There, tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="set `host_key` of the account to it") as refused:
        sftp.but(host_key="SHA256:other").folder()
    assert KEY.get_fingerprint() in str(refused.value)
    with pytest.raises(FolderError, match="Authentication") as wrong:
        sftp.but(secret="secret-guess").folder()
    assert "secret-guess" not in str(wrong.value)
    assert list((tmp_path / "in").iterdir()) == []


def test_a_private_key_opens_a_server_and_links_are_left(sftp: There, tmp_path: Path) -> None:
    (tmp_path / "in" / "link.csv").symlink_to("/etc/hostname")
    (tmp_path / "in" / "a.csv").write_bytes(b"1")
    folder = sftp.but(secret=OURS.export_private_key().decode()).folder()

    assert [one.name for one in folder.files()] == ["a.csv"]
    assert folder.listed().left == ["'link.csv' is a link, or something else than a file"]
    folder.close()


def test_a_server_of_a_private_network_is_called_only_where_it_is_named(there: There) -> None:
    for host in ("127.0.0.1", "localhost", "127.1", "2130706433"):
        address, endpoint = (one.replace("127.0.0.1", host) for one in (there.place.address, there.place.endpoint))
        elsewhere = there.but(address=address, endpoint=endpoint.replace("http:", "https:"))
        with pytest.raises(FolderError, match=r"127\.0\.0\.1.*which is of a private network.*HEADRACE_PRIVATE_HOSTS"):
            elsewhere._replace(private_hosts=frozenset()).folder().files()
    with pytest.raises(FolderError, match=r"private network|only https"):
        there._replace(private_hosts=frozenset({"127.0.0.2"})).folder().files()
    assert there.folder().files() == []


def test_object_storage_that_is_looked_up_as_private_later_is_not_called(s3: There) -> None:
    # As if a name had been looked up as another address before.
    with pytest.raises(OSError, match=r"169\.254\.169\.254 is of a private network"):
        folder_systems._public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443)))
    store = folder_systems._speaking_to(s3.place.secret, s3.place.endpoint, is_private=False)
    with pytest.raises(Exception, match="Could not connect"):
        store.ls("partner")
    assert s3.folder().files() == []


def test_object_storage_without_an_endpoint_is_amazons_whatever_this_machine_is_set_up_with(
    s3: There, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.place.endpoint)
    monkeypatch.setenv("HTTPS_PROXY", s3.place.endpoint)
    store = folder_systems._speaking_to(s3.place.secret, "", is_private=False)
    assert str(store.s3.meta.endpoint_url).endswith(".amazonaws.com")
