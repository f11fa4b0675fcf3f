import { next, seed } from './values.ts';

/** Labels of one container's series, as Kubernetes gives them. */
export interface PodLabels {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly node: string;
  readonly service: string;
  readonly endpoint: string;
  readonly image: string;
  readonly id: string;
}

export const POD_LABELS: readonly (keyof PodLabels)[] = [
  'namespace',
  'pod',
  'container',
  'node',
  'service',
  'endpoint',
  'image',
  'id',
];
/** Families: every second one counts, in whole numbers; of the others, half are bytes and half have fractions. */
export const POD_FAMILIES = 40;

/** The labels of so many containers. */
export function makePods(count: number): readonly PodLabels[] {
  let state = seed(7);
  const hex = (digits: number): string => {
    let text = '';
    for (; text.length < digits; text += (state >>> 28).toString(16)) state = next(state);
    return text;
  };
  return Array.from({ length: count }, (_, i) => ({
    namespace: `team-${i % 12}`,
    pod: `app-${i % 40}-${hex(9)}-${hex(5)}`,
    container: ['app', 'proxy', 'metrics'][i % 3]!,
    node: `ip-10-0-${i % 20}-17.eu-west-1.compute.internal`,
    service: 'kubelet',
    endpoint: 'https-metrics',
    image: `registry.example.com/team/app-${i % 40}:v1.${i % 7}.3`,
    id: `/kubepods/burstable/pod${hex(32)}`,
  }));
}

/** The value that a family's series has for a number drawn. */
export function podValue(family: number, drawn: number): number {
  if (family % 2 === 0) return drawn >>> 12;
  return family % 4 === 1 ? (drawn >>> 14) * 4096 : (drawn >>> 8) / 16_777_259;
}
