from __future__ import annotations

from datetime import timedelta

import pytest

from bot.rendering import words
from bot.rendering.mrkdwn import clip, finalize, lines, name, person, prose, when
from tests.unit.rendering.values import NOW


@pytest.mark.parametrize(
    ("rate", "digits", "said"),
    [
        (0.258, 0, "26 %"),
        (0.857, 1, "85.7 %"),
        (0.0004, 0, "< 1 %"),
        (0.9996, 0, "> 99 %"),
        (0, 0, "0 %"),
        (1, 0, "100 %"),
    ],
)
def test_a_rate_is_said_as_a_share_of_hundred(rate: float, digits: int, said: str) -> None:
    assert words.percent(rate, digits) == said


@pytest.mark.parametrize(
    ("span", "said"),
    [(0, "0 min"), (0.2, "1 min"), (38, "38 min"), (120, "2 h"), (280, "4 h 40 min"), (4320, "3 days")],
)
def test_a_span_is_said_in_its_two_largest_units(span: float, said: str) -> None:
    assert words.minutes(span) == said
    assert words.duration(timedelta(minutes=span)) == said


def test_neighbouring_hours_are_one_span() -> None:
    assert words.hour_spans([16, 14, 15, 9]) == "9–10, 14–17"


def test_a_noun_follows_its_number() -> None:
    assert [words.plural(1, "job"), words.plural(1200, "job"), words.plural(2, "success", "successes")] == [
        "1 job",
        "1,200 jobs",
        "2 successes",
    ]


def test_gpu_hours_are_exact_while_they_are_few() -> None:
    assert [words.gpu_hours(0.44), words.gpu_hours(61.2), words.gpu_hours(1204)] == ["0.4", "61", "1,204"]


def test_a_share_of_nothing_is_no_number() -> None:
    assert words.share(0, 0) == "–"


def test_what_is_unknown_has_to_be_said_in_words() -> None:
    with pytest.raises(TypeError, match="unknown"):
        finalize(None)
    assert name(None) == "_unknown_"


def test_a_moment_is_shown_in_the_readers_zone_with_a_fallback() -> None:
    assert when(NOW, "Europe/Berlin") == "<!date^1795435500^{date_short_pretty} {time}|2026-11-23 13:05 CET>"


def test_only_a_slack_user_id_becomes_a_mention() -> None:
    assert person("U0ANA1234") == "<@U0ANA1234>"
    assert person("U1><!channel>") == "`U1&gt;&lt;!channel&gt;`"


def test_blanks_of_a_template_stay_where_they_join_words() -> None:
    assert prose(", ") == ", "
    assert prose(" · ") == " · "


def test_the_blank_lines_that_tags_leave_are_taken_out() -> None:
    assert lines("\n  a  \n\n   b\n") == "a\nb"


def test_a_long_text_is_cut_after_a_whole_line() -> None:
    assert clip("first line\nsecond line", 16) == "first line\n…"


@pytest.mark.parametrize("text", ["x" * 8 + "&amp;" * 5, "x" * 8 + "<!date^1^{time}|y>" * 3, "xx `" + "y" * 30 + "`"])
def test_a_cut_never_leaves_half_an_entity_link_or_code(text: str) -> None:
    for most in range(6, len(text)):
        cut = clip(text, most)
        assert len(cut) <= most
        assert not cut.rstrip("…").endswith(("&", "&a", "&am", "&amp"))
        assert cut.count("<") == cut.count(">")
        assert cut.count("`") % 2 == 0
