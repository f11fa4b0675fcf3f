/// <reference types="node" preserve="true" />

import type { RE2JS } from 're2js';
import { re2 } from '#re2js';
import { plainRegexp } from './plain-regexp.ts';
import { z } from './zod.ts';

/** A regular expression in RE2's syntax, which is Go's. Matching takes time linear in the length of the text. */
export interface Regexp {
  readonly source: string;
  test(text: string): boolean;
  /** The first match, if any. */
  match(text: string): RegexpMatch | undefined;
  /** Between slashes, for messages. */
  toString(): string;
}

/** A match of a regular expression. */
export interface RegexpMatch {
  /** A group by number (0 is the whole match) or name; '' if it did not match or does not exist. */
  group(which: number | string): string;
}

/** A setting that is a regular expression; the exporter gets a {@link Regexp}. */
export type RegexpSetting<Input extends z.ZodType = z.ZodString> = z.ZodPipe<Input, z.ZodTransform<Regexp, string>>;

/**
 * A setting that is a regular expression in RE2's syntax (github.com/google/re2/wiki/Syntax), as in Prometheus and its
 * exporters. No expression can hang; an invalid one is refused when the configuration is read.
 *
 * Without a default the setting is required, unless `.optional()`.
 */
export function regexp(): RegexpSetting;
/**
 * A setting that is a regular expression in RE2's syntax, with a default.
 *
 * @example
 * config: z.object({ exclude: regexp('^(lo|veth.*)$').describe('Network devices to leave out.') })
 */
export function regexp(preset: string): RegexpSetting<z.ZodDefault<z.ZodString>>;
export function regexp(preset?: string): RegexpSetting | RegexpSetting<z.ZodDefault<z.ZodString>> {
  const written = z.string().meta({ placeholder: 'REGEXP' });
  if (preset === undefined) return written.transform(compiled);
  const ready = plainRegexp(preset) ?? compileRegexp(preset);
  return written.default(preset).transform((text, context) => (text === preset ? ready : compiled(text, context)));
}

function compiled(text: string, { issues }: z.core.$RefinementCtx): Regexp {
  try {
    return compileRegexp(text);
  } catch (error) {
    issues.push({ code: 'custom', input: text, message: (error as Error).message });
    return z.NEVER;
  }
}

/**
 * Compiles a regular expression.
 *
 * @throws SyntaxError in RE2's words.
 */
export function compileRegexp(source: string): Regexp {
  let re: RE2JS;
  try {
    re = re2().compile(source);
  } catch (cause) {
    throw new SyntaxError((cause as Error).message, { cause });
  }
  const names = re.namedGroups() as { readonly [name: string]: number };
  return {
    source,
    test: (text) => re.test(text),
    match(text) {
      const found = re.matcher(text);
      if (!found.find()) return undefined;
      return {
        group(which) {
          const number = typeof which === 'number' ? which : names[which];
          return number === undefined || number > re.groupCount() ? '' : (found.group(number) ?? '');
        },
      };
    },
    toString: () => `/${source}/`,
  };
}
