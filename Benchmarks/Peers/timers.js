// Node's timers, with the work that FireLimit has: timers.js WORK [SIZE]...
"use strict";

const fs = require("fs");

const now = () => performance.now();
const used = () => {
  const usage = process.cpuUsage();
  return usage.user + usage.system;
};

function tell(figures) {
  console.log(JSON.stringify(figures));
  process.exit(0);
}

// A timer counts whole milliseconds from now, so each fire sets the next by the instant that is due.
function every(period, first, body) {
  let due = first;
  const fire = () => {
    const instant = due;
    due += period;
    setTimeout(fire, Math.ceil(Math.max(0, due - now())));
    body(instant);
  };
  setTimeout(fire, Math.ceil(Math.max(0, first - now())));
}

function tellLateness(late, due, cpu) {
  late.sort((a, b) => a - b);
  const quantile = (part) => late[Math.min(late.length - 1, Math.floor(late.length * part))] * 1000;
  tell({
    fires: late.length, due, cpu_ns: (cpu * 1000) / late.length,
    p50_us: quantile(0.5), p99_us: quantile(0.99), p999_us: quantile(0.999),
  });
}

const works = {
  max(jobs) {
    let fires = 0;
    for (let place = 0; place < jobs; place++) setInterval(() => fires++, 1);
    const start = now(), cpu = used();
    const end = () => {
      if (now() < start + 2000) return setTimeout(end, 10);
      tell({ fires, cpu_ns: ((used() - cpu) * 1000) / fires, per_s: (fires / (now() - start)) * 1000 });
    };
    end();
  },
  burst(jobs) {
    let fires = 0;
    const due = now() + 300 + jobs * 0.004;
    for (let place = 0; place < jobs; place++)
      setTimeout(() => {
        if (++fires < jobs) return;
        tell({ fires, due: jobs, drain_ms: now() - due, cpu_ns: ((used() - cpu) * 1000) / jobs });
      }, Math.ceil(due - now()));
    const cpu = used();
  },
  second(jobs, tick, seconds) {
    const late = [], base = now() + 300 + jobs * 0.004;
    for (let place = 0; place < jobs; place++) every(1000, base + (place / jobs) * 1000, (due) => late.push(now() - due));
    const cpu = used();
    setTimeout(() => tellLateness(late, jobs * seconds, used() - cpu), base + seconds * 1000 - now());
  },
  busy(seconds) {
    const late = [], base = now() + 300;
    for (let place = 0; place < 100; place++) every(100, base + place, (due) => late.push(now() - due));
    every(2000, base, () => {
      const stop = now() + 1000;
      while (now() < stop);
    });
    const cpu = used();
    setTimeout(() => tellLateness(late, 1000 * seconds, used() - cpu), base + seconds * 1000 - now());
  },
  register(jobs) {
    const before = process.memoryUsage().rss, start = now(), cpu = used();
    for (let place = 0; place < jobs; place++) every(3600000, now() + 3600000, () => {});
    tell({
      jobs, wall_us: ((now() - start) * 1000) / jobs, cpu_us: (used() - cpu) / jobs,
      bytes: (process.memoryUsage().rss - before) / jobs,
    });
  },
  idle() {
    for (let place = 0; place < 100; place++) every(3600000, now() + 3600000, () => {});
  },
  start() {
    every(3600000, now(), () => fs.writeSync(1, "fired\n"));
  },
};

const [work, ...sizes] = process.argv.slice(2);
works[work](...sizes.map(Number));
