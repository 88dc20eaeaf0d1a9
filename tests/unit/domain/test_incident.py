"""The fixed lists by which incidents are filed."""

from plimsoll.domain.incident import IncidentCause, Resolution


def test_that_every_cause_and_every_resolution_has_words_of_its_own() -> None:
    for members in (IncidentCause, Resolution):
        captions = [member.caption for member in members]
        assert all(captions)
        assert len(set(captions)) == len(captions)


def test_that_the_lists_hold_what_the_desk_agreed_on() -> None:
    assert list(IncidentCause) == [
        "market_move",
        "position_error",
        "bad_price",
        "limit_too_tight",
        "model",
        "operational",
    ]
    assert list(Resolution) == [
        "reduced",
        "hedged",
        "accepted",
        "reversed",
        "data_corrected",
        "limit_changed",
    ]
