"""Telephone and identity numbers are found however they are written."""

import pytest

from outreach.privacy import private_number


@pytest.mark.parametrize(
    "text",
    [
        "电话13812345678",
        "电话 138 1234 5678。",
        "138-1234-5678找他",
        "+8613812345678",
        "１３８１２３４５６７８",
        "身份证13052919800101123X",
        "身份证 130529 19800101 1234",
        "0319-4321234",
        "座机0319 43212345",
        "2026-05-20 13812345678来电",
        "回访3户 2 13812345678",
        "138\u200b1234\u200b5678",
        "\u202e138\u200f12345678",
    ],
)
def test_a_private_number_is_found(text):
    assert private_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "3组-017 3组-021",
        "2026-11-22 13:30",
        "村代码130529100001",
        "投资1234567890元",
        "亩产 980 斤",
    ],
)
def test_other_numbers_are_let_through(text):
    assert private_number(text) is None
