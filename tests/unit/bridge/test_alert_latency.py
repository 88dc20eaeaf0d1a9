from plimsoll.bridge.alert_latency import latency_words


def test_that_the_figure_is_the_99th_percentile_beside_its_rule() -> None:
    assert latency_words(list(range(101))) == "Tick to dialog: p99 99 ms over 101 breaches (rule: 5 s)"
    assert latency_words([1500.0]) == "Tick to dialog: p99 1.5 s over 1 breach (rule: 5 s)"


def test_that_before_a_breach_there_is_no_figure() -> None:
    assert "no breach yet" in latency_words([])
