from plimsoll.domain.method import MarkPolicy, RiskMethod


def test_that_the_method_is_stated_in_words() -> None:
    assert RiskMethod().in_words(498) == (
        "historical, 498 daily scenarios, 1 day, rank rule, VaR 95%, ES 97.5% with fractional tail"
    )


def test_that_marks_are_at_mid_unless_the_settings_say_otherwise() -> None:
    assert RiskMethod().mark_policy is MarkPolicy.MID
