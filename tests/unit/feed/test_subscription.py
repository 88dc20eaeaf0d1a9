from plimsoll.feed.subscription import Subscription

CODES = tuple("ABCDEFGH")


def settle(subscription: Subscription, bad: set[str], *, most: int = 1000) -> int:
    """Play AllTick until nothing is left to ask; return the number of requests."""
    n_requests = 0
    while subscription.needs_request:
        listed = subscription.next_list()
        n_requests += 1
        assert n_requests < 200
        if len(listed) > most:
            subscription.shorten()
        elif bad & set(listed):
            subscription.refuse()
        else:
            subscription.accept()
    return n_requests


def test_that_a_good_list_takes_one_request() -> None:
    subscription = Subscription(CODES)
    assert subscription.next_list() == CODES
    assert settle(subscription, set()) == 1
    assert subscription.accepted == CODES


def test_that_an_empty_list_asks_for_nothing() -> None:
    assert not Subscription().needs_request


def test_that_a_bad_code_is_found_and_the_others_are_kept_in_their_order() -> None:
    subscription = Subscription(CODES)
    assert settle(subscription, {"C", "H"}) < 16
    assert subscription.refused == ["C", "H"]
    assert subscription.accepted == tuple("ABDEFG")


def test_that_the_list_is_sent_again_whole_when_its_last_trial_was_refused() -> None:
    subscription = Subscription(("A", "B"))
    subscription.next_list()
    subscription.refuse()
    assert subscription.next_list() == ("A",)
    subscription.accept()
    assert subscription.next_list() == ("A", "B")
    subscription.refuse()
    assert subscription.next_list() == ("A",)
    subscription.accept()
    assert not subscription.needs_request


def test_that_a_list_too_long_for_the_plan_is_halved_from_its_end() -> None:
    subscription = Subscription(CODES)
    settle(subscription, set(), most=5)
    assert subscription.accepted == tuple("ABCD")
    assert subscription.cut == list("EFGH")


def test_that_a_plan_without_room_for_one_code_ends_the_asking() -> None:
    subscription = Subscription(("A",))
    subscription.next_list()
    subscription.shorten()
    assert subscription.next_list() == ()
    subscription.accept()
    assert not subscription.needs_request
    assert subscription.cut == ["A"]


def test_that_a_list_the_plan_has_no_more_room_for_ends_the_asking() -> None:
    subscription = Subscription(("A",))
    settle(subscription, set())
    subscription.want(())
    subscription.shorten()
    assert subscription.next_list() == ()


def test_that_a_changed_list_is_sent_whole() -> None:
    subscription = Subscription(("A", "B"))
    settle(subscription, set())
    subscription.want(("C", "A", "B"))
    assert subscription.next_list() == ("C", "A", "B")
    subscription.accept()
    assert subscription.accepted == ("C", "A", "B")


def test_that_a_shorter_list_is_sent_too() -> None:
    subscription = Subscription(("A", "B"))
    settle(subscription, set())
    subscription.want(("B",))
    assert subscription.needs_request
    assert subscription.next_list() == ("B",)


def test_that_a_list_emptied_is_cancelled() -> None:
    subscription = Subscription(("A",))
    settle(subscription, set())
    subscription.want(())
    assert subscription.needs_request
    assert subscription.next_list() == ()


def test_that_a_refused_code_is_not_asked_for_again() -> None:
    subscription = Subscription(("A", "B"))
    settle(subscription, {"B"})
    subscription.want(("A", "B", "C"))
    assert subscription.next_list() == ("A", "C")
    subscription.forget_answers()
    assert subscription.next_list() == ("A", "C")


def test_that_after_a_reconnection_the_whole_list_is_sent_again() -> None:
    subscription = Subscription(CODES)
    settle(subscription, set())
    subscription.forget_answers()
    assert subscription.accepted == ()
    assert subscription.next_list() == CODES


def test_that_codes_refused_elsewhere_are_left_out() -> None:
    subscription = Subscription(("A", "B", "C"))
    subscription.drop(["B"])
    assert subscription.next_list() == ("A", "C")
    subscription.accept()
    subscription.drop(["B"])
    assert not subscription.needs_request
    assert subscription.refused == ["B"]


def test_that_a_list_refused_after_it_was_accepted_is_searched_anew() -> None:
    subscription = Subscription(("A", "B"))
    settle(subscription, set())
    subscription.want(("A",))
    subscription.next_list()
    subscription.refuse()
    settle(subscription, {"A"})
    assert subscription.refused == ["A"]
    assert subscription.accepted == ()


def test_that_giving_up_ends_the_asking() -> None:
    subscription = Subscription(CODES)
    subscription.give_up()
    assert not subscription.needs_request


def test_that_a_code_accepted_here_stays_though_it_was_refused_elsewhere() -> None:
    subscription = Subscription(("A", "B"))
    settle(subscription, set())
    subscription.drop(["B"])
    assert subscription.accepted == ("A", "B")


def test_that_a_code_wanted_twice_is_asked_for_once() -> None:
    assert Subscription(("A", "B", "A")).next_list() == ("A", "B")
