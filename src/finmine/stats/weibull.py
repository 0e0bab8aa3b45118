"""The Weibull accelerated-failure-time model: how many times as long units with a property take, censored ones included.

log T = Xβ + σ ε with ε of the least extreme value; a **time ratio** is exp(β). Fitted by maximum likelihood; errors from the
numeric Hessian of the log-likelihood at its maximum. Source: J. D. Kalbfleisch and R. L. Prentice 2002, chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finmine.stats.estimate import Estimate
from finmine.stats.rates import Z
from finmine.stats.sample import Flags, Floats


@dataclass(frozen=True, slots=True)
class Weibull:
    """A fitted model: ``shape`` (above 1: the longer it took the sooner it ends), ``scale`` where all properties are 0, a time ratio for each property."""

    shape: float
    scale: float
    ratios: tuple[Estimate, ...]
    log_likelihood: float


_NARROWEST = -15.0  # logarithm of the width below which times do not vary, and the likelihood grows without end


class NotFitted(ArithmeticError):
    """The likelihood has no maximum that could be found, as where no end was seen or all units of a kind take equally long."""


def fit(times: Floats, ended: Flags, properties: Floats) -> Weibull:
    """Fit the model; ``times`` must be above 0 and ``properties`` holds one column for each property (none: an array of no columns).

    Raises:
        NotFitted: no maximum was found.
    """
    from scipy.optimize import minimize

    if not ended.any():
        raise NotFitted
    unit = float(np.exp(np.mean(np.log(times))))
    logs = np.log(times / unit)
    design = np.column_stack((np.ones(len(times)), properties))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        width = np.exp(parameters[-1])
        z = (logs - design @ parameters[:-1]) / width
        grown = np.exp(np.minimum(z, 700))
        value = -float(np.sum(np.where(ended, z - parameters[-1], 0) - grown))
        slope = (np.where(ended, 1.0, 0.0) - grown) / width
        return value, np.append(design.T @ slope, float(np.sum(np.where(ended, z + 1, 0) - grown * z)))

    begin = np.zeros(design.shape[1] + 1)
    begin[0] = float(np.mean(logs))
    with np.errstate(over="ignore", invalid="ignore"):
        found = minimize(loss, begin, jac=True, method="BFGS", options={"gtol": 1e-8 * max(1, len(times)), "maxiter": 500})
        if not np.all(np.isfinite(found.x)) or found.x[-1] < _NARROWEST:
            raise NotFitted
        errors = _errors(lambda at: loss(at)[1], found.x)
    if not np.all(np.isfinite(errors)):
        raise NotFitted
    beta = found.x[1:-1]
    ratios = tuple(
        Estimate(float(np.exp(value)), float(np.exp(value - Z * error)), float(np.exp(value + Z * error)), len(times), "Weibull time ratio")
        for value, error in zip(beta, errors[1:-1], strict=True)
    )
    likelihood = -float(found.fun) - float(np.sum(np.log(times[ended])))
    return Weibull(float(np.exp(-found.x[-1])), float(np.exp(found.x[0])) * unit, ratios, likelihood)


def _errors(gradient: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Standard errors from the Hessian, by central differences of the gradient."""
    size = len(at)
    hessian = np.empty((size, size))
    for place in range(size):
        step = 1e-5 * max(1.0, abs(float(at[place])))
        moved = np.zeros(size)
        moved[place] = step
        hessian[place] = (gradient(at + moved) - gradient(at - moved)) / (2 * step)
    try:
        variance = np.linalg.inv((hessian + hessian.T) / 2)
    except np.linalg.LinAlgError:
        raise NotFitted from None
    found: Floats = np.sqrt(np.diag(variance))
    return found
