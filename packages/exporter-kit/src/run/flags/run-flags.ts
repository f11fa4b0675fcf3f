import type { Collector } from '../../collect/collector.ts';
import { type Flag, type FlagsOf, flag, toggle } from './flag.ts';
import { duration, text } from './forms.ts';

/** What an exporter's process does. */
export interface RunValues {
  readonly once: boolean;
  readonly configFile: string;
  readonly watch: boolean;
  readonly check: boolean;
  readonly print: boolean;
  readonly schema: boolean;
  readonly lifecycle: boolean;
  readonly drainDelayMs: number;
  readonly disableDefaults: boolean;
}

/** Flags of an exporter's process. */
export const runFlags: FlagsOf<RunValues> = {
  once: toggle({ name: 'once', help: 'Print the metrics once and exit.', commandLineOnly: true }),
  configFile: flag({
    name: 'config.file',
    help: 'YAML file with settings; flags and environment variables override it. Its keys are the names of the flags.',
    outsideFile: true,
    default: '',
    ...text('FILE'),
  }),
  watch: toggle({
    name: 'config.watch',
    help: 'Reload when the config file, or a file that it names, changes.',
    default: false,
    outsideFile: true,
  }),
  check: toggle({
    name: 'config.check',
    help: 'Check the configuration, print what is wrong, and exit with 0 or 1.',
    commandLineOnly: true,
  }),
  print: toggle({
    name: 'config.print',
    help: 'Print the configuration in effect, with the origin of each value, and exit.',
    commandLineOnly: true,
  }),
  schema: toggle({
    name: 'config.schema',
    help: 'Print the JSON Schema of the config file, for editors, and exit.',
    commandLineOnly: true,
  }),
  lifecycle: toggle({
    name: 'web.enable-lifecycle',
    help: 'Also reload on POST /-/reload.',
    default: false,
    startOnly: true,
  }),
  drainDelayMs: flag({
    name: 'web.drain-delay',
    help: 'How long to keep answering after SIGTERM, while /-/ready answers 503.',
    default: 0,
    ...duration(),
  }),
  disableDefaults: toggle({
    name: 'collector.disable-defaults',
    help: 'Run only collectors that are enabled by name.',
    default: false,
  }),
};

/** The switch of a collector. */
export function collectorFlag({ name, enabled }: Collector): Flag {
  return {
    name: `collector.${name}`,
    type: 'switch',
    negatable: true,
    help: `The ${name} collector.`,
    default: enabled,
    defaultText: enabled ? 'enabled' : 'disabled',
  };
}
