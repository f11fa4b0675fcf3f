import type { Family, Sample } from '../collect/families.ts';
import { toNumber } from '../metric/canonical.ts';
import { ownLabel } from '../metric/labels.ts';
import { isBucketed, type Kind } from '../metric/metric.ts';
import { fail, type Labels, type Line } from './line.ts';
import { addToPoint, newPoint, type Point, pointProblem } from './point.ts';

/** Rules of one format, beyond those that both share. A check returns the problem, if there is one. */
export interface Rules {
  /** Suffixes of a family's sample names. */
  readonly endings: { readonly [K in Kind]: readonly string[] };
  /** Whether samples of a label set must be together, and may repeat with a later timestamp. */
  readonly pointwise: boolean;
  /** Whether families may be scattered, and histograms and summaries incomplete. */
  readonly lenient: boolean;
  checkFacts(facts: ReadonlyMap<string, string>): string | undefined;
  check(kind: Kind, ending: string, value: number, own: string | undefined): string | undefined;
  checkEnd(kind: Kind, point: Point): string | undefined;
}

/** Assembles families from lines. Each function throws, through {@link fail}, if the line breaks a rule. */
export interface FamilyReader {
  /** Adds a TYPE, HELP or UNIT. */
  describe(line: Line, name: string, what: 'kind' | 'help' | 'unit', value: string): void;
  sample(line: Line, sample: Sample): void;
  end(): Family[];
}

/** A family that is being assembled. */
interface Open {
  readonly name: string;
  readonly facts: Map<string, string>;
  readonly samples: Sample[];
  readonly seen: Set<string>;
  readonly points: Map<string, Point>;
  latest?: Point;
}

const words = { kind: 'TYPE', help: 'HELP', unit: 'UNIT' };

/** A duplicate series calls `duplicate`; unless that throws, the sample is skipped. */
export function familyReader(rules: Rules, duplicate: (line: Line, sample: Sample) => void): FamilyReader {
  const opened = new Map<string, Open>();
  const owners = new Map<string, string>(); // each sample name that a family may use → that family
  let open: Open | undefined;

  function enter(line: Line, name: string): Open {
    if (open?.name === name) return open;
    const owner = owners.get(name);
    if (owner === name && !rules.lenient)
      fail(line, `the lines of family ${name} must be together; other lines are between them`);
    if (owner !== undefined && owner !== name) fail(line, `${name} already belongs to the family ${owner} above`);
    close();
    owners.set(name, name);
    open = opened.get(name) ?? { name, facts: new Map(), samples: [], seen: new Set(), points: new Map() };
    opened.set(name, open);
    return open;
  }

  function close(): void {
    if (open === undefined) return;
    const kind = kindOf(open);
    for (const point of open.points.values()) endPoint(kind, point);
    open = undefined;
  }

  function endPoint(kind: Kind, point: Point): void {
    const problem = pointProblem(kind, point) ?? rules.checkEnd(kind, point);
    if (problem !== undefined) fail(point.line, problem);
  }

  function pointOf(line: Line, family: Open, key: string, timestampMs: number | undefined): Point {
    const known = family.points.get(key);
    if (known !== undefined && !rules.pointwise) return known;
    if (known !== undefined) {
      if (known !== family.latest)
        fail(line, 'the samples of a label set must be together; other samples are between them');
      if (known.timestampMs === timestampMs) return known;
      if (!(Number(timestampMs) > Number(known.timestampMs)))
        fail(line, 'its timestamp must be later than the one above');
      endPoint(kindOf(family), known);
    }
    const point = newPoint(line, timestampMs);
    family.points.set(key, point);
    family.latest = point;
    return point;
  }

  return {
    describe(line, name, what, value) {
      const family = enter(line, name);
      if (family.samples.length > 0 && !(rules.lenient && what === 'help'))
        fail(line, `the ${words[what]} of ${name} must come before its samples`);
      if (family.facts.has(what)) fail(line, `duplicate ${words[what]} of ${name}`);
      family.facts.set(what, value);
      const problem = rules.checkFacts(family.facts);
      if (problem !== undefined) fail(line, problem);
      for (const ending of what === 'kind' ? rules.endings[value as Kind] : []) {
        const owner = owners.get(name + ending) ?? name;
        if (owner !== name) fail(line, `${name + ending} already belongs to the family ${owner} above`);
        owners.set(name + ending, name);
      }
    },
    sample(line, sample) {
      const { name, labels, value, timestampMs } = sample;
      const family = enter(line, owners.get(name) ?? name);
      const kind = kindOf(family);
      const ending = name.slice(family.name.length);
      const endings = rules.endings[kind];
      if (!endings.includes(ending)) {
        fail(line, `${kind} samples must be named ${endings.map((e) => family.name + e).join(', ')}`);
      }
      const label = ownLabel({ kind, name: family.name });
      const own = label === undefined ? undefined : labels[label];
      const labelled = ending === (isBucketed(kind) ? '_bucket' : '');
      if (label !== undefined && !rules.lenient && (own !== undefined) !== labelled) {
        fail(line, `${name} must ${own === undefined ? '' : 'not '}have the label ${JSON.stringify(label)}`);
      }
      const problem = rules.check(kind, ending, value, own);
      if (problem !== undefined) fail(line, problem);
      const key = keyOf(labels, label);
      const pointed = (label !== undefined && !rules.lenient) || rules.pointwise;
      const point = pointed ? pointOf(line, family, key, timestampMs) : undefined;
      const spelled = own !== undefined && rules.lenient ? String(toNumber(own)) : own;
      const series = ending + (spelled === undefined ? '' : JSON.stringify(spelled)) + key;
      const unique = rules.pointwise ? `${series}${timestampMs}` : series;
      if (family.seen.has(unique)) {
        duplicate(line, sample);
        return;
      }
      family.seen.add(unique);
      if (point) addToPoint(line, point, kind, ending, own, value);
      family.samples.push(sample);
    },
    end() {
      close();
      return [...opened.values()].map((family) => ({
        name: family.name,
        kind: kindOf(family),
        help: family.facts.get('help') ?? '',
        unit: family.facts.get('unit') ?? '',
        samples: family.samples,
      }));
    },
  };
}

const kindOf = (family: Open): Kind => (family.facts.get('kind') as Kind | undefined) ?? 'unknown';

/** A key for the label set without `except`, whatever the order of its labels. An empty label counts as absent. */
function keyOf(labels: Readonly<Labels>, except: string | undefined): string {
  const names: string[] = [];
  for (const name in labels) if (name !== except && labels[name] !== '') names.push(name);
  let key = '';
  for (const name of names.sort()) key += `${name.length}:${name}${JSON.stringify(labels[name])}`;
  return key;
}
