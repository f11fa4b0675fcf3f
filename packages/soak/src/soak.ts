import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startProgram, until } from 'test-servers';
import { ask } from './ask.ts';
import { credentials, makeFiles } from './files.ts';
import { longestWaitMs } from './health.ts';
import { bursts } from './load/bursts.ts';
import { everySecond } from './load/every-second.ts';
import type { Field, Load } from './load/load.ts';
import { probes } from './load/probes.ts';
import { readers } from './load/readers.ts';
import { reloads } from './load/reloads.ts';
import { scrapes } from './load/scrapes.ts';
import { slowloris } from './load/slowloris.ts';
import { strangers } from './load/strangers.ts';
import { descriptors, watchMemory } from './memory.ts';
import { tally } from './tally.ts';
import type { Findings } from './verdict.ts';

const loads: { readonly [kind in Kind]: readonly Load[] } = {
  mixed: [scrapes, strangers, reloads, readers, slowloris, probes, bursts],
  steady: [everySecond],
};
const subject = fileURLToPath(new URL('../dist/subject.js', import.meta.url));

/** All kinds of load at once, or one scrape a second. */
export type Kind = 'mixed' | 'steady';

/** Starts the exporter, runs the loads for some minutes, stops it, and returns the findings. */
export async function soak(minutes: number, kind: Kind): Promise<Findings> {
  const files = await makeFiles();
  const exporter = await startProgram(
    [
      subject,
      '--web.listen-address=127.0.0.1:0',
      '--web.enable-lifecycle',
      `--config.file=${files.config}`,
      `--web.config.file=${files.web}`,
      '--probe.allow=127.0.0.1',
    ],
    { until: /msg=listening address=(\S+)/ },
  );
  try {
    const { pid } = exporter;
    const url = exporter.match[1]!;
    // Load what is loaded on first use before descriptors are counted. Without its 15 MB of text, which would leave much to collect.
    await ask(`${url}metrics?exclude[]=wide`, { headers: { ...credentials.usual, 'accept-encoding': 'gzip' } });
    const begin = descriptors(pid);

    const signal = AbortSignal.timeout(minutes * 60_000);
    // As many as there are concurrent connections.
    setMaxListeners(0, signal);
    const field: Field = { url, pid, files, tally: tally(), signal };
    const [memory, healthyMs] = await Promise.all([
      watchMemory(field),
      longestWaitMs(field),
      ...loads[kind].map((load) => load(field)),
    ]);

    const end = await settled(pid, begin);
    const { code } = await exporter.stop();
    const errorLines = exporter.output().split('\n').filter(isUnexplained);
    return { minutes, tally: field.tally, memory, descriptors: { begin, end }, healthyMs, errorLines, exitCode: code };
  } finally {
    await exporter.stop('SIGKILL');
    await files.remove();
  }
}

/** Descriptors after connections have had time to close. */
async function settled(pid: number, begin: number): Promise<number> {
  const few = async (): Promise<true | undefined> => (descriptors(pid) <= begin ? true : undefined);
  await until('few descriptors', few, 30_000).catch(() => {});
  return descriptors(pid);
}

const explained: readonly RegExp[] = [
  /msg="collector failed" collector=(slow|flaky) /,
  /msg="configuration not reloaded; the last good one stays in effect"/,
  /msg="web configuration is invalid; the last good one stays in effect"/,
];

function isUnexplained(line: string): boolean {
  return /level=(error|fatal) /.test(line) && !explained.some((one) => one.test(line));
}
