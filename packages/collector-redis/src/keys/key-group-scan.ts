import type { RedisClient } from '../client/client.ts';
import { listOf, numberOf, textOf } from '../parse/reply.ts';

/** Keys that a pattern has put together. */
export interface KeyGroup {
  readonly group: string;
  readonly keys: number;
  readonly bytes: number;
}

/** What to group, and how. */
export interface KeyGroupOptions {
  readonly client: RedisClient;
  readonly signal: AbortSignal;
  readonly database: number;
  readonly pattern: readonly string[];
  readonly batchSize: number;
}

/**
 * One step of SCAN on the server: cursor, batch size, patterns; next cursor, and keys and bytes by group. The first pattern
 * that matches a key decides, with its captures put together.
 */
const script = `
local cursor, count = ARGV[1], ARGV[2]
local page = redis.call('SCAN', cursor, 'COUNT', count)
local keys, bytes, names = {}, {}, {}
local function groupOf(key)
  for i = 3, #ARGV do
    local found = { string.find(key, ARGV[i]) }
    if found[1] then return table.concat(found, '', 3) end
  end
  return 'unclassified'
end
for _, key in ipairs(page[2]) do
  local group = groupOf(key)
  if not keys[group] then
    keys[group], bytes[group] = 0, 0
    names[#names + 1] = group
  end
  local usage = redis.pcall('MEMORY', 'USAGE', key)
  keys[group] = keys[group] + 1
  if type(usage) == 'number' then bytes[group] = bytes[group] + usage end
end
local result = {}
for i, group in ipairs(names) do result[i] = { group, keys[group], bytes[group] } end
return { page[1], result }
`;

/** Groups all keys of a database. */
export async function keyGroupsOf(options: KeyGroupOptions): Promise<KeyGroup[]> {
  const { client, signal, database, pattern, batchSize } = options;
  const found = new Map<string, KeyGroup>();
  let cursor = '0';
  do {
    const words = ['EVAL', script, '0', cursor, String(batchSize), ...pattern];
    const reply = await client.command(words, { signal, database }).catch((cause: unknown) => {
      const [, why] =
        (cause instanceof Error &&
          /^ERR (?:user_script|Error running script).*?\d+: (.*?)(?: script:|$)/.exec(cause.message)) ||
        [];
      if (why === undefined) throw cause;
      throw new Error(`one of ${JSON.stringify(pattern)} is not a Lua pattern: ${why}`, { cause });
    });
    const [next, groups] = listOf(reply, 'EVAL');
    cursor = textOf(next ?? null, 'EVAL');
    for (const reply of listOf(groups, 'EVAL')) {
      const [name, keys, bytes] = listOf(reply, 'EVAL');
      const group = textOf(name ?? null, 'EVAL');
      const before = found.get(group) ?? { keys: 0, bytes: 0 };
      found.set(group, {
        group,
        keys: before.keys + numberOf(keys, 'EVAL'),
        bytes: before.bytes + numberOf(bytes, 'EVAL'),
      });
    }
  } while (cursor !== '0');
  return [...found.values()];
}

/** The groups with most memory, and one called `overflow` for all others, if there are more than `most`. */
export function largest(groups: readonly KeyGroup[], most: number): readonly KeyGroup[] {
  if (groups.length <= most) return groups;
  const sorted = [...groups].sort((a, b) => b.bytes - a.bytes || a.keys - b.keys || (a.group < b.group ? -1 : 1));
  const rest = sorted.slice(most);
  const sum = (key: 'keys' | 'bytes'): number => rest.reduce((total, one) => total + one[key], 0);
  return [...sorted.slice(0, most), { group: 'overflow', keys: sum('keys'), bytes: sum('bytes') }];
}
