import type { Flag } from '../run/flags/flag.ts';
import { variableOf } from '../run/flags/read-flags.ts';
import { allPushFlags, PROGRAM } from './push-flags.ts';

/** The forms of the command line. */
export const usage: string = `usage: ${PROGRAM} --job NAME [FLAG]... -- COMMAND [ARGUMENT]...   run a command and push its result
       ${PROGRAM} --job NAME [FLAG]... < metrics.txt              check and push metrics
       ${PROGRAM} --job NAME [FLAG]... --delete                   delete the group
       ${PROGRAM} flush --spool DIRECTORY [FLAG]...               push what the spool keeps
`;

/** The text of `--help`. */
export const help: string = `${usage}
Results of shell scripts and other programs for Prometheus, by a Pushgateway or a textfile collector.

A command keeps its standard streams, its exit code and its signals. When it has ended, job_success, job_duration_seconds,
job_last_completion_timestamp_seconds and, after a success, job_last_success_timestamp_seconds are pushed. A success
replaces the group; a failure leaves what stands there. What the command writes into the file $EXPORTER_PUSH_METRICS, as
lines such as "backup_bytes 1024", is pushed with a success.

Flags; each is an environment variable too, so --gateway is $${variableOf(PROGRAM, 'gateway')}:
${allPushFlags
  .filter((flag) => !flag.secret)
  .map(described)
  .join('')}
Names of runJob's flags, such as --push.gateway and --push.remote-write, mean the same as the short ones.

Secrets are not accepted as flags, which every user can see: give a file, or set
${allPushFlags
  .filter((flag) => flag.secret)
  .map((flag) => `$${variableOf(PROGRAM, flag.name)}`)
  .join(' or ')}.

Exit codes with a command: its own, or
  124  it ran longer than --timeout
  126  it could not be run, 127 it was not found
  128+N signal N ended it (SIGTERM, SIGINT, SIGHUP and SIGKILL end ${PROGRAM} too, which looks the same to a shell)
   65  it succeeded, but what it wrote into $EXPORTER_PUSH_METRICS is invalid; its run counts as failed
   64  wrong usage; it was not run
   75  with --push-required: it succeeded, but its result could not be delivered; standard error says why
Exit codes without one:
    0  pushed
    1  not pushed everywhere, and standard error says why
   64  wrong usage
   65  the metrics are wrong; the line is named, and nothing was sent
`;

function described({ name, type, value, help: text, defaultText }: Flag): string {
  const given = `--${name}${type === 'switch' ? '' : ` ${value}`}`;
  const repeatable = type === 'list' ? ' Repeatable.' : '';
  return `  ${given.padEnd(27)}  ${text}${repeatable}${defaultText === undefined ? '' : ` Default: ${defaultText}.`}\n`;
}
