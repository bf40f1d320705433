"""Schedulers of Python, with the work that FireLimit has: timers.py LIBRARY WORK [SIZE]...

Libraries: sched timer schedule apscheduler timeloop. Works: max, burst, second, register, busy, idle, start. Where a library
takes no first instant, the first fire is one period after the registration.
"""

import logging
import os
import resource
import sys
import threading
import time
from datetime import datetime, timedelta, timezone

now = time.monotonic


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def wait_until(instant):
    time.sleep(max(0, instant - now()))


class Sched:
    def __init__(self):
        import sched

        self.scheduler = sched.scheduler(now, time.sleep)

    def every(self, period, first, body):
        def fire(due):
            self.scheduler.enterabs(due + period, 1, fire, (due + period,))
            body()

        self.scheduler.enterabs(first, 1, fire, (first,))

    def once(self, instant, body):
        self.scheduler.enterabs(instant, 1, body)

    def serve(self, until):
        while now() < until:
            left = self.scheduler.run(blocking=False)
            time.sleep(max(0, min(until - now(), until if left is None else left)))


class Timer:
    def every(self, period, first, body):
        def fire(due):
            self.start(due + period, fire, due + period)
            body()

        self.start(first, fire, first)

    def start(self, instant, body, *arguments):
        timer = threading.Timer(max(0, instant - now()), body, arguments)
        timer.daemon = True
        timer.start()

    def once(self, instant, body):
        self.start(instant, body)

    def serve(self, until):
        wait_until(until)


class Schedule:
    def __init__(self):
        import schedule

        self.library = schedule

    def every(self, period, first, body):
        self.library.every(period).seconds.do(body)

    def once(self, instant, body):
        def fire():
            body()
            return self.library.CancelJob

        self.library.every(max(1, round(instant - now()))).seconds.do(fire)

    def serve(self, until):
        while now() < until:
            self.library.run_pending()
            time.sleep(max(0, min(self.library.idle_seconds() or 0, until - now())))


class APScheduler:
    def __init__(self):
        from apscheduler.schedulers.background import BackgroundScheduler

        defaults = {"misfire_grace_time": None, "coalesce": False, "max_instances": 1_000_000}
        self.scheduler = BackgroundScheduler(timezone=timezone.utc, job_defaults=defaults)
        self.offset = time.time() - now()

    def at(self, instant):
        return datetime.fromtimestamp(instant + self.offset, timezone.utc)

    def every(self, period, first, body):
        self.scheduler.add_job(body, "interval", seconds=period, start_date=self.at(first))

    def once(self, instant, body):
        self.scheduler.add_job(body, "date", run_date=self.at(instant))

    def serve(self, until):
        self.scheduler.start()
        wait_until(until)


class Timeloop:
    def __init__(self):
        import timeloop

        self.loop = timeloop.Timeloop()

    def every(self, period, first, body):
        self.loop._add_job(body, timedelta(seconds=period))

    def serve(self, until):
        self.loop.start()
        wait_until(until)


LIBRARIES = {
    "sched": Sched,
    "timer": Timer,
    "schedule": Schedule,
    "apscheduler": APScheduler,
    "timeloop": Timeloop,
}


class Fires:
    """How late each fire of a job is, beside the first and the period that it should have."""

    def __init__(self):
        self.late = []

    def body(self, first, period):
        due = first

        def fire():
            nonlocal due
            self.late.append(now() - due)
            due += period

        return fire

    def quantile(self, part):
        late = sorted(self.late)
        return late[min(len(late) - 1, int(len(late) * part))] * 1e6 if late else 0

    def tell(self, due, cpu):
        tell(
            fires=len(self.late),
            due=due,
            cpu_ns=cpu * 1e9 / max(1, len(self.late)),
            p50_us=self.quantile(0.5),
            p99_us=self.quantile(0.99),
            p999_us=self.quantile(0.999),
        )


def tell(**figures):
    print("{" + ", ".join(f'"{name}": {value}' for name, value in figures.items()) + "}", flush=True)
    os._exit(0)


def first_of(library, base, phase, period):
    """When a job fires first: the phase that is asked for, or one period from now."""
    return now() + period if isinstance(library, (Schedule, Timeloop)) else base + phase


def register_cost(library):
    """Seconds that a job may take to register."""
    return 5e-4 if isinstance(library, (APScheduler, Timer, Timeloop)) else 1e-4


def measure_max(library, jobs):
    fires = 0

    def body():
        nonlocal fires
        fires += 1

    base = now()
    for _ in range(jobs):
        library.every(0.001, base, body)
    start, cpu = now(), used()
    library.serve(start + 2)
    tell(fires=fires, cpu_ns=(used() - cpu) * 1e9 / fires, per_s=fires / (now() - start))


def measure_burst(library, jobs):
    fires, last = 0, 0

    def body():
        nonlocal fires, last
        fires += 1
        last = now()

    due = now() + 1 + jobs * register_cost(library)
    for _ in range(jobs):
        library.once(due, body)
    if now() > due:
        sys.exit("late")
    cpu = used()

    def watch():
        while fires < jobs and now() < due + 30:
            time.sleep(0.05)
        tell(fires=fires, due=jobs, drain_ms=(last - due) * 1e3, cpu_ns=(used() - cpu) * 1e9 / fires)

    threading.Thread(target=watch, daemon=True).start()
    library.serve(due + 40)


def measure_second(library, jobs, seconds):
    fires = Fires()
    base = now() + 0.5 + jobs * register_cost(library)
    for place in range(jobs):
        first = first_of(library, base, place / jobs, 1)
        library.every(1, first, fires.body(first, 1))
    begin = max(base, now())
    cpu = used()
    library.serve(begin + seconds)
    fires.tell(jobs * seconds, used() - cpu)


def measure_busy(library, seconds):
    def compute():
        stop = now() + 1
        while now() < stop:
            pass

    fires = Fires()
    base = now() + 0.3
    for place in range(100):
        first = first_of(library, base, place / 1000, 0.1)
        library.every(0.1, first, fires.body(first, 0.1))
    library.every(2, base, compute)
    cpu = used()
    library.serve(base + seconds)
    fires.tell(1000 * seconds, used() - cpu)


def measure_register(library, jobs):
    before, start, cpu = resident(), now(), used()
    for _ in range(jobs):
        library.every(3600, start + 3600, lambda: None)
    tell(
        jobs=jobs,
        wall_us=(now() - start) * 1e6 / jobs,
        cpu_us=(used() - cpu) * 1e6 / jobs,
        bytes=(resident() - before) / jobs,
    )


def measure_idle(library):
    for _ in range(100):
        library.every(3600, now() + 3600, lambda: None)
    library.serve(now() + 1800)


def measure_start(library):
    def fire():
        print("fired", flush=True)

    if isinstance(library, APScheduler):
        library.once(now(), fire)  # its first interval begins a period later
    else:
        library.every(1, now(), fire)
    library.serve(now() + 3)


logging.disable(logging.CRITICAL)
works = {
    "max": measure_max,
    "burst": measure_burst,
    "second": lambda library, jobs, tick, seconds: measure_second(library, jobs, seconds),
    "busy": measure_busy,
    "register": measure_register,
    "idle": measure_idle,
    "start": measure_start,
}
works[sys.argv[2]](LIBRARIES[sys.argv[1]](), *map(int, sys.argv[3:]))
