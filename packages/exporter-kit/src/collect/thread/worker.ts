import { setMaxListeners } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { callSafely, isError } from '../../errors/thrown.ts';
import type { Context, Logger } from '../context.ts';
import { pack, unpack } from './errors.ts';
import { loadCollector, type ModuleExport } from './module.ts';
import type { FromThread, ToThread } from './protocol.ts';
import { record } from './record.ts';

// The program of a collector's thread, started by `host.ts`. It fails to start if the module can't be loaded.

// A collector that logs in an endless loop must not flood the main thread.
const MOST_LOG_LINES = 1000;

if (parentPort === null) throw new Error('This module is the program of a thread; use inThread() instead.');
const port = parentPort;
const post = (message: FromThread): void => port.postMessage(message);
const collector = await loadCollector(workerData as ModuleExport);
const running = new Map<number, AbortController>();

port.on('message', (message: ToThread) => {
  if (message.type === 'run') void run(message);
  else running.get(message.run)?.abort(unpack(message.reason));
});

async function run({ run: id, config, samples }: ToThread & { type: 'run' }): Promise<void> {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  running.set(id, abort);
  const recording = record(collector.metrics);
  const context: Context<unknown> = { signal: abort.signal, log: logger(id), config };
  const thrown = await callSafely(() => collector.collect(recording.writers, context));
  recording.end();
  if (thrown === undefined) {
    for (const message of recording.messages()) samples.postMessage(message);
    post({ type: 'ended', run: id });
  } else post({ type: 'ended', run: id, error: pack(thrown.error) });
  running.delete(id);
}

function logger(run: number): Logger {
  let lines = 0;
  const at = (level: keyof Logger) => (facts: object, message: string) => {
    if (++lines > MOST_LOG_LINES) return;
    const entries = Object.entries(isError(facts) ? { err: facts } : facts);
    post({ type: 'log', run, level, facts: entries.map(([key, fact]) => [key, pack(fact)]), message });
    if (lines === MOST_LOG_LINES) {
      post({
        type: 'log',
        run,
        level: 'warn',
        facts: [],
        message: `only the first ${lines} messages of a run are logged`,
      });
    }
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
