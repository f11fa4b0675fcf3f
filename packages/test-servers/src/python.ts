import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { findPeer, generationFolder, locatePeer } from './find.ts';

/** An exemplar, as parsed by the Python client. */
export interface PythonExemplar {
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
  /** In seconds, if the exemplar had a timestamp. */
  readonly timestamp?: number;
}

export interface PythonSample {
  readonly name: string;
  readonly labels: { readonly [label: string]: string };
  readonly value: number;
  /** In seconds, if the line had a timestamp. */
  readonly timestamp?: number;
  /** Of a line in OpenMetrics that had one. */
  readonly exemplar?: PythonExemplar;
}

/** A family, as parsed by the Python client. It names counters without `_total`, in both formats. */
export interface PythonFamily {
  readonly name: string;
  /** The client's type: `counter`, `gauge`, `histogram`, `summary`, `info`, `stateset`, `unknown`, … */
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly PythonSample[];
}

// Values travel as text, because JSON has neither NaN nor infinities.
const script = `
import importlib, json, sys
module = {'text': 'prometheus_client.parser', 'openmetrics': 'prometheus_client.openmetrics.parser'}[sys.argv[1]]
text = sys.stdin.buffer.read().decode('utf-8')
try:
    families = list(importlib.import_module(module).text_string_to_metric_families(text))
except Exception as error:
    sys.exit('%s: %s' % (type(error).__name__, error))
json.dump([{
    'name': family.name, 'type': family.type, 'help': family.documentation, 'unit': family.unit,
    'samples': [{
        'name': sample.name, 'labels': sample.labels, 'value': repr(float(sample.value)),
        **({} if sample.timestamp is None else {'timestamp': float(sample.timestamp)}),
        **({} if sample.exemplar is None else {'exemplar': {
            'labels': sample.exemplar.labels, 'value': repr(float(sample.exemplar.value)),
            **({} if sample.exemplar.timestamp is None else {'timestamp': float(sample.exemplar.timestamp)}),
        }}),
    } for sample in family.samples],
} for family in families], sys.stdout)
`;

/**
 * Parses an exposition with the Python client, independently of our parsers. Its OpenMetrics parser is strict.
 *
 * @throws Error with the parser's message if it rejects the text.
 */
export function pythonParse(text: string, format: 'text' | 'openmetrics'): PythonFamily[] {
  const { status, stdout, stderr, error } = python(locatePeer('python'), ['-c', script, format], text);
  if (error) throw new Error(`cannot run python3: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`the Python client rejects this as ${format}: ${stderr.trim()}`);
  const families: (PythonFamily & { samples: (PythonSample & { value: unknown })[] })[] = JSON.parse(stdout);
  return families.map((family) => ({
    ...family,
    samples: family.samples.map((sample) => ({
      ...sample,
      value: number(String(sample.value)),
      ...(sample.exemplar && {
        exemplar: { ...sample.exemplar, value: number(String(sample.exemplar.value)) },
      }),
    })),
  }));
}

/** Whether `python3` is installed and finds the client. */
export function pythonClientWorks(): boolean {
  const command = findPeer('python');
  return (
    command !== undefined && python(command, ['-c', 'import prometheus_client.openmetrics.parser'], '').status === 0
  );
}

function python(command: string, args: readonly string[], input: string) {
  const path = [join(generationFolder('today'), 'usr/lib/python3/dist-packages'), process.env.PYTHONPATH].filter(
    Boolean,
  );
  const env = { ...process.env, PYTHONPATH: path.join(delimiter), PYTHONDONTWRITEBYTECODE: '1' };
  return spawnSync(command, args, { input, env, encoding: 'utf8', maxBuffer: 2 ** 29 });
}

/** Parses a float in Python's form. */
function number(text: string): number {
  if (text === 'nan') return Number.NaN;
  return Number(text.replace('inf', 'Infinity'));
}
