import { messageOf } from '../../errors/thrown.ts';
import { guard } from '../../probe/guard.ts';
import type { ProbingOptions } from '../../probe/route.ts';
import { FlagError } from '../usage-error.ts';
import type { Flag, FlagValues } from './flags.ts';

/** Flags of exporters with probes. */
export const probeFlags: readonly Flag[] = [
  {
    name: 'probe.allow',
    type: 'list',
    value: 'RULE',
    help: 'Where probes may go, such as 10.0.0.0/8, *.example.com, https://*:443 or 127.0.0.1. Loopback, link-local and metadata addresses only where a rule names them by address.',
    preset: 'everywhere else',
    presetIsWords: true,
  },
  {
    name: 'probe.deny',
    type: 'list',
    value: 'RULE',
    help: 'Where probes may not go, whatever is allowed.',
    preset: 'nowhere',
    presetIsWords: true,
  },
  {
    name: 'probe.max',
    type: 'text',
    value: 'NUMBER',
    help: 'The most probes at the same time; 0 for no limit.',
    preset: '200',
  },
  {
    name: 'probe.max-per-target',
    type: 'text',
    value: 'NUMBER',
    help: 'The most probes of one target at the same time; 0 for no limit.',
    preset: '8',
  },
  {
    name: 'probe.history-limit',
    type: 'text',
    value: 'NUMBER',
    help: 'How many recent probes /-/probes tells of, and as many failed ones before them.',
    preset: '100',
    startOnly: true,
  },
];

/**
 * Reads them.
 *
 * @throws FlagError naming the flag that makes no sense.
 */
export function probeOptions(
  values: FlagValues,
): Required<Pick<ProbingOptions, 'guard' | 'maxProbes' | 'maxProbesPerTarget' | 'keepProbes'>> {
  const allow = rulesOf(values, 'probe.allow');
  return {
    guard: { ...(allow === undefined ? {} : { allow }), deny: rulesOf(values, 'probe.deny') ?? [] },
    maxProbes: numberOf(values, 'probe.max', '200'),
    maxProbesPerTarget: numberOf(values, 'probe.max-per-target', '8'),
    keepProbes: numberOf(values, 'probe.history-limit', '100'),
  };
}

function rulesOf(values: FlagValues, flag: string): readonly string[] | undefined {
  const said = values.get(flag);
  if (said === undefined) return undefined;
  const rules = [said].flat().map(String);
  try {
    guard({ allow: rules });
  } catch (cause) {
    throw new FlagError(flag, messageOf(cause), { cause });
  }
  return rules;
}

function numberOf(values: FlagValues, flag: string, preset: string): number {
  const text = String(values.get(flag) ?? preset);
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new FlagError(flag, `${JSON.stringify(text)} is no such number; write 0 or more.`);
}
