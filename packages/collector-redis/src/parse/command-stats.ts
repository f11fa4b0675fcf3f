import { parseFields, parseNumber } from './fields.ts';
import type { Info } from './info.ts';

/** What a server has counted of one command. */
export interface CommandStats {
  /** As `get`, or `config|get` for a subcommand. */
  readonly command: string;
  readonly calls: number;
  readonly microseconds: number;
  /** Since Redis 6.2. */
  readonly rejected?: number;
  readonly failed?: number;
}

/** Parses the section Commandstats; lines that are not like that are skipped. */
export function commandStats(info: Info): readonly CommandStats[] {
  const found: CommandStats[] = [];
  for (const [name, value] of info.section('commandstats')) {
    const command = /^cmdstat_(.+)$/.exec(name)?.[1];
    const fields = parseFields(value);
    const [calls, microseconds] = [parseNumber(fields.get('calls')), parseNumber(fields.get('usec'))];
    if (command === undefined || calls === undefined || microseconds === undefined) continue;
    const [rejected, failed] = [parseNumber(fields.get('rejected_calls')), parseNumber(fields.get('failed_calls'))];
    found.push({
      command,
      calls,
      microseconds,
      ...(rejected === undefined ? {} : { rejected }),
      ...(failed === undefined ? {} : { failed }),
    });
  }
  return found;
}
