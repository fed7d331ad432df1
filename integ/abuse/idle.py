# SPDX-License-Identifier: ISC
"""Does nothing but to be on time, as rrdnsd's loop would without any work: what it is
late is the machine's fault. Answers "p99" with the seconds that 99 of 100 of its timers
since the last question came late at most."""

import select
import sys
import time

STEP_S = 0.01


def main():
    print("ready", flush=True)
    lags = [0.0]
    while True:
        due = time.monotonic() + STEP_S
        if select.select([sys.stdin], [], [], STEP_S)[0]:
            if not sys.stdin.readline():
                return
            print(sorted(lags)[len(lags) * 99 // 100], flush=True)
            lags = [0.0]
        else:
            lags.append(time.monotonic() - due)


if __name__ == "__main__":
    main()
