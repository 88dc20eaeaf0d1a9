"""Makes the alarm sounds beside it, which are ours: `python resources/sounds/make_sounds.py`."""  # noqa: INP001

import sys
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
RATE = 22_050  # samples per second
ATTACK_S = 0.008  # without it a tone begins with a click
SEVERITIES = {
    # Hz and seconds of each tone; rising, and with more of them, is more urgent.
    "medium": ((523.25, 0.22),),
    "high": ((523.25, 0.14), (659.26, 0.22)),
    "critical": ((659.26, 0.12), (783.99, 0.12), (987.77, 0.26)),
}
LOUDNESS = {"": 0.35, "-loud": 0.80}
REPEATS = {"": 1, "-loud": 2}


def tone(pitch_hz: float, length_s: float) -> NDArray[np.float64]:
    """Return one soft tone with its octave, from silence to silence, within ±1."""
    at_s = np.arange(int(length_s * RATE)) / RATE
    wave_form = np.sin(2 * np.pi * pitch_hz * at_s) + 0.25 * np.sin(4 * np.pi * pitch_hz * at_s)
    envelope = np.minimum(at_s / ATTACK_S, 1.0) * np.exp(-3.0 * at_s / length_s)
    fade = np.minimum((length_s - at_s) / ATTACK_S, 1.0)
    return wave_form / 1.25 * envelope * fade


def write(name: str, samples: NDArray[np.float64]) -> None:
    """Write 16-bit mono."""
    with wave.open(str(HERE / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())


def main() -> None:
    """Make all six."""
    pause = np.zeros(int(0.08 * RATE))
    for severity, tones in SEVERITIES.items():
        for suffix, loudness in LOUDNESS.items():
            parts = [part for pitch_hz, length_s in tones for part in (tone(pitch_hz, length_s), pause)]
            write(f"{severity}{suffix}", np.concatenate(parts * REPEATS[suffix]) * loudness)
    sys.stdout.write(f"six sounds in {HERE}\n")


if __name__ == "__main__":
    main()
