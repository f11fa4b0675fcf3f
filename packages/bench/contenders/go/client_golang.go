package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// collector hands over const metrics of one family, as exporters in Go do.
type collector struct {
	source *source
	family int
	desc   *prometheus.Desc
}

func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	ch <- c.desc
}

func (c *collector) Collect(ch chan<- prometheus.Metric) {
	for _, one := range c.source.families[c.family].series {
		if c.source.kind == "histograms" {
			ch <- constHistogram(c.desc, one)
		} else {
			ch <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, one.value, one.labels...)
		}
	}
}

func constHistogram(desc *prometheus.Desc, one series) prometheus.Metric {
	cumulative := make(map[float64]uint64, len(buckets))
	count := uint64(0)
	for i, le := range buckets {
		count += one.counts[i]
		cumulative[le] = count
	}
	return prometheus.MustNewConstHistogram(desc, count+one.counts[len(buckets)], one.sum, cumulative, one.labels...)
}

// counted is an instrumented application: gauges that are set between scrapes.
func counted(source *source, registry *prometheus.Registry) {
	for f := range source.families {
		family := &source.families[f]
		vec := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.name, Help: "Made up."}, labelNames)
		registry.MustRegister(vec)
		for i := range family.series {
			family.series[i].set = vec.WithLabelValues(family.series[i].labels...).Set
		}
	}
}

// natives is an instrumented application with native histograms.
func natives(source *source, registry *prometheus.Registry) {
	for f := range source.families {
		family := &source.families[f]
		vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: family.name, Help: "Made up.", NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
		}, labelNames)
		registry.MustRegister(vec)
		for i := range family.series {
			family.series[i].set = vec.WithLabelValues(family.series[i].labels...).Observe
			for _, value := range nativeValues {
				family.series[i].set(value)
			}
		}
	}
}

func main() {
	source := newSource()
	registry := prometheus.NewRegistry()
	scrape := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	handler := scrape
	switch source.kind {
	case "application":
		counted(source, registry)
	case "natives":
		natives(source, registry)
	case "observe-bound":
		observed(source, registry)
	default:
		handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			source.read()
			scrape.ServeHTTP(w, r)
		})
		for f, family := range source.families {
			desc := prometheus.NewDesc(family.name, "Made up.", labelNames, nil)
			registry.MustRegister(&collector{source: source, family: f, desc: desc})
		}
	}
	obey(source, handler)
}
