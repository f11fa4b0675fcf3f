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

/** A message as plain values: 64-bit integers as numbers, what is absent with its default, so that nothing is forgotten. */
export function decode(root: protobuf.Root, type: string, bytes: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes), { longs: Number, defaults: false, arrays: true });
}

/** An uncompressed request of remote write 1.0 or 2.0. */
export const decodeWrite = (version: '1.0' | '2.0', bytes: Uint8Array): unknown =>
  decode(remoteWrite, version === '1.0' ? 'prometheus.WriteRequest' : 'prometheus.v2.Request', bytes);
