import { Buffer } from 'node:buffer';
import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../answer/http-message.ts';
import type { Passwords } from './passwords.ts';
import type { WebSettings } from './settings.ts';

/** Whether someone may ask: because nobody must say who he is, because he did, or not. */
export async function isAuthorized(
  request: HttpRequest,
  { users, tokens, openPaths }: Pick<WebSettings, 'users' | 'tokens' | 'openPaths'>,
  passwords: Passwords,
): Promise<boolean | 'busy'> {
  if ((users.size === 0 && tokens.length === 0) || openPaths.has(request.path)) return true;
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(request.header('authorization')?.trim() ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return isOneOf(tokens, value);
    case 'basic': {
      const said = Buffer.from(value, 'base64');
      const colon = said.indexOf(':');
      if (users.size === 0 || colon < 0) return false;
      const claim = { user: said.toString('utf8', 0, colon), password: said.subarray(colon + 1) };
      return passwords.check({ ...claim, from: request.from ?? '', signal: request.signal }, users);
    }
    default:
      return false;
  }
}

/** Takes as long whichever it is. */
function isOneOf(digests: readonly Uint8Array[], token: string): boolean {
  const digest = createHash('sha256').update(token).digest();
  return digests.map((one) => timingSafeEqual(one, digest)).includes(true);
}

/** The challenges of a 401. */
export function challenges({ users, tokens, realm }: WebSettings, name: string): string {
  const [quoted, found] = [`realm="${realm ?? name}"`, [] as string[]];
  if (users.size > 0) found.push(`Basic ${quoted}, charset="UTF-8"`);
  if (tokens.length > 0) found.push(`Bearer ${quoted}`);
  return found.join(', ');
}
