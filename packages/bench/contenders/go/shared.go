// What the Go contenders share: the same data as the others, and the same duties; see src/data and src/contenders/obey.ts.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Families, and those of an application.
const familyCount, manyFamilies = 20, 200

var buckets = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5}
var labelNames = []string{"region", "host", "disk"}

// See src/data/natives.ts.
const nativeBuckets = 60

var nativeValues = func() []float64 {
	values := []float64{0.07}
	for len(values) < nativeBuckets {
		values = append(values, values[len(values)-1]*1.0905)
	}
	return values
}()

type series struct {
	labels []string
	value  float64
	// An instrument's.
	set func(float64)
	// A histogram's: a count for each bucket and one for what is above, and the sum.
	counts []uint64
	sum    float64
}

type family struct {
	name   string
	series []series
}

// source is what the exporter reads at each scrape. Started as: CONTENDER KIND COUNT told|self.
type source struct {
	kind     string
	families []family
	self     bool
	reads    int64
	// Makes calls, for rows that measure those.
	call func(times int)
}

func newSource() *source {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	s := &source{kind: os.Args[1], self: os.Args[3] == "self"}
	unit := "bytes"
	if s.kind == "histograms" {
		count /= len(buckets) + 3
		unit = "seconds"
	}
	if s.kind == "natives" {
		count /= nativeBuckets
		unit = "seconds"
	}
	families := familyCount
	if s.kind == "application" {
		families = manyFamilies
	}
	for f := 0; f < families; f++ {
		one := family{name: fmt.Sprintf("bench_family%d_%s", f, unit)}
		for i := 0; i < count*(f+1)/families-count*f/families; i++ {
			one.series = append(one.series, series{
				labels: []string{fmt.Sprintf("region-%d", i%7), fmt.Sprintf("host-%d.example.internal", i/8), fmt.Sprintf("disk%d", i%8)},
				counts: make([]uint64, len(buckets)+1),
			})
		}
		s.families = append(s.families, one)
	}
	return s
}

func (s *source) read() []family {
	n := atomic.AddInt64(&s.reads, 1)
	if s.self {
		s.turn(uint32(n - 1))
	}
	return s.families
}

func (s *source) turn(n uint32) {
	state := n*2654435761 + 1
	for f := range s.families {
		rows := s.families[f].series
		for i := range rows {
			state = state*1664525 + 1013904223
			if s.kind == "histograms" {
				observe(&rows[i], state)
			} else if s.kind == "natives" {
				rows[i].set(nativeValues[n%nativeBuckets])
			} else {
				rows[i].value = value(s.kind, state)
				if rows[i].set != nil {
					rows[i].set(rows[i].value)
				}
			}
		}
	}
}

func value(kind string, state uint32) float64 {
	whole := float64(state >> 8)
	part := (state >> 16) % 10
	switch {
	case kind == "application":
		return whole
	case kind == "doubles" || part >= 8:
		return whole / 16777259
	case part >= 5:
		return whole / 100
	}
	return whole
}

func observe(one *series, state uint32) {
	x := float64(state>>8) / 16777216
	v := x * x * x * 6
	bucket := 0
	for bucket < len(buckets) && v > buckets[bucket] {
		bucket++
	}
	one.counts[bucket]++
	one.sum += v
}

// obey serves, says where, and does what it is told until stdin ends.
func obey(s *source, handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(listener, handler)
	fmt.Printf("http://%s/metrics\n", listener.Addr())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch words[0] {
		case "turn":
			n, _ := strconv.Atoi(words[1])
			if s.call != nil {
				s.call(n)
			} else {
				s.turn(uint32(n))
			}
			fmt.Println("done")
		case "reads":
			fmt.Println(atomic.LoadInt64(&s.reads))
		default:
			fmt.Println("unknown")
		}
	}
}
