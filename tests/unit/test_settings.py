"""Settings: the file, the environment over it, and every mistake at once."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import BadSettings, Cluster, Settings, SlackMode, load, missing_to_run


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)


def in_file(text: str) -> Settings:
    Path("failures.yaml").write_text(text, encoding="utf-8")
    return load()


def problems_of(text: str) -> list[str]:
    with pytest.raises(BadSettings) as bad:
        in_file(text)
    return bad.value.problems


def test_without_a_file_the_defaults_are_the_seeds() -> None:
    settings = load()
    assert settings.allowed_projects == ("*",)
    assert settings.store_url == "sqlite:///failures.db"
    assert (settings.lookback_days, settings.pattern_threshold) == (7, 3)
    assert settings.enable_auto_remediation is False


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES_LOOKBACK_DAYS", "14")
    assert in_file("lookback_days: 3\npattern_threshold: 5").lookback_days == 14
    assert in_file("lookback_days: 3\npattern_threshold: 5").pattern_threshold == 5


@pytest.mark.parametrize("written", ['["ml-team", "research"]', "ml-team, research", "ml-team,research,"])
def test_a_list_in_the_environment_is_json_or_has_commas(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES_ALLOWED_PROJECTS", written)
    assert load().allowed_projects == ("ml-team", "research")


def test_slacks_tokens_come_under_their_own_names_and_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("FAILURES_SLACK_MODE", "http")
    settings = load()
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_mode is SlackMode.HTTP
    assert "xoxb-1" not in repr(settings)


def test_clusters_are_named_contexts() -> None:
    assert in_file("clusters: [{name: eu, context: prod-eu}, {name: us}]").clusters == (
        Cluster(name="eu", context="prod-eu"),
        Cluster(name="us"),
    )


def test_all_mistakes_are_reported_at_once_each_with_its_key() -> None:
    problems = problems_of(
        "lookbak_days: 3\nport: no\npattern_threshold: many\ntime_zone: Mars/Olympus\nclusters: [{}]"
    )
    assert [problem.split(":")[0] for problem in sorted(problems)] == [
        "clusters.0.name",
        "lookbak_days",
        "pattern_threshold",
        "port",
        "time_zone",
    ]
    assert any("Europe/Berlin" in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [("a: [", "no YAML"), ("- a", "expected keys and values"), ("allowed_projects: {a: 1}", "allowed_projects")],
)
def test_a_file_that_is_none_says_so(text: str, words: str) -> None:
    assert words in problems_of(text)[0]


def test_a_file_that_was_named_has_to_be_there() -> None:
    with pytest.raises(BadSettings, match="it cannot be read"):
        load(Path("absent.yaml"))


def test_a_wrong_token_is_not_shown_in_the_mistake() -> None:
    assert not any("hunter2" in problem for problem in problems_of("slack_bot_token: {hunter2: 1}"))


def test_running_needs_the_tokens_of_the_mode() -> None:
    assert [line.split(":")[0] for line in missing_to_run(in_file(""))] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert [line.split(":")[0] for line in missing_to_run(in_file("slack_mode: http"))] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
    ]


SECRET = "Tr0ub4dor-and-3"


@pytest.mark.parametrize(
    "text",
    [
        "smtp_password: 12345678",
        f"smtp_password: [{SECRET}]",
        f"database_url: {{a: {SECRET}}}",
        f"api_token: {SECRET[:12]}",
        f"pager_key: [{SECRET}]",
        f"smtp_passwort: {SECRET}",
        f"smtp_port: password={SECRET}",
        f"time_zone: {SECRET} password={SECRET}",
        f"clusters: [{{name: eu, password: {SECRET}}}]",
        f"slack_api_url: http://ana:{SECRET}@x:99999999/",
        f"pager_url: ftp://ana:{SECRET}@x/",
        f'smtp_password: "{SECRET}',
        f"smtp_password: !{SECRET} x",
        f"smtp_password: *{SECRET}",
        f"- smtp_password={SECRET}",
        f"password={SECRET}: 1",
        f'smtp_host: "a\\0 password={SECRET}"',
    ],
)
def test_no_mistake_in_a_setting_shows_a_secret(text: str) -> None:
    problems = problems_of(text)
    assert problems
    assert not any(SECRET[:10] in each or "12345678" in each for each in problems)


@pytest.mark.parametrize(
    "text",
    [
        'host: "a\\0"', 'db_path: "a\\0b"', 'mail_from: "a@b\\r\\nBcc: c@d"', 'digest_mail: ["a@b\\nc"]',
        "_env_file: x", "_cli_parse_args: true", "self: 1", "__class__: 1", "null: 1", "1: 2", "2026-01-01: x",
        "lookback_days: 1" + "0" * 5000, "lookback_days: .nan", "gpu_prices: {a: .inf}", "port: 0x1ffff",
        "time_zone: ..",
        "clusters: [[[[[[a]]]]]]", 'clusters: [{name: ""}]', "allowed_projects: {a: b}", "gpu_prices: [1]",
        "a: &a [*a]", "[" * 5000, "x" * 2_000_000, "slack_api_url: http://[::1", "pager_url: http://x:abc", "\ufffe",
    ],
)  # fmt: skip
def test_odd_settings_are_mistakes_in_one_line_each(text: str) -> None:
    assert all("\n" not in each and len(each) < 400 for each in problems_of(text))


def test_a_bomb_in_the_environment_is_a_mistake_like_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILURES_ALLOWED_PROJECTS", "[" * 100_000)
    with pytest.raises(BadSettings):
        load()


_KEYS = sorted(Settings.model_fields)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates() | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    said=st.dictionaries(st.sampled_from(_KEYS) | st.text(max_size=8), _ANY, max_size=4), secret=st.sampled_from(_KEYS)
)
@settings(max_examples=300, deadline=None)
def test_whatever_a_file_says_is_settings_or_mistakes_in_words(said: dict[str, object], secret: str) -> None:
    said |= {secret: {"password": SECRET}}
    Path("failures.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    with pytest.raises(BadSettings) as bad:
        load()
    assert all("\n" not in each and SECRET not in each for each in bad.value.problems)
