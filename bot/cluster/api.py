"""The connection to one API server: credentials, certificates, proxies and pooling are the official client's, and what
comes back is raw bytes. Everything that can go wrong leaves here as Refused or Unavailable."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
import urllib3
import yaml
from kubernetes import config
from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from bot.cluster.pods import ApiStatus
from bot.services.errors import Unavailable

log = logging.getLogger(__name__)
CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
GONE = 410
_LARGEST_REFUSAL = 64 * 1024
_LARGEST_BODY = 256 * 1024 * 1024
_PERMANENT = frozenset({400, 403, 404, 405, 406, 415, 422})
_BAD_KUBECONFIG = (
    config.ConfigException,
    yaml.YAMLError,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)
"""What the client raises on a kubeconfig that is not there, or that a person got wrong."""
_CONNECTION = re.compile(r"^\(?.{0,40}HTTPS?Connection(?:Pool)?\(.{0,300}?\): ")
Query = Mapping[str, str | int]


class Refused(Unavailable):
    """The API server answered, and the answer is no."""

    def __init__(self, message: str, *, status: int, retry_after: float | None = None) -> None:
        super().__init__(message, permanent=status in _PERMANENT)
        self.status = status
        self.retry_after = retry_after
        """Seconds that the server asks us to stay away."""


class Expired(Refused):
    """The API server has forgotten the place that was asked for: list again."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=GONE)


class Api:
    """One API server, as a context of the kubeconfig or the bot's own pod names it. Safe for several threads."""

    def __init__(self, context: str | None = None, *, config_file: str | None = None) -> None:
        self._context, self._config_file = context, config_file
        self._client = _client(context, config_file)

    @property
    def host(self) -> str:
        """The API server's address."""
        return str(self._client.configuration.host)

    def read(
        self,
        path: str,
        query: Query | None = None,
        *,
        body: object = None,
        seconds: float = READ_SECONDS,
        most: int = _LARGEST_BODY,
    ) -> bytes:
        """The answer to GET, or to POST where there is a body; what exceeds `most` bytes is left unread. Raises
        Unavailable."""
        with self.opened(path, query, body=body, seconds=seconds) as response, translated(self.host):
            return read_up_to(response, most)

    @contextmanager
    def opened(
        self, path: str, query: Query | None = None, *, body: object = None, seconds: float = READ_SECONDS
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """An answer to be read as it comes; `seconds` is the longest silence. Raises Unavailable."""
        response = self._requested(path, query, body, seconds)
        try:
            if not 200 <= response.status < 300:
                raise self._refused(path, response)
            yield response
        finally:
            _let_go(response)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()  # type: ignore[no-untyped-call]  # the client leaves it untyped

    def _requested(self, path: str, query: Query | None, body: object, seconds: float) -> urllib3.BaseHTTPResponse:
        headers = {"Accept": "application/json", "User-Agent": "failures-bot"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        with translated(self.host):
            method, url, headers, content, _ = self._client.param_serialize(
                "GET" if body is None else "POST",
                path,
                query_params=list((query or {}).items()),
                header_params=headers,
                body=body,
                auth_settings=["BearerToken"],
            )
            answer = self._client.call_api(method, url, headers, content, _request_timeout=(CONNECT_SECONDS, seconds))
        response: urllib3.BaseHTTPResponse = answer.response
        return response

    def _refused(self, path: str, response: urllib3.BaseHTTPResponse) -> Refused:
        with translated(self.host):
            raw = read_up_to(response, _LARGEST_REFUSAL)
        if response.status == 401:
            self._reload()
        text = f"{self.host}{path} answered {response.status}: {_said(raw) or response.reason or 'no reason given'}"
        if response.status == GONE:
            return Expired(text)
        return Refused(text, status=response.status, retry_after=_seconds(response.headers.get("Retry-After")))

    def _reload(self) -> None:
        """Read the credentials anew: a token file may have been rotated, an exec plugin's token may have expired."""
        try:
            self._client = _client(self._context, self._config_file)
        except Unavailable:
            log.warning("the credentials for %s cannot be read again", self.host, exc_info=True)


def read_up_to(response: urllib3.BaseHTTPResponse, most: int) -> bytes:
    """The body; what exceeds `most` bytes is left unread."""
    parts: list[bytes] = []
    size = 0
    while size < most and (part := response.read(min(1 << 20, most - size))):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


@contextmanager
def translated(host: str) -> Iterator[None]:
    """What the client and its connection raise, as Unavailable."""
    try:
        yield
    except HTTPError as error:
        raise Unavailable(f"the API server at {host} cannot be reached: {_brief(error)}") from error
    except ApiException as error:
        raise Unavailable(f"the API server at {host} cannot be trusted: {error.reason}", permanent=True) from error
    except (OSError, config.ConfigException) as error:
        raise Unavailable(f"the credentials for {host} cannot be used: {_brief(error)}") from error


def _client(context: str | None, config_file: str | None) -> ApiClient:
    configuration = Configuration()
    try:
        config.load_kube_config(config_file, context, configuration, persist_config=False)  # type: ignore[no-untyped-call]  # as above
    except _BAD_KUBECONFIG as error:
        _load_from_pod(configuration, context or config_file, error)
    configuration.retries = False  # the watch has its own patience, and urllib3's cannot be interrupted
    configuration.keep_alive = True
    return ApiClient(configuration)


def _load_from_pod(configuration: Any, named: str | None, why_not: Exception) -> None:  # noqa: ANN401 the client's
    """The service account of the pod we run in, unless a context or a file was asked for by name."""
    if named is not None:
        raise Unavailable(
            f"the kubeconfig cannot be used for {named!r}: {_brief(why_not)}", permanent=True
        ) from why_not
    try:
        config.load_incluster_config(configuration)  # type: ignore[no-untyped-call]  # as above
    except (config.ConfigException, OSError) as error:
        raise Unavailable(
            f"no cluster to watch: the kubeconfig cannot be used ({_brief(why_not)}), and this is no pod ({error})",
            permanent=True,
        ) from why_not


def _said(raw: bytes) -> str:
    """The message of a metav1.Status, else the first line of whatever came."""
    try:
        status = msgspec.json.decode(raw, type=ApiStatus)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw[:200].decode("utf-8", "replace").strip().partition("\n")[0]
    return (status.message or status.reason or "")[:500]


def _seconds(retry_after: str | None) -> float | None:
    if retry_after is None or not retry_after.isascii() or not retry_after.isdigit():
        return None
    return min(float(retry_after), 300.0)


def _brief(error: Exception) -> str:
    """An error in one line, without the connection object that urllib3 puts before the reason."""
    return _CONNECTION.sub("", " ".join(str(error).split()))[:300] or type(error).__name__


def _let_go(response: urllib3.BaseHTTPResponse) -> None:
    """Back to the pool if it was read to its end, else closed: nobody waits for the rest of a watch."""
    if getattr(response, "length_remaining", None) != 0 and not response.closed:
        response.close()
    response.release_conn()
