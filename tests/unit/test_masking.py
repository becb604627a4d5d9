from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.text.masking import mask

# What is said, and the part of it that nobody may see. Made up; the shapes are the real ones.
SECRETS = [
    ("aws_access_key_id = AKIAQ3EGR7TXY2ZKLMNO", "AKIAQ3EGR7TXY2ZKLMNO"),
    ("using key ASIAQ3EGR7TXY2ZKLMNO for s3", "ASIAQ3EGR7TXY2ZKLMNO"),
    ("AWS_SECRET_ACCESS_KEY=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", "wJalrXUtnFEMIK7MDENG"),
    ("    AWS_SECRET_ACCESS_KEY:  wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz", "wJalrXUtnFEMIK7MDENG"),
    ("key AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzaSyA1234567890"),
    ("token ya29.a0AfH6SMBx-1234567890abcdefghij", "a0AfH6SMBx-1234567890"),
    (
        "GET https://acct.blob.core.windows.net/c/f?sv=2022-11-02&sig=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA%3D%3D&se=1",
        "Zm9vYmFyYmF6cXV4",
    ),
    (
        "DefaultEndpointsProtocol=https;AccountName=ml;AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==;EndpointSuffix=x",
        "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
    ),
    ("jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLXBhcnQ", "eyJzdWIiOiJhbmEifQ"),
    ("Authorization: Bearer 9f8e7d6c5b4a39281706f5e4d3c2b1a0", "9f8e7d6c5b4a39281706f5e4d3c2b1a0"),
    ("-H 'Authorization: Basic YW5hOmh1bnRlcjI='", "YW5hOmh1bnRlcjI="),
    ("sent header Bearer abc123.def456-ghi789", "abc123.def456-ghi789"),
    ("cloning https://ana:hunter22@git.corp/ml/train.git", "hunter22"),
    ("git clone https://x0123456789abcdef0123@git.corp/ml/train.git", "x0123456789abcdef0123"),
    ("postgresql://bot:s3cr3t/with/slash@db:5432/failures", "s3cr3t/with/slash"),
    ("redis://:p4ssw0rd@redis:6379/0", "p4ssw0rd"),
    ("mongodb+srv://svc:Tr0ub4dor@cluster0.example/db", "Tr0ub4dor"),
    ("Server=db;Database=ml;User Id=sa;Password=Corr3ctHorse;", "Corr3ctHorse"),
    ("xoxb-1234567890-abcdefghijkl posted", "1234567890-abcdefghijkl"),
    ("xapp-1-A0-123456-abcdef0123456789", "A0-123456-abcdef0123456789"),
    ("https://hooks.slack.com/services/T000/B000/XXXXYYYYZZZZ", "XXXXYYYYZZZZ"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "abcdefghijklmnopqrstuvwxyz0123456789"),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "11ABCDEFG0abcdefghijkl"),
    ("glpat-AbCdEfGhIjKlMnOpQrSt", "AbCdEfGhIjKlMnOpQrSt"),
    ("HF_TOKEN=hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "AbCdEfGhIjKlMnOpQrSt"),
    ("login with hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345", "AbCdEfGhIjKlMnOpQrSt"),
    ("OPENAI_API_KEY sk-proj-AbCdEfGhIjKlMnOpQrStUvWx", "AbCdEfGhIjKlMnOpQrStUvWx"),
    ("sk-ant-api03-AbCdEfGhIjKlMnOpQrSt_UvWx", "AbCdEfGhIjKlMnOpQrSt"),
    ("nvapi-AbCdEfGhIjKlMnOpQrStUvWxYz", "AbCdEfGhIjKlMnOpQrStUvWxYz"),
    ("pypi-AgEIcHlwaS5vcmcCJDEyMzQ1Njc4", "AgEIcHlwaS5vcmcCJDEy"),
    ("dckr_pat_AbCdEfGhIjKlMnOpQrStUvWxYz0", "AbCdEfGhIjKlMnOpQrSt"),
    ("hvs.CAESIAbCdEfGhIjKlMnOpQrSt", "CAESIAbCdEfGhIjKlMnOpQrSt"),
    ("WANDB_API_KEY=0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567"),
    ("wandb login 0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef01234567"),
    ('{"auths":{"reg.corp":{"auth":"YW5hOmh1bnRlcjI="}}}', "YW5hOmh1bnRlcjI="),
    ('{"username": "ana", "password": "hunter2 with blanks"}', "hunter2 with blanks"),
    ("{'db_password': 'hunter2!'}", "hunter2!"),
    ("mysql -u root --password=hunter2!", "hunter2!"),
    ("python train.py --api-key abc123def456 --lr 0.1", "abc123def456"),
    ("python push.py --token 'abc123def456'", "abc123def456"),
    ("export DB_PASSWORD=hunter2!", "hunter2!"),
    ("db.password: hunter2!", "hunter2!"),
    ("client_secret=0a1b2c3d4e5f&grant_type=x", "0a1b2c3d4e5f"),
    ("auth_token = 'abc123def456'", "abc123def456"),
    ("X-Auth-Token: 0a1b2c3d4e5f6a7b", "0a1b2c3d4e5f6a7b"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\nabcd\n-----END RSA PRIVATE KEY-----", "MIIEowIBAAKCAQEA"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", "b3BlbnNzaC1rZXk"),
    ('"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN\\n-----END PRIVATE KEY-----\\n"', "MIIEvQIBADAN"),
]

# What an engineer needs to read, and nobody has to hide.
HARMLESS = [
    "image registry.corp/ml/train@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "HEAD is now at 3f2a1b9c0d4e5f60718293a4b5c6d7e8f9012345 fix loader",
    "node gpu-node-03.internal, pod train-bert-0, uid 6f2c1a0e-33aa-47a5-8f2b-0b1de6e1e111",
    "NVRM: Xid (PCI:0000:3b:00): 79, pid=1203, GPU has fallen off the bus.",
    "GPU-3c22aa10-0000-1111-2222-333344445555",
    'Error: secret "regcred" not found',
    "Error: couldn't find key HF_TOKEN in Secret research/tokens",
    "KeyError: 'token'",
    "max_tokens: 4096, num_tokens=1200, tokens/s 10312",
    "max_token=4096 pad_token_id=128001 eos_token='</s>'",
    "ValueError: Asking to pad but the tokenizer does not have a padding token: pad_token is None",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
    "0/8 nodes are available: 8 Insufficient nvidia.com/gpu.",
    "https://registry-1.docker.io/v2/library/python/manifests/3.11",
    "password authentication failed for user ana",
    "unauthorized: authentication required",
    "OSError: You need to pass token=<your_token> or set token=True",
    "invalid load key, '<'.",
    "  - name: HF_TOKEN\n    valueFrom:\n      secretKeyRef:\n        name: tokens",
    "ran 12:00:01 https://example.org:443/a@b",
    "key: nvidia.com/gpu",
    "foreign_key=user.id primary_key=True sort_key: name",
    "Readiness: tcp-socket :8080",
    "basic training run, bearer of bad news",
]


@pytest.mark.parametrize(("said", "secret"), SECRETS)
def test_a_secret_is_masked(said: str, secret: str) -> None:
    masked = mask(f"before {said} after")
    assert secret not in masked
    assert "[masked " in masked
    assert masked.startswith("before ")


@pytest.mark.parametrize("said", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(said: str) -> None:
    assert mask(said) == said


@pytest.mark.parametrize("said", [said for said, _ in SECRETS])
def test_masking_twice_changes_nothing(said: str) -> None:
    assert mask(mask(said)) == mask(said)


@given(st.lists(st.sampled_from([said for said, _ in SECRETS] + HARMLESS), max_size=4), st.text(max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_secret_survives_in_company(parts: list[str], between: str) -> None:
    said = f" {between}\n".join(parts)
    masked = mask(said)
    assert mask(masked) == masked
    for text, secret in SECRETS:
        assert secret not in masked or text not in parts


@pytest.mark.parametrize(("said", "secret"), SECRETS)
def test_a_secret_right_after_a_key_that_is_cut_off_is_masked_too(said: str, secret: str) -> None:
    assert secret not in mask(f"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n{said}")


def test_the_words_around_a_secret_stay() -> None:
    masked = mask("psycopg failed: postgresql://bot:hunter22@db:5432/failures timed out")
    assert masked == "psycopg failed: postgresql://bot:[masked password in a URL]@db:5432/failures timed out"


PIECES = [
    "eyJ",
    "-eyJ",
    "eyJa.",
    "sk-",
    "a:",
    "://",
    "http://a:",
    "http://a:b",
    "password",
    "password=",
    '"password":"',
    "token ",
    "--token ",
    "secret_",
    "a-",
    "-----BEGIN PRIVATE KEY-----",
    "-----",
    "wandb ",
    "bearer ",
    "x-a-",
    'auth":"',
    "'",
    "\\",
    "a",
    "0",
    " ",
    "\n",
    "_key",
    "key.",
]


@pytest.mark.parametrize("piece", PIECES)
def test_masking_takes_linear_time_on_hostile_text(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 2.0
