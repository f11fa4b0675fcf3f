package main

import (
	"fmt"
	"net/http"

	"github.com/VictoriaMetrics/metrics"
)

// Gauges with callbacks that look at the current numbers: labels are handed over once.
func main() {
	source := newSource()
	set := metrics.NewSet()
	for f := range source.families {
		family := &source.families[f]
		for i := range family.series {
			one := &family.series[i]
			name := fmt.Sprintf("%s{region=%q,host=%q,disk=%q}", family.name, one.labels[0], one.labels[1], one.labels[2])
			set.NewGauge(name, func() float64 { return one.value })
		}
	}
	obey(source, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		source.read()
		set.WritePrometheus(w)
	}))
}
