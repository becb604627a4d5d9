"""Settings: one frozen value from `failures.yaml` and the environment. The only module that reads the environment."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.bounded_yaml import BadYaml, read_yaml
from bot.domain.text.masking import mask_value, masked_line

_MOST_NODES = 10_000
_LONGEST_FILE = 1_000_000
_LONGEST_SHOWN = 60
DEFAULT_FILE = Path("failures.yaml")
_PREFIX = "FAILURES_"


class BadSettings(Exception):
    """Settings that cannot be used. `problems` has one line for each mistake: the key, and what was expected."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SmtpEncryption(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class PagerService(StrEnum):
    """Whose API the pager has."""

    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"


class SlackMode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


class Cluster(BaseModel):
    """One Kubernetes API server to watch: the name it has in messages, and its kubeconfig context."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=63)
    context: str | None = None


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected an IANA time zone such as Europe/Berlin") from None
    return name


def _http_url(url: str) -> str:
    """Raises ValueError, which names nothing of the address: it may hold a password."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("expected an address such as https://host/path")
    return url


def _slack_key(name: str) -> Any:  # noqa: ANN401 pydantic's Field is typed so
    return Field(default=None, validation_alias=AliasChoices(name, name.lower()))


class Settings(BaseSettings):
    """Everything that can be set. Each key is also `FAILURES_<KEY>` in the environment, which wins over the file;
    Slack's tokens come under their own names."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="forbid", populate_by_name=True, enable_decoding=False
    )

    allowed_projects: tuple[str, ...] = ("*",)
    """Projects that may be shown; `"*"` is all of them, an empty list none."""
    db_path: Path = Path("failures.db")
    """The SQLite file, unless `database_url` is set."""
    database_url: SecretStr | None = None
    """`postgresql://user:password@host/name`, for teams."""
    lookback_days: int = Field(default=7, ge=1, le=366)
    """Days that an analysis covers when no period is asked for."""
    pattern_threshold: int = Field(default=3, ge=2, le=1000)
    """Failed jobs of one cause that make a pattern."""
    predict_precision: float = Field(default=0.8, ge=0.5, le=0.99)
    """Share of predictions that has to come true, on this installation's own history, before the bot makes any."""
    enable_auto_remediation: bool = False
    """Whether the bot may offer to act on the cluster; not used yet."""

    slack_mode: SlackMode = SlackMode.SOCKET
    slack_bot_token: SecretStr | None = _slack_key("SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = _slack_key("SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = _slack_key("SLACK_SIGNING_SECRET")
    slack_api_url: Annotated[str, AfterValidator(_http_url)] = Field(
        default="https://slack.com/api/", validation_alias=AliasChoices("SLACK_API_URL", "slack_api_url")
    )

    clusters: tuple[Cluster, ...] = ()
    """Clusters to watch; none named is the current context of KUBECONFIG, else the cluster the bot runs in."""
    project_labels: tuple[str, ...] = ("runai/queue", "kai.scheduler/queue")
    """Pod labels that name the project, the first that is there; else the namespace without `runai-`."""
    pending_minutes: int = Field(default=15, ge=1, le=1440)
    """Minutes after which a pod that cannot be scheduled is a failure."""
    log_lines: int = Field(default=200, ge=0, le=5000)
    """Last lines of a failed container's log that are read."""

    on_call_channel: str | None = None
    """Slack channel id for alerts about all projects."""
    on_call_group: str | None = Field(default=None, pattern=r"^S[A-Z0-9]+$")
    """Slack user group id that alerts mention."""
    pager: PagerService | None = None
    """`pagerduty` or `opsgenie`: alerts about all projects are sent there too."""
    pager_key: SecretStr | None = None
    """PagerDuty's routing key or Opsgenie's API key."""
    pager_url: Annotated[str, AfterValidator(_http_url)] | None = None
    """Address of the pager's API, where it is not the usual one."""
    responders: tuple[str, ...] = ("*",)
    """Slack user ids and user group ids that may handle incidents; `"*"` is everybody, an empty list nobody."""
    trusted_workspaces: tuple[str, ...] = ()
    """Slack workspace ids (T…, or E… of an organisation) whose people may act too, beside those of the bot's own."""
    owner: str | None = None
    """Slack user or channel id that is told when a channel or a cluster cannot be reached, or Slack was away; else the
    on-call channel."""
    digest_channel: str | None = None
    """Slack channel id for the weekly digest."""
    digest_project: str | None = None
    """The digest's project; none is all of them."""
    digest_weekday: int = Field(default=1, ge=1, le=7)
    """Day of the digest: 1 is Monday."""
    digest_hour: int = Field(default=9, ge=0, le=23)
    digest_mail: tuple[str, ...] = ()
    """Addresses that get the weekly digest by mail."""
    smtp_host: str | None = None
    """The mail server; without it no mail is sent."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_encryption: SmtpEncryption = SmtpEncryption.STARTTLS
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: str = "failures-bot@localhost"
    """The sender of mails."""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    """Time zone of the digest and of hours in reports."""
    sweep_seconds: int = Field(default=15, ge=1, le=60)
    """Seconds between two looks for what has to be told."""
    repeat_after_hours: int = Field(default=24, ge=1, le=720)
    """Hours before an alert that still holds is told again."""
    ask_owners: bool = True
    """Whether the owner of a job that ran after a change is asked, once, if that was the fix."""
    retention_days: int = Field(default=90, ge=7, le=3660)
    """Days that failures and attempts are kept."""
    gpu_prices: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default_factory=dict)
    """Price of one GPU hour by GPU type; "default" for the rest."""
    currency: str = Field(default="$", max_length=8)

    host: str = "0.0.0.0"  # noqa: S104 a probe and Prometheus reach the pod from outside it
    port: int = Field(default=8080, ge=0, le=65535)
    """`/livez`, `/readyz`, `/metrics`, and in HTTP mode `/slack/events`."""
    api_token: SecretStr | None = Field(default=None, min_length=16)
    """Bearer token of the JSON API under `/api/v1`; without one there is no API."""

    @field_validator("*", mode="before")
    @classmethod
    def _as_written(cls, value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 any key, any value
        """Lists and tables in the environment are YAML (so JSON too) or `a,b`; `no` is a truth value, not 0. No text
        has control characters: they end a header of a mail, or a path."""
        if _has_controls(value):
            raise ValueError("expected a text without control characters")
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and kind is not bool:
            raise ValueError(f"expected {getattr(kind, '__name__', kind)}, not yes or no")
        if isinstance(value, str) and str(kind).startswith(("tuple", "dict")):
            return _structure(value)
        return value

    @property
    def watched(self) -> tuple[Cluster, ...]:
        """The clusters to watch: the ones that are named, else the one that the kubeconfig or the pod gives."""
        return self.clusters or (Cluster(name="default"),)

    @property
    def store_url(self) -> str:
        """Where the knowledge graph is, for SQLAlchemy."""
        if self.database_url is None:
            return f"sqlite:///{self.db_path}"
        return self.database_url.get_secret_value()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the file said."""
        return env_settings, init_settings


def _has_controls(value: object) -> bool:
    """Of a text, or of any text in a list or a table."""
    if isinstance(value, str):
        return not value.isprintable()
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(_has_controls, inner))


def _structure(text: str) -> object:
    try:
        value = read_yaml(text, most=_MOST_NODES)
    except BadYaml:
        raise ValueError('expected a list such as ["a", "b"] or a,b') from None
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def load(path: Path | None = None) -> Settings:
    """Settings from this file (default `failures.yaml`, if it is there) and the environment. Raises BadSettings."""
    said = _file(path)
    unknown = [f"{masked_line(key, _LONGEST_SHOWN)}: there is no such setting" for key in said if not _is_known(key)]
    try:
        settings = Settings(**{key: value for key, value in said.items() if _is_known(key)})
    except ValidationError as error:
        raise BadSettings([*unknown, *map(_problem, error.errors())]) from None
    if unknown:
        raise BadSettings(unknown)
    return settings


def _is_known(key: str) -> bool:
    """Whether the file may have this key; pydantic has keywords of its own beside the fields."""
    return key in Settings.model_fields or (key.lower() in _UNDER_THEIR_OWN_NAMES and key.isupper())


def _file(path: Path | None) -> dict[str, Any]:
    """What the file says; an absent default file says nothing."""
    if path is None and not DEFAULT_FILE.exists():
        return {}
    path = path or DEFAULT_FILE
    try:
        said = read_yaml(_text_of(path), most=_MOST_NODES)
    except OSError as error:
        raise BadSettings([f"{path}: it cannot be read: {error.strerror or error}"]) from None
    except UnicodeDecodeError:
        raise BadSettings([f"{path}: it cannot be read: this is no UTF-8"]) from None
    except BadYaml as error:
        raise BadSettings([f"{path}: this is no YAML that can be used: {error}"]) from None
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise BadSettings([f"{path}: expected keys and values, such as `lookback_days: 7`"])
    return {str(key): value for key, value in said.items()}


def _text_of(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        text = file.read(_LONGEST_FILE + 1)
    if len(text) > _LONGEST_FILE:
        raise BadYaml(f"it is longer than {_LONGEST_FILE} characters")
    return text


def _problem(detail: Any) -> str:  # noqa: ANN401 pydantic's ErrorDetails is untyped below its top
    """One mistake in one line: the key as it is written, what was expected, what was there unless it may be secret."""
    key = masked_line(".".join(str(part) for part in detail["loc"]), _LONGEST_SHOWN)
    if detail["type"] == "extra_forbidden":
        return f"{key}: there is no such setting"
    expected = detail["msg"].removeprefix("Value error, ")
    there = detail["input"]
    if _is_secret([str(part) for part in detail["loc"]], there):
        return f"{key}: {expected}"
    return f"{key}: {expected}, not {masked_line(str(there)[:1000], _LONGEST_SHOWN)!r}"


def _is_secret(keys: list[str], there: object) -> bool:
    """Whether what was there may be a secret: by the setting's type, or by the names or the look of the value."""
    field = Settings.model_fields.get(keys[0].lower())
    if field is None or "SecretStr" in str(field.annotation) or isinstance(there, dict | list):
        return True
    return any("[masked " in mask_value(key, str(there)) for key in keys)


_UNDER_THEIR_OWN_NAMES = frozenset({"slack_bot_token", "slack_app_token", "slack_signing_secret", "slack_api_url"})


def missing_to_run(settings: Settings) -> list[str]:
    """What `failures run` needs beside the defaults: one line for each key that is not set."""
    needed = {"SLACK_BOT_TOKEN": (settings.slack_bot_token, "the bot token, xoxb-…, from OAuth & Permissions")}
    if settings.slack_mode is SlackMode.SOCKET:
        needed["SLACK_APP_TOKEN"] = (
            settings.slack_app_token,
            "the app-level token, xapp-…, with the scope connections:write, from Basic Information",
        )
    else:
        needed["SLACK_SIGNING_SECRET"] = (settings.slack_signing_secret, "the signing secret, from Basic Information")
    return [f"{key}: not set; expected {expected}" for key, (value, expected) in needed.items() if not value]


def environment() -> dict[str, str]:
    """The environment as it is, for a process that is to have the same."""
    return dict(os.environ)  # noqa: TID251 this module is the one that reads it
