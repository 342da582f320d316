"""The key of an SFTP server: it is the one that was written down, or nothing is said to the server."""

import base64
import hashlib
import hmac

import paramiko


class OnlyThisHostKey(paramiko.MissingHostKeyPolicy):
    """Takes a server by the fingerprint of its key, as `ssh-keygen -l` shows it."""

    def __init__(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint.strip()

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Raise unless the key is the one."""
        del client
        shown = "SHA256:" + base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
        if not hmac.compare_digest(shown.encode(), self._fingerprint.encode()):
            raise paramiko.SSHException(
                f"{hostname} shows the key {shown}: if that is right, set `host_key` of the account to it"
            )
