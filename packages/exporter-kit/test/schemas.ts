import protobuf from 'protobufjs';

/** The messages of remote write, as its specifications have them. */
const remoteWrite = protobuf.parse(
  `syntax = "proto3";
  package prometheus;
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries {
    repeated Label labels = 1;
    repeated Sample samples = 2;
    repeated Exemplar exemplars = 3;
    repeated v2.Histogram histograms = 4;
  }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
  message v2 {
    message Request { repeated string symbols = 4; repeated TimeSeries timeseries = 5; }
    message TimeSeries {
      repeated uint32 labels_refs = 1;
      repeated Sample samples = 2;
      repeated Histogram histograms = 3;
      repeated Exemplar exemplars = 4;
      Metadata metadata = 5;
      int64 created_timestamp = 6;
    }
    message Sample { double value = 1; int64 timestamp = 2; int64 start_timestamp = 3; }
    message Exemplar { repeated uint32 labels_refs = 1; double value = 2; int64 timestamp = 3; }
    message Metadata { uint32 type = 1; uint32 help_ref = 3; uint32 unit_ref = 4; }
    message BucketSpan { sint32 offset = 1; uint32 length = 2; }
    message Histogram {
      oneof count { uint64 count_int = 1; double count_float = 2; }
      double sum = 3;
      sint32 schema = 4;
      double zero_threshold = 5;
      oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
      repeated BucketSpan negative_spans = 8;
      repeated sint64 negative_deltas = 9;
      repeated double negative_counts = 10;
      repeated BucketSpan positive_spans = 11;
      repeated sint64 positive_deltas = 12;
      repeated double positive_counts = 13;
      uint32 reset_hint = 14;
      int64 timestamp = 15;
      repeated double custom_values = 16;
      int64 start_timestamp = 17;
    }
  }`,
  { keepCase: false },
).root;

/** The messages of OTLP for metrics, as opentelemetry-proto has them. */
const otlp = protobuf.parse(
  `syntax = "proto3";
  package otlp;
  message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
  message Scope { string name = 1; string version = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message Metric {
    string name = 1;
    string description = 2;
    string unit = 3;
    oneof data {
      Gauge gauge = 5;
      Sum sum = 7;
      Histogram histogram = 9;
      ExponentialHistogram exponential_histogram = 10;
      Summary summary = 11;
    }
    repeated KeyValue metadata = 12;
  }
  message Gauge { repeated NumberDataPoint data_points = 1; }
  message Sum { repeated NumberDataPoint data_points = 1; uint32 aggregation_temporality = 2; bool is_monotonic = 3; }
  message Histogram { repeated HistogramDataPoint data_points = 1; uint32 aggregation_temporality = 2; }
  message ExponentialHistogram {
    repeated ExponentialHistogramDataPoint data_points = 1;
    uint32 aggregation_temporality = 2;
  }
  message Summary { repeated SummaryDataPoint data_points = 1; }
  message NumberDataPoint {
    repeated KeyValue attributes = 7;
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    oneof value { double as_double = 4; sfixed64 as_int = 6; }
    repeated Exemplar exemplars = 5;
    uint32 flags = 8;
  }
  message HistogramDataPoint {
    repeated KeyValue attributes = 9;
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    fixed64 count = 4;
    optional double sum = 5;
    repeated fixed64 bucket_counts = 6;
    repeated double explicit_bounds = 7;
    repeated Exemplar exemplars = 8;
    uint32 flags = 10;
  }
  message ExponentialHistogramDataPoint {
    repeated KeyValue attributes = 1;
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    fixed64 count = 4;
    optional double sum = 5;
    sint32 scale = 6;
    fixed64 zero_count = 7;
    Buckets positive = 8;
    Buckets negative = 9;
    uint32 flags = 10;
    repeated Exemplar exemplars = 11;
    double zero_threshold = 14;
    message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
  }
  message SummaryDataPoint {
    repeated KeyValue attributes = 7;
    fixed64 start_time_unix_nano = 2;
    fixed64 time_unix_nano = 3;
    fixed64 count = 4;
    double sum = 5;
    repeated ValueAtQuantile quantile_values = 6;
    message ValueAtQuantile { double quantile = 1; double value = 2; }
  }
  message Exemplar {
    repeated KeyValue filtered_attributes = 7;
    fixed64 time_unix_nano = 2;
    oneof value { double as_double = 3; sfixed64 as_int = 6; }
    bytes span_id = 4;
    bytes trace_id = 5;
  }
  message ExportMetricsServiceResponse { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }`,
  { keepCase: false },
).root;

/** A message as plain values: 64-bit integers as numbers, what is absent with its default, so that nothing is forgotten. */
function decode(root: protobuf.Root, type: string, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: Number, defaults: false, arrays: true });
}

/** An uncompressed request of remote write 1.0 or 2.0. */
export const decodeWrite = (version: '1.0' | '2.0', bytes: Uint8Array): unknown =>
  decode(remoteWrite, version === '1.0' ? 'prometheus.WriteRequest' : 'prometheus.v2.Request', bytes);

/** An uncompressed request of OTLP. */
export const decodeOtlp = (bytes: Uint8Array): unknown => decode(otlp, 'otlp.ExportMetricsServiceRequest', bytes);

/** A receiver's answer: of a success, or of an error. */
export function encodeOtlpAnswer(type: 'ExportMetricsServiceResponse' | 'Status', value: object): Buffer {
  const message = otlp.lookupType(`otlp.${type}`);
  return Buffer.from(message.encode(message.fromObject(value)).finish());
}
