import type { Collector } from '../../collect/collector.ts';
import type { Flag } from './flags.ts';
import { markdownFlag } from './standard-flags.ts';

/** Flags about the run itself. */
export const runFlags: readonly Flag[] = [
  { name: 'once', type: 'switch', help: 'Print the metrics once and exit.', commandLineOnly: true },
  {
    name: 'config.file',
    type: 'text',
    value: 'FILE',
    help: 'YAML file with settings that neither a flag nor the environment gives; its keys are the names of the flags.',
    outsideFile: true,
  },
  {
    name: 'config.watch',
    type: 'switch',
    help: 'Reload when the config file, or a file that it names, changes.',
    preset: 'false',
    outsideFile: true,
  },
  {
    name: 'config.check',
    type: 'switch',
    help: 'Check the configuration, say what is wrong, and exit with 0 or 1.',
    commandLineOnly: true,
  },
  {
    name: 'config.print',
    type: 'switch',
    help: 'Print the configuration in effect, with where each value comes from, and exit.',
    commandLineOnly: true,
  },
  {
    name: 'config.schema',
    type: 'switch',
    help: 'Print the JSON Schema of the config file, for editors, and exit.',
    commandLineOnly: true,
  },
  markdownFlag,
  {
    name: 'web.enable-lifecycle',
    type: 'switch',
    help: 'Reload on POST /-/reload too.',
    preset: 'false',
    startOnly: true,
  },
  {
    name: 'web.drain-delay',
    type: 'text',
    value: 'DURATION',
    help: 'How long to go on answering after the signal to end, while /-/ready says 503.',
    preset: '0s',
  },
  {
    name: 'collector.disable-defaults',
    type: 'switch',
    help: 'Run only the collectors that are enabled by name.',
    preset: 'false',
  },
];

/** The switch of a collector. */
export function collectorFlag({ name, enabled }: Collector): Flag {
  return {
    name: `collector.${name}`,
    type: 'switch',
    negatable: true,
    help: `The ${name} collector.`,
    preset: enabled ? 'enabled' : 'disabled',
  };
}
