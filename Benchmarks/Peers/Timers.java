import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** ScheduledThreadPoolExecutor with two threads, with the work that FireLimit has: Timers WORK [SIZE]... */
public class Timers {
  static final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(2);
  static final long[] late = new long[4_000_000];
  static final AtomicInteger fires = new AtomicInteger();

  static long used() {
    var system = java.lang.management.ManagementFactory.getOperatingSystemMXBean();
    return ((com.sun.management.OperatingSystemMXBean) system).getProcessCpuTime();
  }

  static long resident() throws Exception {
    return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
  }

  static void every(long period, long first, Runnable body) {
    executor.scheduleAtFixedRate(body, Math.max(0, first - System.nanoTime()), period, TimeUnit.NANOSECONDS);
  }

  /** A body that notes how late it is. */
  static Runnable noting(long first, long period) {
    var due = new AtomicLong(first);
    return () -> {
      int place = fires.getAndIncrement();
      if (place < late.length) late[place] = System.nanoTime() - due.getAndAdd(period);
    };
  }

  static void tell(String format, Object... figures) {
    System.out.printf(Locale.ROOT, format + "%n", figures);
    System.out.flush();
    Runtime.getRuntime().halt(0);
  }

  static void tellLateness(int due, long cpu) {
    int count = Math.min(fires.get(), late.length);
    long[] sorted = Arrays.copyOf(late, count);
    Arrays.sort(sorted);
    tell("{\"fires\": %d, \"due\": %d, \"cpu_ns\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}", count, due,
        (double) cpu / count, sorted[count / 2] / 1e3, sorted[(int) (count * 0.99)] / 1e3, sorted[(int) (count * 0.999)] / 1e3);
  }

  static void sleepUntil(long instant) throws Exception {
    TimeUnit.NANOSECONDS.sleep(instant - System.nanoTime());
  }

  static void max(int jobs) throws Exception {
    for (int place = 0; place < jobs; place++) every(1_000_000, System.nanoTime(), fires::incrementAndGet);
    long start = System.nanoTime(), cpu = used();
    Thread.sleep(2000);
    double count = fires.get();
    tell("{\"fires\": %.0f, \"cpu_ns\": %.1f, \"per_s\": %.0f}", count, (used() - cpu) / count,
        count / (System.nanoTime() - start) * 1e9);
  }

  static void burst(int jobs) throws Exception {
    var last = new AtomicLong();
    long due = System.nanoTime() + 500_000_000L + jobs * 4_000L;
    for (int place = 0; place < jobs; place++)
      executor.schedule(() -> {
        last.set(System.nanoTime());
        fires.incrementAndGet();
      }, due - System.nanoTime(), TimeUnit.NANOSECONDS);
    long cpu = used();
    while (fires.get() < jobs) Thread.sleep(10);
    tell("{\"fires\": %d, \"due\": %d, \"drain_ms\": %.3f, \"cpu_ns\": %.1f}", jobs, jobs, (last.get() - due) / 1e6,
        (double) (used() - cpu) / jobs);
  }

  static void second(int jobs, int seconds) throws Exception {
    long base = System.nanoTime() + 300_000_000L + jobs * 4_000L;
    for (int place = 0; place < jobs; place++) {
      long first = base + place * 1_000_000_000L / jobs;
      every(1_000_000_000L, first, noting(first, 1_000_000_000L));
    }
    long cpu = used();
    sleepUntil(base + seconds * 1_000_000_000L);
    tellLateness(jobs * seconds, used() - cpu);
  }

  static void busy(int seconds) throws Exception {
    long base = System.nanoTime() + 300_000_000L;
    for (int place = 0; place < 100; place++) {
      long first = base + place * 1_000_000L;
      every(100_000_000L, first, noting(first, 100_000_000L));
    }
    every(2_000_000_000L, base, () -> {
      long stop = System.nanoTime() + 1_000_000_000L;
      while (System.nanoTime() < stop) {}
    });
    long cpu = used();
    sleepUntil(base + seconds * 1_000_000_000L);
    tellLateness(1000 * seconds, used() - cpu);
  }

  static void register(int jobs) throws Exception {
    long before = resident(), start = System.nanoTime(), cpu = used();
    for (int place = 0; place < jobs; place++) every(3_600_000_000_000L, start + 3_600_000_000_000L, () -> {});
    long wall = System.nanoTime() - start;
    tell("{\"jobs\": %d, \"wall_us\": %.3f, \"cpu_us\": %.3f, \"bytes\": %.0f}", jobs, wall / 1e3 / jobs,
        (used() - cpu) / 1e3 / jobs, (double) (resident() - before) / jobs);
  }

  public static void main(String[] arguments) throws Exception {
    int[] sizes = Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
    switch (arguments[0]) {
      case "max" -> max(sizes[0]);
      case "burst" -> burst(sizes[0]);
      case "second" -> second(sizes[0], sizes[2]);
      case "busy" -> busy(sizes[0]);
      case "register" -> register(sizes[0]);
      case "idle" -> {
        for (int place = 0; place < 100; place++)
          every(3_600_000_000_000L, System.nanoTime() + 3_600_000_000_000L, () -> {});
      }
      case "start" -> every(3_600_000_000_000L, System.nanoTime(), () -> System.out.println("fired"));
      default -> System.exit(64);
    }
  }
}
