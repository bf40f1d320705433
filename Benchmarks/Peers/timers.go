// time.AfterFunc of Go, set again by each fire, with the work that FireLimit has: timers-go WORK [SIZE]...
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func used() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

func resident() float64 {
	text, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1])
	return float64(pages * os.Getpagesize())
}

func every(period time.Duration, first time.Time, body func(due time.Time)) {
	due := first
	var timer *time.Timer
	timer = time.AfterFunc(time.Hour, func() {
		instant := due
		due = due.Add(period)
		timer.Reset(time.Until(due))
		body(instant)
	})
	timer.Reset(time.Until(first))
}

type lateness struct {
	lock sync.Mutex
	late []float64
}

func (fires *lateness) note(due time.Time) {
	late := float64(time.Since(due)) / 1e3
	fires.lock.Lock()
	fires.late = append(fires.late, late)
	fires.lock.Unlock()
}

func (fires *lateness) tell(due int, cpu float64) {
	fires.lock.Lock()
	late := fires.late
	sort.Float64s(late)
	quantile := func(part float64) float64 { return late[int(float64(len(late))*part)] }
	fmt.Printf("{\"fires\": %d, \"due\": %d, \"cpu_ns\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f}\n",
		len(late), due, cpu/float64(len(late)), quantile(0.5), quantile(0.99), quantile(0.999))
}

func max(jobs int) {
	var fires int64
	for place := 0; place < jobs; place++ {
		every(time.Millisecond, time.Now(), func(time.Time) { atomic.AddInt64(&fires, 1) })
	}
	start, cpu := time.Now(), used()
	time.Sleep(2 * time.Second)
	count := float64(atomic.LoadInt64(&fires))
	fmt.Printf("{\"fires\": %.0f, \"cpu_ns\": %.1f, \"per_s\": %.0f}\n", count, (used()-cpu)/count, count/time.Since(start).Seconds())
}

func burst(jobs int) {
	var fires, last int64
	due := time.Now().Add(500*time.Millisecond + time.Duration(jobs)*2*time.Microsecond)
	for place := 0; place < jobs; place++ {
		time.AfterFunc(time.Until(due), func() {
			atomic.AddInt64(&fires, 1)
			atomic.StoreInt64(&last, int64(time.Since(due)))
		})
	}
	cpu := used()
	for atomic.LoadInt64(&fires) < int64(jobs) {
		time.Sleep(10 * time.Millisecond)
	}
	fmt.Printf("{\"fires\": %d, \"due\": %d, \"drain_ms\": %.3f, \"cpu_ns\": %.1f}\n",
		fires, jobs, float64(last)/1e6, (used()-cpu)/float64(jobs))
}

func second(jobs, seconds int) {
	fires := lateness{late: make([]float64, 0, jobs*(seconds+1))}
	base := time.Now().Add(300*time.Millisecond + time.Duration(jobs)*2*time.Microsecond)
	for place := 0; place < jobs; place++ {
		every(time.Second, base.Add(time.Duration(float64(place)/float64(jobs)*1e9)), fires.note)
	}
	cpu := used()
	time.Sleep(time.Until(base.Add(time.Duration(seconds) * time.Second)))
	fires.tell(jobs*seconds, used()-cpu)
}

func busy(seconds int) {
	fires := lateness{}
	base := time.Now().Add(300 * time.Millisecond)
	for place := 0; place < 100; place++ {
		every(100*time.Millisecond, base.Add(time.Duration(place)*time.Millisecond), fires.note)
	}
	every(2*time.Second, base, func(time.Time) {
		for stop := time.Now().Add(time.Second); time.Now().Before(stop); {
		}
	})
	cpu := used()
	time.Sleep(time.Until(base.Add(time.Duration(seconds) * time.Second)))
	fires.tell(1000*seconds, used()-cpu)
}

func register(jobs int) {
	before, start, cpu := resident(), time.Now(), used()
	for place := 0; place < jobs; place++ {
		every(time.Hour, start.Add(time.Hour), func(time.Time) {})
	}
	wall := float64(time.Since(start)) / 1e3
	fmt.Printf("{\"jobs\": %d, \"wall_us\": %.3f, \"cpu_us\": %.3f, \"bytes\": %.0f}\n",
		jobs, wall/float64(jobs), (used()-cpu)/1e3/float64(jobs), (resident()-before)/float64(jobs))
}

func main() {
	size := func(place int) int {
		number, _ := strconv.Atoi(os.Args[place])
		return number
	}
	switch os.Args[1] {
	case "max":
		max(size(2))
	case "burst":
		burst(size(2))
	case "second":
		second(size(2), size(4))
	case "busy":
		busy(size(2))
	case "register":
		register(size(2))
	case "idle":
		for place := 0; place < 100; place++ {
			every(time.Hour, time.Now().Add(time.Hour), func(time.Time) {})
		}
		time.Sleep(time.Hour)
	case "start":
		every(time.Hour, time.Now(), func(time.Time) { fmt.Println("fired") })
		time.Sleep(5 * time.Second)
	}
}
