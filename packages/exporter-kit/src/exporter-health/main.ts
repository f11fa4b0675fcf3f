#!/usr/bin/env node
import { type Address, addressText, parseAddress } from '../serve/http/address.ts';
import { type Answer, ask } from './ask.ts';
import { listeningAddresses } from './listening.ts';

const usage = `Usage: exporter-health [ADDRESS…]

Asks the exporter of this container whether it is healthy: exits with 0 if it is, otherwise with 1 and the reason. Finds out
where it listens; an ADDRESS such as 127.0.0.1:9100, [::1]:9100 or unix:/PATH is for machines without /proc.
`;

// Less than the usual timeout of a container's health check, which would end this without a reason.
const TIMEOUT_MS = 4000;

function addresses(args: readonly string[]): readonly Address[] {
  if (args.length > 0) return args.map(parseAddress);
  const found = listeningAddresses();
  if (found.length === 0) throw new Error('no other program of this user listens here');
  return found;
}

/** The first healthy answer, or why there is none. */
async function check(args: readonly string[]): Promise<void> {
  const unhealthy = async (address: Address): Promise<void> => {
    const { healthy, what }: Answer = await ask(address);
    if (!healthy) throw new Error(`${addressText(address)}: ${what}`);
  };
  await Promise.any(addresses(args).map(unhealthy)).catch(({ errors }: AggregateError) => {
    throw new Error(errors.map((error: Error) => error.message).join('; '));
  });
}

function end(code: number, said = ''): never {
  if (said !== '') (code === 0 ? process.stdout : process.stderr).write(said);
  process.exit(code);
}

const args = process.argv.slice(2);
if (args.some((arg) => arg.startsWith('-'))) {
  const asked = args.includes('--help') || args.includes('-h');
  end(asked ? 0 : 64, usage);
}
const fail = (why: string): never => end(1, `exporter-health: ${why}\n`);
setTimeout(() => fail(`no answer within ${TIMEOUT_MS / 1000}s`), TIMEOUT_MS);
// Without `await`: this is bundled as CommonJS, which loads faster than a module.
check(args).then(
  () => end(0),
  (error: Error) => fail(error.message),
);
