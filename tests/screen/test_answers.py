"""Answers to the query never become keys, in whatever pieces they arrive; everything else passes."""

from __future__ import annotations

import pytest

from tuimove.screen.line.answers import AnswerFilter


@pytest.mark.parametrize("cut", range(9))
def test_an_answer_in_two_pieces_is_taken_out(cut: int) -> None:
    text = "q\x1b[12;34Rx"
    answers = AnswerFilter()
    passed = answers.feed(text[:cut], is_awaited=True) + answers.feed(text[cut:], is_awaited=True)
    if cut - 1 > 2:  # from the first digit on it is held back; before that, Textual's parser waits for the rest
        assert (passed, answers.count, answers.is_holding) == ("qx", 1, False)
    assert passed.startswith("q")
    assert passed.endswith("x")


def test_several_answers_between_keys_are_counted() -> None:
    answers = AnswerFilter()
    assert answers.feed("a\x1b[1;1Rb\x1b[40;120R\x1b[A", is_awaited=True) == "ab\x1b[A"
    assert answers.count == 2


@pytest.mark.parametrize("keys", ["\x1b", "\x1b[A", "\x1b[1;5A", "\x1b[3~", "\x1b[<0;10;10M", "\x1b[97;5u", "[1;1R"])
def test_keys_pass(keys: str) -> None:
    answers = AnswerFilter()
    assert answers.feed(keys, is_awaited=True) == keys
    assert not answers.count


def test_what_looked_like_an_answer_is_released() -> None:
    answers = AnswerFilter()
    assert answers.feed("\x1b[1;", is_awaited=True) == ""
    assert answers.is_holding
    assert answers.release() == "\x1b[1;"
    assert not answers.is_holding


def test_nothing_is_held_back_while_no_answer_is_awaited() -> None:
    assert AnswerFilter().feed("\x1b[1;", is_awaited=False) == "\x1b[1;"
