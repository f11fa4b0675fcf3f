/** A name in every spelling that sources use. */
export interface Spellings {
  readonly kebab: string;
  readonly camel: string;
  readonly pascal: string;
  readonly snake: string;
  readonly constant: string;
  readonly title: string;
}

/**
 * Spells a kebab-case name.
 *
 * @example
 * spellings('acme-queue').pascal; // 'AcmeQueue'
 */
export function spellings(kebab: string, title?: string): Spellings {
  const words = kebab.split('-');
  const capitals = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return {
    kebab,
    camel: words[0]! + capitals.slice(1).join(''),
    pascal: capitals.join(''),
    snake: words.join('_'),
    constant: words.join('_').toUpperCase(),
    title: title ?? capitals.join(' '),
  };
}

/** CronJob names end at 52 characters and DNS labels at 63; `-exporter` and what a cluster appends must fit behind. */
const longest = 40;

/**
 * Why a name is invalid, as a sentence; `undefined` if it is valid. A valid name is at once a folder, an npm package,
 * an identifier of TypeScript, the namespace of metrics, and a DNS label.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'A name is missing; try one such as "acme-queue".';
  const say = (problem: string): string => `${JSON.stringify(name)} ${problem}`;
  if (name.length > longest) return say(`has ${name.length} characters; the maximum is ${longest}.`);
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    return say('is not kebab-case; use lower-case words of letters and digits, joined by "-", starting with a letter.');
  }
  const words = name.split('-');
  if (words.length > 1 && added.has(words.at(-1)!)) {
    return say(`ends in "-${words.at(-1)}", which the template adds; use "${words.slice(0, -1).join('-')}".`);
  }
  if (words.length > 1 && words[0] === 'collector') {
    return say(`starts with "collector-", which the template adds; use "${words.slice(1).join('-')}".`);
  }
  if (reserved.has(name)) return say('is a reserved word of JavaScript; add a word to it.');
  if (devices.test(name)) return say('is a reserved file name on Windows; add a word to it.');
  if (taken.has(name)) return say('is already a name of settings, metrics or collectors in the kit; add a word to it.');
  const bad = words.map(metricWordProblem).find((problem) => problem !== undefined);
  return bad === undefined ? undefined : say(`would begin the names of metrics, but ${bad}; use another word.`);
}

/** Why a title is invalid; `undefined` if it is valid. It goes into Markdown, JSON and TypeScript unescaped. */
export function titleProblem(title: string): string | undefined {
  if (title.length <= 60 && /^[\p{L}\p{N}][\p{L}\p{N} .&()+/_-]*$/u.test(title) && !title.endsWith(' '))
    return undefined;
  return `${JSON.stringify(title)} is not a valid title; use up to 60 letters, digits, spaces and . & ( ) + / _ - (no quotes).`;
}

const added = new Set(['exporter', 'prober', 'job', 'app']);
const taken = new Set(
  (
    'process nodejs node-runtime job ' +
    // Settings, which the name of a source must not hide.
    'collector config help log modules once probe push scrape shard version web'
  ).split(' '),
);
const devices = /^(con|prn|aux|nul|(com|lpt)[0-9])$/;

// ECMAScript 2024, 12.7.2, strict mode and modules included; then the globals that linters won't see shadowed.
const reserved = new Set(
  (
    'arguments as async await break case catch class const continue debugger default delete do else enum eval export ' +
    'extends false finally for from function get if implements import in infinity instanceof interface let new null of ' +
    'package private protected public return set static super switch this throw true try typeof undefined var void ' +
    'while with yield array boolean date error function map number object promise proxy reflect string symbol'
  ).split(' '),
);

// For what templates declare: promlint 3 reports a metric's own type in its name.
const types = new Set(['counter', 'gauge']);
const abbreviations = new Set('s ms us ns sec b kb mb gb tb pb m h d'.split(' '));
const scaled = /^(pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mebi|mibi|giga|gibi|tera|tebi|peta|pebi)/;
const base = /^(amperes|bytes|celsius|grams|joules|kelvin|meters|metres|moles|seconds|volts)$/;
const derived =
  /^(minutes|hours|days|weeks|kelvins|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces)$/;

/** The naming rules of `promtool check metrics` that a word of the namespace can break. */
function metricWordProblem(word: string, position: number): string | undefined {
  const unscaled = word.replace(scaled, '');
  if (derived.test(unscaled) || (unscaled !== word && base.test(unscaled))) return `"${word}" is not a base unit`;
  if (position === 0) return undefined;
  if (types.has(word)) return `"${word}" reads as a metric's type`;
  return abbreviations.has(word) ? `"${word}" reads as an abbreviated unit` : undefined;
}

/**
 * The placeholder name of all templates. Two words, so that all spellings differ. Outside `templates/` it occurs only here.
 */
export const placeholder = 'acme-widget';
