"""What a risk function says when its input cannot carry a figure.

- RiskInputError (ValueError)
    - InsufficientHistory   fewer observations than the method needs
    - NotFinite             a NaN or an infinity where a number was expected
    - ShapeMismatch         arrays that do not belong together, or of the wrong dimension
    - OutOfRange            a parameter outside its domain
    - NotPositive           a price, variance or equity that must be above zero
    - InvalidWeights        probabilities that are negative or do not sum to one
    - SingularMatrix        a covariance that cannot be inverted or is not a covariance
    - OutsideValidity       the formula's own region of validity was left (Cornish-Fisher)
    - NotConverged          an iterative estimate that did not settle

Each message reads: what was, what was expected, what to do.
"""


class RiskInputError(ValueError):
    """Base of everything a risk function refuses; catching it means "this figure is unknown"."""


class InsufficientHistory(RiskInputError):
    """Too few observations for the method.

    Attributes
    ----------
    n_observations : int
        How many there were.
    n_needed : int
        How many the method needs.
    """

    def __init__(self, message: str, *, n_observations: int, n_needed: int) -> None:
        super().__init__(message)
        self.n_observations = n_observations
        self.n_needed = n_needed


class NotFinite(RiskInputError):
    """A NaN or an infinity; a gap is never taken for a zero."""


class ShapeMismatch(RiskInputError):
    """Arrays of the wrong dimension, or that do not belong together."""


class OutOfRange(RiskInputError):
    """A parameter outside its domain."""


class NotPositive(RiskInputError):
    """A price, variance or equity that has to be above zero and was not."""


class InvalidWeights(RiskInputError):
    """Scenario probabilities that are negative or do not sum to one."""


class SingularMatrix(RiskInputError):
    """A matrix that had to be inverted and could not be, or is no covariance."""


class OutsideValidity(RiskInputError):
    """The formula was asked for outside the region in which it holds."""


class NotConverged(RiskInputError):
    """An iterative estimate did not settle."""
