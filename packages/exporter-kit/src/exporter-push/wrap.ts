import { collector } from '../collect/collector.ts';
import type { Family } from '../collect/families.ts';
import { writeFamilies } from '../collect/write-families.ts';
import { messageOf } from '../errors/thrown.ts';
import { job as declareJob } from '../push/job.ts';
import { jobVerdict } from '../push/job-result.ts';
import { settleJob } from '../push/settle-job.ts';
import type { Group } from '../push/sink.ts';
import { EXIT_NOT_DELIVERED } from '../run/usage-error.ts';
import { checkExposition, hasSamples } from './check-exposition.ts';
import type { Command } from './command-line.ts';
import { exitCodes } from './ending.ts';
import { METRICS_VARIABLE, type MetricsFile, metricsFile } from './metrics-file.ts';
import { type CommandEnd, runCommand } from './run-command.ts';
import type { Sending } from './sinks.ts';

/** How a command is run, and where its result goes. */
export interface WrapOptions extends Sending {
  readonly group: Group;
  readonly timeoutMs?: number;
  readonly killAfterMs: number;
  readonly env: NodeJS.ProcessEnv;
  /** Whether a success exits with 75 when its result could not be delivered. */
  readonly pushRequired: boolean;
}

/** Runs a command as a job and pushes its verdict and, after a success, its own metrics. */
export async function wrap(command: Command, options: WrapOptions): Promise<Omit<CommandEnd, 'problem'>> {
  const { group, env, pushRequired, timeoutMs, killAfterMs, ...sending } = options;
  const { log } = sending;
  const limits = { killAfterMs, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const file = await metricsFile().catch((error: unknown) => {
    log.warn({ err: error }, `the command runs without $${METRICS_VARIABLE}`);
    return undefined;
  });
  let end: CommandEnd = { exitCode: exitCodes.notExecutable };
  let metrics: readonly Family[] = [];
  const wrapped = declareJob({
    name: group.job,
    collectors: [
      collector({ name: 'command', families: 'dynamic', collect: ({ family }) => writeFamilies(family, metrics) }),
    ],
    async run() {
      end = await runCommand(command, {
        env: { ...env, [METRICS_VARIABLE]: file?.path },
        abandon: () => file?.remove(),
        ...limits,
      });
      if (end.problem !== undefined) throw new Error(end.problem);
      if (file === undefined) return;
      end = { exitCode: exitCodes.badInput };
      metrics = await written(file, group);
      end = { exitCode: 0 };
    },
  });
  try {
    const report = await settleJob(wrapped, { ...sending, grouping: group.grouping });
    const { success, durationSeconds, delivered, notDelivered, error } = report;
    const facts = {
      job: group.job,
      duration_seconds: durationSeconds,
      exit_code: end.exitCode,
      delivered: delivered.length - notDelivered,
      not_delivered: notDelivered,
    };
    if (success) log.info(facts, 'job succeeded');
    else log.error({ ...facts, err: error }, 'job failed');
    if (success) return pushRequired && notDelivered > 0 ? { exitCode: EXIT_NOT_DELIVERED } : end;
    return end.exitCode === 0 ? { exitCode: exitCodes.badInput } : end;
  } finally {
    file?.remove();
  }
}

/** Metrics that the command wrote; none is fine. */
async function written(file: MetricsFile, group: Group): Promise<readonly Family[]> {
  try {
    const bytes = await file.read();
    const own = new Set(Object.values(jobVerdict().metrics).map(({ name }) => name));
    // A client that has counted nothing writes only comments, and a command may write nothing at all.
    return hasSamples(bytes) ? checkExposition(bytes, group, own).families : [];
  } catch (cause) {
    throw new Error(`$${METRICS_VARIABLE}: ${messageOf(cause)}`, { cause });
  }
}
