package main

import (
	"fmt"
	"math"
	"os"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// The application of src/data/calls.ts: its families, the labels of their series, and the calls that it makes.
const cycle = 65536

type maker struct {
	names  []string
	labels func(few, some int, many string) []string
}

var makers = []maker{
	{[]string{"method", "route", "host"}, func(few, some int, many string) []string {
		return []string{[]string{"GET", "POST"}[few], fmt.Sprintf("/things/%d/:id", some), "host-" + many}
	}},
	{[]string{"paid", "country", "shop"}, func(few, some int, many string) []string {
		return []string{[]string{"card", "cash"}[few], []string{"pt", "es", "fr"}[some], "shop-" + many}
	}},
	{[]string{"outcome", "pool", "query"}, func(few, some int, many string) []string {
		return []string{[]string{"ok", "failed"}[few], fmt.Sprintf("pool-%d", some), "select_" + many}
	}},
	{[]string{"state", "worker", "queue"}, func(few, some int, many string) []string {
		return []string{[]string{"ready", "delayed"}[few], strconv.Itoa(some), "queue." + many + ".jobs"}
	}},
	{[]string{"plan", "region", "user"}, func(few, some int, many string) []string {
		return []string{[]string{"free", "paid"}[few], fmt.Sprintf("eu-west-%d", some), "user-" + many}
	}},
}

// observed is an application that observes into bound classic histograms.
func observed(source *source, registry *prometheus.Registry) {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	var vecs []*prometheus.HistogramVec
	for f, maker := range makers {
		vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: fmt.Sprintf("bench_family%d_seconds", f), Help: "Made up.", Buckets: append(buckets[:len(buckets):len(buckets)], 10),
		}, maker.names)
		registry.MustRegister(vec)
		vecs = append(vecs, vec)
	}
	perFamily := (count + len(makers) - 1) / len(makers)
	var bound []prometheus.Observer
	for i := 0; i < count; i++ {
		f, of := i/perFamily, i%perFamily
		labels := makers[f].labels(of%2, of/2%3, fmt.Sprintf("%06d", of/6))
		bound = append(bound, vecs[f].WithLabelValues(labels...))
	}
	picks, values := make([]uint32, cycle), make([]float64, cycle)
	state := uint32(1)
	for call := range picks {
		state = state*1664525 + 1013904223
		picks[call] = uint32(call)
		if call >= count {
			picks[call] = (state >> 8) % uint32(count)
		}
		x := float64(state>>8) / 16777216
		values[call] = math.Floor(x*x*x*6*1024+0.5) / 1024
	}
	made := 0
	source.call = func(times int) {
		for i := made; i < made+times; i++ {
			bound[picks[i&(cycle-1)]].Observe(values[i&(cycle-1)])
		}
		made += times
	}
}
