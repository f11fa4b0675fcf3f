import { checkAlert, checkSlo } from './check-alert.ts';
import { isLegacyName, isUtf8Name } from './escape.ts';
import { type LabelsSpec, labelClash, labelList, ownLabel, type SetArgs } from './labels.ts';
import type {
  Across,
  Counter,
  Gauge,
  GaugeHistogram,
  Histogram,
  HistogramValue,
  Info,
  Kind,
  Metric,
  NativeHistogramValue,
  StateSet,
  Summary,
  SummaryValue,
  Untyped,
} from './metric.ts';
import { declarationFindings, type NamedMetric, type NamingRule } from './naming.ts';
import { type NativeOption, nativeShape } from './native.ts';
import { alertsIn, type MetricViews } from './views.ts';

/** Options of every metric declaration. */
export interface Declaration<L extends LabelsSpec> extends MetricViews {
  /**
   * Full name: letters, digits and `_`; ends in the unit, then in `_total` for a counter or `_info` for an info. Other
   * characters need a waiver of `syntax`: newer scrapers get `http.requests`, others the escaped `http_requests`.
   */
  readonly name: string;
  /** One sentence that says what it measures. */
  readonly help: string;
  /** Base unit, such as `seconds` or `bytes`; the name must end in it. OpenMetrics writes it as `# UNIT`. */
  readonly unit?: string;
  /** Names, or names with their allowed values. With `syntax` waived, names may contain other characters too. */
  readonly labels?: L;
  /** Naming rules that this metric may break, each with a reason; or one reason for all rules. */
  readonly waive?: Waiver;
}

type Waiver = string | { readonly [R in NamingRule]?: string };

type GaugeDeclaration<L extends LabelsSpec> = Declaration<L> & {
  /** How values of several threads or processes become one, if it is counted with `live` and shared; default `sum`. */
  readonly across?: Across;
};
type HistogramDeclaration<L extends LabelsSpec> = Declaration<L> & {
  /** Upper bounds, finite and ascending; `[]` for `+Inf` alone, which is always added. */
  readonly buckets: readonly number[];
  /**
   * Exponential buckets of a native histogram, which `live` counts beside `buckets`; default `true`, for up to 160 buckets that
   * grow by 9 %. `schema` (-4 to 8; 3) is the resolution to start with: 2^schema buckets for each doubling. A value that would
   * need more than `maxBuckets` (1 to 512; 160) on its side of zero halves it. Values within `zeroThreshold` (2^-128, in the
   * metric's unit) of 0 are counted together; before the resolution is halved, as many of the smallest buckets as needed join
   * them, up to `maxZeroThreshold` (0: none). Collectors and jobs ignore all of it.
   */
  readonly native?: NativeOption | undefined;
};
type SummaryDeclaration<L extends LabelsSpec> = Declaration<L> & {
  /** Quantiles that the source reports, from 0 to 1, ascending. */
  readonly quantiles?: readonly number[];
};
type StateSetDeclaration<L extends LabelsSpec, S extends string> = Declaration<L> & {
  /** All possible states. */
  readonly states: readonly S[];
};

/**
 * Declares a gauge.
 *
 * @example
 * const depth = gauge({ name: 'queue_depth', help: 'Messages waiting.', labels: ['queue'] });
 * @throws TypeError if the name, a label, the unit or `across` breaks a rule; the message says what to change.
 */
export function gauge<const L extends LabelsSpec = readonly []>(
  decl: GaugeDeclaration<L>,
): Gauge<SetArgs<L, [value: number]>> {
  const { name, across = 'sum' } = decl;
  if (!['sum', 'min', 'max'].includes(across))
    throw new TypeError(`gauge ${name}: across must be "sum", "min" or "max", not ${JSON.stringify(across)}.`);
  return metric('gauge', decl, across === 'sum' ? {} : { across }) as Gauge<SetArgs<L, [value: number]>>;
}

/**
 * Declares a counter; `set` takes the source's absolute value.
 *
 * @example
 * const sent = counter({ name: 'mail_sent_total', help: 'Mails sent.' });
 * @throws TypeError as {@link gauge} does.
 */
export function counter<const L extends LabelsSpec = readonly []>(
  decl: Declaration<L>,
): Counter<SetArgs<L, [value: number]>> {
  return metric('counter', decl) as Counter<SetArgs<L, [value: number]>>;
}

/**
 * Declares a metric of unknown type (`untyped` in text 0.0.4, `unknown` in OpenMetrics).
 *
 * @throws TypeError as {@link gauge} does.
 */
export function untyped<const L extends LabelsSpec = readonly []>(
  decl: Declaration<L>,
): Untyped<SetArgs<L, [value: number]>> {
  return metric('unknown', decl) as Untyped<SetArgs<L, [value: number]>>;
}

/**
 * Declares a histogram whose observations the source has counted already.
 *
 * @example
 * const wait = histogram({ name: 'wait_seconds', help: 'Time in the queue.', unit: 'seconds', buckets: [0.1, 1, 10] });
 * // wait.set({ counts: [5, 2, 0, 1], sum: 14.2 })
 * @throws TypeError as {@link gauge} does, if the bounds are not finite and ascending, or for an option of `native` out of range.
 */
export function histogram<const L extends LabelsSpec = readonly []>(
  decl: HistogramDeclaration<L>,
): Histogram<SetArgs<L, [value: HistogramValue | NativeHistogramValue]>> {
  ascending(decl.name, 'buckets', decl.buckets, -Infinity, Infinity);
  const { name, buckets, native } = decl;
  const shape = native === undefined ? undefined : { native: nativeShape(`histogram ${name}`, native) };
  return metric('histogram', decl, { buckets: [...buckets], ...shape }) as Histogram<
    SetArgs<L, [value: HistogramValue | NativeHistogramValue]>
  >;
}

/**
 * Declares a gauge histogram: how values of one moment are distributed, such as the ages of the messages in a queue. Its counts
 * and sum can go down. For collectors; `live` counts events, which only become more.
 *
 * @example
 * const ages = gaugeHistogram({ name: 'message_age_seconds', help: 'Age of waiting messages.', unit: 'seconds', buckets: [1, 60] });
 * // ages.set({ counts: [5, 2, 0], sum: 14.2 })
 * @throws TypeError as {@link histogram} does.
 */
export function gaugeHistogram<const L extends LabelsSpec = readonly []>(
  decl: Omit<HistogramDeclaration<L>, 'native'>,
): GaugeHistogram<SetArgs<L, [value: HistogramValue | NativeHistogramValue]>> {
  ascending(decl.name, 'buckets', decl.buckets, -Infinity, Infinity);
  return metric('gaugehistogram', decl, { buckets: [...decl.buckets] }) as GaugeHistogram<
    SetArgs<L, [value: HistogramValue | NativeHistogramValue]>
  >;
}

/**
 * Declares a summary whose quantiles the source has computed already.
 *
 * @throws TypeError as {@link gauge} does, or if the quantiles are not ascending from 0 to 1.
 */
export function summary<const L extends LabelsSpec = readonly []>(
  decl: SummaryDeclaration<L>,
): Summary<SetArgs<L, [value: SummaryValue]>> {
  ascending(decl.name, 'quantiles', decl.quantiles ?? [], 0, 1);
  return metric('summary', decl, { quantiles: [...(decl.quantiles ?? [])] }) as Summary<
    SetArgs<L, [value: SummaryValue]>
  >;
}

/**
 * Declares an info: facts as labels, with the value 1.
 *
 * @example
 * const build = info({ name: 'broker_info', help: 'The broker we talk to.', labels: ['version'] });
 * // build.set({ version: '3.13' })
 * @throws TypeError as {@link gauge} does.
 */
export function info<const L extends LabelsSpec = readonly []>(decl: Declaration<L>): Info<SetArgs<L, []>> {
  return metric('info', decl) as Info<SetArgs<L, []>>;
}

/**
 * Declares a set of states, one of which is current. Each state is a series; a label with the metric's name holds the state.
 *
 * @example
 * const link = stateset({ name: 'link_state', help: 'State of the link.', states: ['up', 'down'], labels: ['port'] });
 * // link.set({ port: 'eth0' }, 'up')
 * @throws TypeError as {@link gauge} does, or if a state is repeated.
 */
export function stateset<const S extends string, const L extends LabelsSpec = readonly []>(
  decl: StateSetDeclaration<L, S>,
): StateSet<SetArgs<L, [state: S]>> {
  if (decl.states.length === 0) throw new TypeError(`stateset ${decl.name}: states is empty; name at least one.`);
  if (new Set(decl.states).size !== decl.states.length)
    throw new TypeError(`stateset ${decl.name}: a state is named twice; remove one.`);
  return metric('stateset', decl, { states: [...decl.states] }) as StateSet<SetArgs<L, [state: S]>>;
}

const word = /^[a-z][a-z0-9_]*$/;

function metric(
  kind: Kind,
  decl: Declaration<LabelsSpec>,
  shape: Partial<Pick<Metric, 'buckets' | 'native' | 'quantiles' | 'states' | 'across'>> = {},
): Metric {
  const { name, help, unit = '', waive = {} } = decl;
  if (!isUtf8Name(name)) {
    throw new TypeError(
      `${kind} ${JSON.stringify(name)}: not a metric name; use letters, digits and "_", not starting with a digit.`,
    );
  }
  const owner = `${kind} ${isLegacyName(name) ? name : JSON.stringify(name)}`;
  if (typeof help !== 'string') throw new TypeError(`${owner}: help is missing; say in a sentence what it measures.`);
  const labels = labelList(decl.labels ?? [], owner);
  const named = { kind, help, unit, labels: labels.map((label) => label.name) };
  checkNames(owner, { ...named, name }, waive);
  checkNewName(owner, named, decl);
  const views = viewsOf(decl);
  const made = { kind, name, help, unit, labels, buckets: [], quantiles: [], states: [], ...shape, ...views };
  for (const alert of alertsIn(decl)) checkAlert(owner, made, alert);
  if (decl.slo !== undefined) checkSlo(owner, made, decl.slo);
  return Object.freeze(made);
}

type Named = NamedMetric & { readonly unit: string };

function checkNames(owner: string, named: Named, waive: Waiver): void {
  const { kind, name, unit, labels } = named;
  checkUnit(owner, kind, name, unit);
  checkOwnLabel(owner, kind, name, labels);
  if (typeof waive === 'string') return;
  const broken = declarationFindings(named).filter((found) => !waive[found.rule]);
  if (broken.length === 0) return;
  const waiver = broken.map((found) => `${found.rule}: 'why'`).join(', ');
  throw new TypeError(`${owner} ${broken.map((found) => found.message).join(' It ')} (Or waive: { ${waiver} }.)`);
}

/** The new name of a deprecated metric is written as well, so the same rules hold for it. */
function checkNewName(
  owner: string,
  named: Omit<Named, 'name'>,
  { name, waive = {}, deprecated }: Declaration<LabelsSpec>,
): void {
  const replacedBy = deprecated?.replacedBy;
  if (replacedBy === undefined) return;
  const refuse = (problem: string): never => {
    throw new TypeError(`${owner}: deprecated.replacedBy ${JSON.stringify(replacedBy)} ${problem}`);
  };
  if (!isUtf8Name(replacedBy)) refuse('is not a metric name; give the new name, or remove it.');
  if (replacedBy === name) refuse('is the metric itself; give the new name, or remove it.');
  checkNames(`${owner}: deprecated.replacedBy ${JSON.stringify(replacedBy)}`, { ...named, name: replacedBy }, waive);
}

function viewsOf({ alert, slo, deprecated, stability, since }: MetricViews): Partial<Pick<Metric, 'views'>> {
  const given = Object.entries({ alert, slo, deprecated, stability, since }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { views: Object.fromEntries(given) };
}

/** OpenMetrics 1.0: the unit is a suffix of the family's name; infos and statesets have none. */
function checkUnit(owner: string, kind: Kind, name: string, unit: string): void {
  if (unit === '') return;
  if (!word.test(unit))
    throw new TypeError(`${owner}: ${JSON.stringify(unit)} is not a unit; use a word such as "seconds".`);
  if (kind === 'info' || kind === 'stateset') throw new TypeError(`${owner}: an ${kind} has no unit; remove it.`);
  const family = kind === 'counter' ? name.replace(/_total$/, '') : name;
  if (!family.endsWith(`_${unit}`)) {
    throw new TypeError(
      `${owner}: the name must end in its unit; call it "${family}_${unit}${family === name ? '' : '_total'}".`,
    );
  }
}

/** A label that the type itself writes can't be declared, nor can two labels that are equal once escaped; no waiver helps. */
function checkOwnLabel(owner: string, kind: Kind, name: string, labels: readonly string[]): void {
  const own = ownLabel({ kind, name });
  if (own !== undefined && labels.includes(own)) {
    throw new TypeError(`${owner}: label ${JSON.stringify(own)} is written by every ${kind}; choose another name.`);
  }
  const clash = labelClash(own === undefined ? labels : [...labels, own]);
  if (clash !== undefined) throw new TypeError(`${owner}: the labels ${clash}; rename one.`);
}

function ascending(name: string, what: string, list: unknown, low: number, high: number): void {
  const why = ascendingProblem(list, low, high);
  if (why !== undefined) throw new TypeError(`${name}: ${what} ${why}`);
}

/** What is wrong with a list that must hold ascending numbers, as the end of a sentence; `undefined` for nothing. */
export function ascendingProblem(list: unknown, low: number, high: number): string | undefined {
  if (list === undefined) return 'is missing; give a list of numbers.';
  if (!Array.isArray(list)) return 'must be a list of numbers.';
  for (const [i, bound] of (list as unknown[]).entries()) {
    const valid = typeof bound === 'number' && bound >= low && bound <= high && Math.abs(bound) !== Infinity;
    const said =
      typeof bound === 'string' ? JSON.stringify(bound.slice(0, 80)) : isObject(bound) ? 'an object' : String(bound);
    if (!valid) return `contains ${said}, which is not a number from ${low} to ${high}; remove it.`;
    if (i > 0 && bound <= list[i - 1]) return `must be ascending, but ${bound} follows ${list[i - 1]}; sort them.`;
  }
  return undefined;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
