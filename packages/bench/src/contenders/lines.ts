import type { Family, Labelled, Labels } from '../data/families.ts';
import { BUCKETS, makeHistograms, observe } from '../data/histograms.ts';
import { type Duties, listen } from './obey.ts';
import { gauges, kind, size } from './told.ts';

// A scrape by hand: lines that are ready up to their values, and found by their place, are joined with these and sent. Nothing
// is looked up by its labels, checked or counted, nothing pauses, and no part can fail alone.

/** What is served: a function for the present text of each family. */
interface Served {
  readonly texts: readonly (() => string)[];
  readonly duties: Duties;
}

/** @param write the lines of one series, from their starts */
function textsOf<S extends Labelled>(
  families: readonly Family<S>[],
  type: string,
  startsOf: (name: string, labels: string) => readonly string[],
  write: (starts: readonly string[], series: S) => string,
): Served['texts'] {
  return families.map(({ name, series }) => {
    const head = `# HELP ${name} Made up.\n# TYPE ${name} ${type}\n`;
    const starts = series.map(({ labels }) => startsOf(name, labelText(labels)));
    return () => {
      let text = head;
      for (let i = 0; i < series.length; i++) text += write(starts[i]!, series[i]!);
      return text;
    };
  });
}

const labelText = ({ region, host, disk }: Labels): string => `region="${region}",host="${host}",disk="${disk}"`;

function ofGauges(): Served {
  const { source, duties } = gauges();
  const startsOf = (name: string, labels: string): string[] => [`${name}{${labels}} `];
  return { texts: textsOf(source.read(), 'gauge', startsOf, ([start], { value }) => `${start}${value}\n`), duties };
}

function ofHistograms(): Served {
  const made = makeHistograms(size);
  const startsOf = (name: string, labels: string): string[] => [
    ...[...BUCKETS, '+Inf'].map((le) => `${name}_bucket{${labels},le="${le}"} `),
    `${name}_sum{${labels}} `,
    `${name}_count{${labels}} `,
  ];
  const texts = textsOf(made, 'histogram', startsOf, (starts, { counts, sum }) => {
    let text = '';
    let count = 0;
    for (let i = 0; i < counts.length; i++) {
      count += counts[i]!;
      text += `${starts[i]}${count}\n`;
    }
    return `${text}${starts[counts.length]}${sum}\n${starts[counts.length + 1]}${count}\n`;
  });
  return { texts, duties: { turn: (n) => observe(made, n), reads: () => 0 } };
}

// Longer texts take longer to put into one piece of memory than to be sent in two.
const PIECE = 65_536;

const { texts, duties } = kind === 'histograms' ? ofHistograms() : ofGauges();
listen((_req, res) => {
  res.setHeader('content-type', 'text/plain; version=0.0.4');
  let text = '';
  for (const familyText of texts) {
    text += familyText();
    if (text.length < PIECE) continue;
    res.write(text, 'latin1');
    text = '';
  }
  res.end(text, 'latin1');
}, duties);
