import { guard } from '../../probe/guard.ts';
import type { ProbingOptions } from '../../probe/route.ts';
import { type FlagsOf, flag, list } from './flag.ts';
import { text, wholeNumber } from './forms.ts';

const rule = text('RULE', (one) => {
  guard({ allow: [one] });
  return one;
});

/** Which destinations probes may reach, and how many run at the same time. */
export interface ProbeValues extends Required<Pick<ProbingOptions, 'maxProbes' | 'maxProbesPerTarget' | 'keepProbes'>> {
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[];
}

/** Flags of exporters with probes. */
export const probeFlags: FlagsOf<ProbeValues> = {
  allow: list({
    name: 'probe.allow',
    help: 'Destinations that probes may reach, such as 10.0.0.0/8, *.example.com, https://*:443 or 127.0.0.1. Loopback, link-local and metadata addresses need a rule that names them by address.',
    otherwise: 'everywhere else',
    ...rule,
  }),
  deny: list({
    name: 'probe.deny',
    help: 'Destinations that probes may not reach, even if allowed.',
    default: [],
    otherwise: 'nowhere',
    ...rule,
  }),
  maxProbes: flag({
    name: 'probe.max',
    help: 'Maximum concurrent probes; 0 for no limit. Others wait, for three quarters of their timeout at most.',
    default: 200,
    ...wholeNumber(0, 999_999),
  }),
  maxProbesPerTarget: flag({
    name: 'probe.max-per-target',
    help: 'Maximum concurrent probes of one target; 0 for no limit.',
    default: 8,
    ...wholeNumber(0, 999_999),
  }),
  keepProbes: flag({
    name: 'probe.history-limit',
    help: 'Number of recent probes listed at /-/probes; as many failed ones before them are listed too.',
    default: 100,
    startOnly: true,
    ...wholeNumber(0, 999_999),
  }),
};
