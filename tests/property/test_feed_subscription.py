"""Whatever codes AllTick dislikes, the search ends, and ends with all the others."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.feed.subscription import Subscription


@settings(deadline=None, max_examples=200)
@given(n_codes=st.integers(1, 300), data=st.data())
def test_that_halving_finds_every_bad_code_and_no_other_in_few_requests(
    n_codes: int, data: st.DataObject
) -> None:
    codes = [str(number) for number in range(n_codes)]
    bad = set(data.draw(st.lists(st.sampled_from(codes), max_size=6, unique=True)))
    subscription = Subscription(codes)
    n_requests = 0
    while subscription.needs_request:
        n_requests += 1
        if bad & set(subscription.next_list()):
            subscription.refuse()
        else:
            subscription.accept()
        assert n_requests <= 3 + len(bad) * (2 * math.ceil(math.log2(n_codes + 1)) + 1)
    assert set(subscription.refused) == bad
    assert subscription.accepted == tuple(code for code in codes if code not in bad)


@settings(deadline=None)
@given(
    answers=st.lists(st.sampled_from(["accept", "refuse", "shorten", "want", "forget", "drop"]), max_size=60)
)
def test_that_any_answers_in_any_order_leave_a_list_of_wanted_codes(answers: list[str]) -> None:
    codes = list("ABCDEFGHIJ")
    subscription = Subscription(codes)
    for place, answer in enumerate(answers):
        if answer == "want":
            codes = codes[1:] + codes[: place % 2]
            subscription.want(codes)
        elif answer == "forget":
            subscription.forget_answers()
        elif answer == "drop":
            subscription.drop(codes[:1])
        else:
            getattr(subscription, answer)()
        listed = subscription.next_list()
        assert list(listed) == [code for code in codes if code in set(listed)]
        assert not set(listed) & set(subscription.refused)
