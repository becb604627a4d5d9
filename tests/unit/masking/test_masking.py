from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import catalogue
from bot.domain.text.masking import Masked, mask, mask_value, masked_line
from tests.unit.masking.formats import FORMATS, Format
from tests.unit.masking.page import page
from tests.unit.masking.useful import USEFUL

UNSEEN = (
    "\x1b[31m",
    "\x1b[0;1m",
    "\x1b(B",
    "\x1b]0;t\x07",
    "\u200b",
    "\u2060",
    "\u00ad",
    "\ufeff",
    "\u202e",
    "\x00",
    "x\x08",
)
formats = pytest.mark.parametrize("said", FORMATS, ids=lambda each: each.name)


@formats
def test_a_secret_of_each_format_is_masked_and_the_words_before_it_stay(said: Format) -> None:
    masked = mask(f"before {said.said} after")
    assert said.secret not in masked
    assert "[masked " in masked
    assert masked.startswith("before ")


@formats
def test_no_part_of_a_secret_stays(said: Format) -> None:
    masked = mask(said.said)
    parts = {said.secret[at : at + 12] for at in range(len(said.secret) - 11)}
    assert not any(part in masked for part in parts if part not in said.said.replace(said.secret, ""))


@formats
def test_no_character_that_is_unseen_saves_a_secret(said: Format) -> None:
    chance = random.Random(said.name)
    for unseen in UNSEEN:
        place = chance.randrange(1, len(said.secret))
        broken = said.said.replace(said.secret, f"{said.secret[:place]}{unseen}{said.secret[place:]}")
        assert said.secret not in mask(broken)


@formats
def test_masking_twice_changes_nothing(said: Format) -> None:
    masked = mask(said.said)
    assert mask(str(masked)) == masked


@pytest.mark.parametrize("line", USEFUL)
def test_a_useful_line_stays_as_it_is(line: str) -> None:
    assert mask(line) == line


def test_the_page_shows_what_is_masked_and_what_stays() -> None:
    assert Path("docs/masking.md").read_text(encoding="utf-8") == page()


@given(st.lists(st.sampled_from([each.said for each in FORMATS] + list(USEFUL)), max_size=4), st.text(max_size=8))
@settings(max_examples=150, deadline=None)
def test_no_secret_survives_in_company(parts: list[str], between: str) -> None:
    masked = mask(f" {between} \n".join(parts))
    assert mask(str(masked)) == masked
    for each in FORMATS:
        assert each.secret not in masked or each.said not in parts


@given(st.text())
@settings(max_examples=300)
def test_masking_any_text_twice_changes_nothing(text: str) -> None:
    masked = mask(text)
    assert mask(str(masked)) == masked


@formats
def test_a_secret_right_after_a_key_that_is_cut_off_is_masked_too(said: Format) -> None:
    assert said.secret not in mask(f"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n{said.said}")


@formats
def test_a_secret_in_a_text_within_json_is_masked(said: Format) -> None:
    assert json.dumps(said.secret)[1:-1] not in mask(json.dumps({"log": said.said + "\n"}))


def test_the_words_around_a_secret_stay() -> None:
    masked = mask("psycopg failed: postgresql://bot:hunter22@db:5432/failures timed out")
    assert masked == "psycopg failed: postgresql://bot:[masked password in a URL]@db:5432/failures timed out"


def test_a_mask_that_somebody_wrote_hides_nothing() -> None:
    assert "hunter2" not in mask("[masked password=hunter2]")


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("NCCL_DEBUG", "INFO", "INFO"),
        ("RAY_AUTH_TOKEN", "hunter-two-1", "[masked value]"),
        ("TF_PASSWORD", "swordfish", "[masked value]"),
        ("RAY_ADDRESS", "ray://ana:hunter2@head:10001", "ray://ana:[masked password in a URL]@head:10001"),
        ("TORCH_HOME", "/data/torch", "/data/torch"),
    ],
)
def test_the_value_of_a_variable_is_masked_by_its_name_and_by_itself(name: str, value: str, kept: str) -> None:
    assert mask_value(name, value) == kept


def test_what_went_through_the_door_does_not_go_again_and_its_ends_neither() -> None:
    masked = mask("token=abc123def456 and more")
    assert mask(masked) is masked
    assert type(masked.first(4)) is type(masked.last(4)) is Masked


def test_a_line_is_masked_before_it_is_cut() -> None:
    secret = FORMATS[0]
    for most in range(4, 60):
        assert secret.secret[:12] not in masked_line(f"key {secret.secret}", most)


def test_no_text_of_the_catalogue_is_masked() -> None:
    known = catalogue.load()
    said = [
        text
        for one in known.signatures
        for text in (one.title, one.explanation, *(fix.description for fix in one.rules))
    ]
    said += [
        text for one in known.types for text in (one.title, one.explanation, *(fix.description for fix in one.rules))
    ]
    assert [text for text in said if mask(text) != text] == []


PIECES = [
    *("eyJ", "-eyJ", "eyJa.", "sk-", "a:", "://", "http://a:", "http://a:b", "password", "password=", '"password":"'),
    *("token ", "token=", "token:", "--token ", "secret_", "secret:", "a-", "-----BEGIN PRIVATE KEY-----", "-----"),
    *("wandb ", "bearer ", "x-a-", 'auth":"', "authorization: basic ", "cookie: a=", "'", "\\", "a", "0", " ", "\n"),
    *("_key", "key.", "key=b&", "ghp_", "AKIA", "$2b$12$", "mysql -p", " login -p", "curl -u a:", "login a password "),
    *("name: a\nvalue: ", "kind: secret\ndata:\n  a: b\n", "?sig=", "&token=", "a.b.c.", "A1b2C3d4", "\u200b", "\x1b["),
    *("-----BEGIN PRIVATE KEY-----\nAAAAAAAAAAAAAAAAAAAAAAAA\n", "a\x08", "[masked key]", "password is ", "pass"),
    *("identified by '", "<password>", "a:1234:b:c:", "echo ", "ldap -w ", "\\n", 'key="password" value="'),
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_masking_takes_linear_time_on_hostile_text(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize("value", ["hunter2secret", "mysecret1", "password123"])
def test_one_word_with_a_digit_is_a_password_though_it_has_the_name_of_one_in_it(value: str) -> None:
    assert value not in mask(f"password={value}")


@pytest.mark.parametrize("value", ["DB_PASSWORD_2", "db_password_2", "dbPassword2"])
def test_the_name_of_a_variable_that_holds_a_password_is_none(value: str) -> None:
    assert value in mask(f"password={value}")
