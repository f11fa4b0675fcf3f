import { isDeepStrictEqual } from 'node:util';
import type { Collector } from '../collect/collector.ts';
import type { Source } from '../collect/source/source.ts';
import { messageOf, property } from '../errors/thrown.ts';
import { problemsOf } from '../yaml/problems.ts';
import { maskedSettings } from './mask.ts';
import type { CommonModule, Refuse, SourceModule, Written } from './modules.ts';

/** Reads a module of a source. */
export function sourceModule(
  common: CommonModule,
  source: Source,
  written: Written,
  all: readonly Collector[] | undefined,
  refuse: Refuse,
): SourceModule {
  const settings = (written[source.name] ?? {}) as SourceModule['settings'];
  checkSettings(source, settings, (path, message) => refuse([source.name, ...path], message));
  const known = all?.filter((one) => one.source === source).map(({ name }) => name);
  const collectors = collectorsOf(written.collectors, known, refuse);
  const isSecret = !isDeepStrictEqual(maskedSettings(settings), settings);
  if (isSecret && common.targets === undefined) refuse(['targets'], missingTargets(source));
  return { ...common, source, settings, ...(collectors === undefined ? {} : { collectors }), isSecret };
}

/** The message for a module that would send a secret anywhere. */
export const missingTargets = ({ name }: Source): string =>
  `is missing: the settings of ${name} hold a secret; list the targets it may be sent to, such as ["*.example.com:6379"].`;

/** The settings lack the target; all else must be right. */
function checkSettings({ name, config, target }: Source, settings: unknown, refuse: Refuse): void {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    refuse([], `must be a map with settings of ${name}.`);
    return;
  }
  if (Object.hasOwn(settings, target!)) refuse([target!], 'is filled by /probe?target=; remove the key.');
  try {
    config?.parse(settings);
  } catch (error) {
    const issues = property(error, 'issues');
    const problems = Array.isArray(issues) ? problemsOf(issues) : [{ path: [], why: messageOf(error) }];
    for (const { path, why } of problems) {
      // What is wrong with all of them may be the lack of the target.
      if (path.length > 0 && path[0] !== target) refuse(path, why);
    }
  }
}

function collectorsOf(
  written: unknown,
  known: readonly string[] | undefined,
  refuse: Refuse,
): readonly string[] | undefined {
  if (written === undefined) return undefined;
  if (!Array.isArray(written) || !written.every((name) => typeof name === 'string')) {
    refuse(['collectors'], 'must be a list of names.');
    return undefined;
  }
  for (const [i, name] of written.entries()) {
    if (known?.includes(name) === false) {
      refuse(
        ['collectors', i],
        `${JSON.stringify(name)} is not a collector of this source; known: ${known.join(', ')}.`,
      );
    }
  }
  return written;
}
