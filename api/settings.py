"""Settings of the API process: built once where it starts, and passed down."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.night_note import FOLDER


class ApiSettings(BaseSettings):
    """Every default works on a laptop; each field is read from HEADRACE_ and its name."""

    model_config = SettingsConfigDict(env_prefix="HEADRACE_", frozen=True, extra="ignore")

    broker: str = "127.0.0.1:9092"
    topic_prefix: str = ""
    data_dir: Path = Path("var")
    views_dir: Path | None = None
    """Where the views are, if not in the data directory: API processes of one machine share the data directory, and
    each has its own views."""
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8080, ge=1, le=65_535)
    master_key: SecretStr | None = None
    """Base64 of 32 bytes that wrap the customers' keys; without it a key file is made in the data directory."""
    body_bytes_max: int = Field(default=1_048_576, ge=1_024, le=4_194_304)
    gather_ms: float = Field(default=5.0, ge=0.0, le=100.0)
    """How long commands of a pool wait for company in one record."""
    sender_commands_max: int = Field(default=20_000, ge=1, le=1_000_000)
    """Commands not yet acknowledged by the broker; beyond it the API answers 503."""
    acknowledge_timeout_seconds: float = Field(default=5.0, ge=0.1, le=60.0)
    wait_default_seconds: float = Field(default=2.0, ge=0.0, le=30.0)
    fetch_wait_ms: int = Field(default=50, ge=1, le=5_000)
    """How long the broker may hold a fetch open. The embedded broker looks for new records only some times within it,
    so a long one delays views there; Kafka answers at once, and 500 saves it work."""
    views_batch_records: int = Field(default=4_000, ge=1, le=100_000)
    history_days: int = Field(default=8, ge=7, le=400)
    idempotency_days: int = Field(default=8, ge=7, le=400)
    live_connectors: bool = True
    """False refuses live accounts of connectors: what the broker forgets must not have gone out."""
    private_hosts: str = ""
    """Hosts that connectors may call though they are of a private network, without https too, with commas between."""
    smtp_host: str = ""
    """The mail server by which customers are written to; without it none is."""
    smtp_port: int = Field(default=587, ge=1, le=65_535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_from: str = ""
    """Whom mails come from, such as orders@shop.example or Shop <orders@shop.example>; without a name the channel's."""
    smtp_reply_to: str = ""
    smtp_timeout_seconds: float = Field(default=20.0, ge=0.1, le=300.0)
    mail_language: str = "en"
    """Of customers whose language nobody told."""
    mail_simulated: bool = False
    """Whether customers of simulated pools and of the demo are written to as well."""
    tracking_days: int = Field(default=120, ge=1, le=3_660)
    """How long a link to the page of an order is good."""
    tracking_per_minute: int = Field(default=60, ge=1, le=100_000)
    """How often an address may ask for pages of orders."""
    demo: bool = False
    """Whether a demo runs here, whose pace can be set."""
    sse_clients_max: int = Field(default=2_000, ge=1, le=100_000)
    sse_queue_events: int = Field(default=256, ge=8, le=100_000)
    sse_heartbeat_seconds: float = Field(default=15.0, ge=0.05, le=300.0)

    public_url: str = ""
    """Where people reach the pages, for example https://orders.example.com; by default as the browser names it."""
    session_idle_minutes: int = Field(default=480, ge=1, le=43_200)
    """Who does nothing for so long is signed out: by default a shift."""
    session_days: int = Field(default=7, ge=1, le=90)
    """Whoever is signed in signs in again after so long in any case."""

    oidc_issuer: str = ""
    """The OpenID Connect provider by which people sign in, beside passwords; without it there is none."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr | None = None
    oidc_domains: str = ""
    """Domains of e-mail addresses that may come in, with commas between; empty lets everybody of the provider in."""
    oidc_role_claim: str = "groups"
    oidc_roles: str = ""
    """Which value of that claim is which role, as `headrace-admins=admin,warehouse=ops`; the first that fits counts."""
    oidc_default_role: str = ""
    """The role of those to whom none of these applies; empty lets in only whom an admin has added by e-mail."""

    @property
    def control_path(self) -> Path:
        """People, keys of clients and customers, idempotency keys, the audit log."""
        return self.data_dir / "control.db"

    @property
    def views_path(self) -> Path:
        """What the topics say, and how far it has been read: may be deleted, it is read again."""
        return (self.views_dir or self.data_dir) / "views.db"

    @property
    def nights_path(self) -> Path:
        """What the nights note of themselves, where they run on the same data directory."""
        return self.data_dir / FOLDER

    @property
    def master_key_path(self) -> Path:
        """Where the master key is kept when no setting gives it."""
        return self.data_dir / "master.key"
