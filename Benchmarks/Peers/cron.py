"""What croniter and cronsim take to find the next fire, in UTC: nanoseconds of processor time.

    cron.py ROUNDS EXPRESSION...

Prints a line `peer<TAB>expression<TAB>median` for each; fails where a peer is not installed.
"""

import statistics
import sys
import time
from datetime import datetime, timezone

import croniter
import cronsim

START = datetime.fromtimestamp(1_700_000_000, timezone.utc)
PEERS = {
    "croniter": (croniter.croniter, lambda fires: fires.get_next(float)),
    "cronsim": (cronsim.CronSim, next),
}


def median_time(make, step, expression, rounds):
    # So rare that a thousand of them leave the years that a peer knows.
    count = 20 if expression.startswith("0 0 29 2") else 500
    times = []
    for _ in range(rounds):
        fires = make(expression, START)
        before = time.thread_time_ns()
        for _ in range(count):
            step(fires)
        times.append((time.thread_time_ns() - before) / count)
    return statistics.median(times)


rounds = int(sys.argv[1])
for expression in sys.argv[2:]:
    for name, (make, step) in PEERS.items():
        print(name, expression, median_time(make, step, expression, rounds), sep="\t")
