/**
 * Plain text as other programs write it, which OpenMetrics would not have: the Python client's `_created` gauges, series
 * with quantiles and buckets of their own, names that OpenMetrics reserves, series that lack lines.
 */
export const plainText = `# HELP rows_imported_total Rows imported.
# TYPE rows_imported_total counter
rows_imported_total{table="users"} 12.0
# HELP rows_imported_created Rows imported.
# TYPE rows_imported_created gauge
rows_imported_created{table="users"} 1.795698922715882e+09
# HELP step_seconds Time of a step.
# TYPE step_seconds histogram
step_seconds_bucket{step="load",le="1"} 1
step_seconds_bucket{step="load",le="1e6"} 1
step_seconds_bucket{step="load",le="+Inf"} 1
step_seconds_sum{step="load"} 0.5
step_seconds_count{step="load"} 1
step_seconds_bucket{step="scan",le="60"} 1
step_seconds_bucket{step="scan",le="+Inf"} 1
step_seconds_sum{step="scan"} 5
step_seconds_count{step="scan"} 1
# HELP step_seconds_created Time of a step.
# TYPE step_seconds_created gauge
step_seconds_created{step="load"} 1.795698922715901e+09
# HELP wait_seconds Time in the queue.
# TYPE wait_seconds summary
wait_seconds{queue="a",quantile="0.5"} 1
wait_seconds_sum{queue="a"} 1
wait_seconds_count{queue="a"} 1
wait_seconds{queue="b",quantile="0.90"} 2
wait_seconds_sum{queue="b"} -2
wait_seconds_count{queue="b"} 1
# HELP files_total Files.
# TYPE files_total gauge
files_total 3
# HELP files Files.
# TYPE files counter
files 4
# HELP state_info State.
# TYPE state_info gauge
state_info 2
`;

/** Its samples as PromQL has them. */
export const plainSamples: { readonly [series: string]: number } = {
  'rows_imported_total{table="users"}': 12,
  'rows_imported_created{table="users"}': 1795698922.715882,
  'step_seconds_bucket{step="load",le="1.0"}': 1,
  'step_seconds_bucket{step="load",le="1e+06"}': 1,
  'step_seconds_bucket{step="load",le="+Inf"}': 1,
  'step_seconds_sum{step="load"}': 0.5,
  'step_seconds_count{step="load"}': 1,
  'step_seconds_bucket{step="scan",le="60.0"}': 1,
  'step_seconds_bucket{step="scan",le="+Inf"}': 1,
  'step_seconds_sum{step="scan"}': 5,
  'step_seconds_count{step="scan"}': 1,
  'step_seconds_created{step="load"}': 1795698922.715901,
  'wait_seconds{queue="a",quantile="0.5"}': 1,
  'wait_seconds_sum{queue="a"}': 1,
  'wait_seconds_count{queue="a"}': 1,
  'wait_seconds{queue="b",quantile="0.9"}': 2,
  'wait_seconds_sum{queue="b"}': -2,
  'wait_seconds_count{queue="b"}': 1,
  files_total: 3,
  files: 4,
  state_info: 2,
};
