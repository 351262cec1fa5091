"""Tests of `interviews/exchange/segment_headings`."""

from __future__ import annotations

from cssp.interviews.exchange.segment_headings import HEADINGS


def test_no_heading_is_known_for_two_roles():
    taken = {}
    for role, names in HEADINGS.items():
        for name in names:
            assert name == name.casefold()
            assert taken.setdefault(name, role) == role, name
