"""Apache Kafka's jars, fetched by Maven once and kept in a cache, and the Java to run them."""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.brokers.process import BrokerError

KAFKA_VERSION = "4.4.0"
JAVA_VERSION_MIN = 17

_SCALA_VERSION = "2.13"
# Kafka's own jars bring log4j, but not the bridge from the logging interface they call.
_LOG4J_VERSION = "2.25.5"
_COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_RESOLVE_SECONDS = 900
_JAVA_SECONDS = 30
_ERROR_LINES = 15
_ANSWER_CHARACTERS = 300

_POM = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>headrace</groupId>
  <artifactId>kafka-jars</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_{_SCALA_VERSION}</artifactId>
      <version>{KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId>
      <artifactId>log4j-slf4j-impl</artifactId>
      <version>{_LOG4J_VERSION}</version>
    </dependency>
  </dependencies>
</project>
"""


def default_cache_dir() -> Path:
    """Where jars are kept between runs, by the XDG rule."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "headrace"


def resolve_jars(cache_dir: Path, *, progress: Callable[[str], None]) -> Path:
    """The folder with Kafka's jars; the first call fetches them, which takes Maven and the
    network.
    """
    home = cache_dir / f"kafka-{KAFKA_VERSION}"
    if home.is_dir():
        return home
    cache_dir.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(cache_dir / "kafka.lock"):
        if home.is_dir():
            return home
        progress(
            f"Fetching Apache Kafka {KAFKA_VERSION} from Maven Central into {home} (about 45 MB, only this first time)"
        )
        with tempfile.TemporaryDirectory(dir=cache_dir, prefix="kafka-") as scratch:
            jars = _copy_jars(Path(scratch))
            # Renamed as a whole, so that a folder of that name is always complete.
            jars.rename(home)
        progress(f"Apache Kafka {KAFKA_VERSION} is there: {len(list(home.iterdir()))} jars")
    return home


def find_java() -> Path:
    """The Java to run Kafka with: JAVA_HOME's, else the one on PATH; refused when it is too old."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else None
    found = found or shutil.which("java")
    install = (
        f"install Java {JAVA_VERSION_MIN} or newer "
        "(on Debian: apt-get install openjdk-17-jre-headless), "
        "or use the embedded broker (--broker embedded)"
    )
    if found is None:
        raise BrokerError(f"Kafka needs Java, and there is none on PATH: {install}")
    answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False, timeout=_JAVA_SECONDS)
    version = re.search(r'version "(\d+)', answer.stderr)
    if version is None or int(version[1]) < JAVA_VERSION_MIN:
        said = answer.stderr.strip()[-_ANSWER_CHARACTERS:]
        name = version[1] if version else f"unknown (it ended with code {answer.returncode} and said {said!r})"
        raise BrokerError(f"Kafka needs Java {JAVA_VERSION_MIN}, and {found} is {name}: {install}")
    return Path(found)


def _copy_jars(scratch: Path) -> Path:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerError(
            "Kafka's jars are fetched by Maven, and there is no mvn on PATH: "
            "install it (on Debian: apt-get install maven), or use the embedded broker"
        )
    pom = scratch / "pom.xml"
    pom.write_text(_POM)
    jars = scratch / "jars"
    command = [
        maven,
        "--batch-mode",
        "--quiet",
        # A jar whose checksum does not match is refused instead of warned about.
        "--strict-checksums",
        *("--file", str(pom)),
        _COPY_GOAL,
        "-DincludeScope=runtime",
        f"-DoutputDirectory={jars}",
    ]
    done = subprocess.run(
        command,
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
        timeout=_RESOLVE_SECONDS,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0 or not jars.is_dir():
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_ERROR_LINES:])
        raise BrokerError(
            f"Maven could not fetch Kafka {KAFKA_VERSION}: check the network and "
            f"~/.m2/settings.xml, then try again. It said:\n{tail}"
        )
    return jars


@contextmanager
def _one_at_a_time(lock_path: Path) -> Iterator[None]:
    with lock_path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
