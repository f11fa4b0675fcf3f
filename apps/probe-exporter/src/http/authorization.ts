import { contentOf } from '../net/tls.ts';
import type { HttpConfig } from './config.ts';

/** The `Authorization` header of a module. Files are read again for each probe. */
export async function authorizationOf({
  basic_auth: basic,
  authorization,
  bearer_token,
  bearer_token_file,
}: HttpConfig): Promise<string | undefined> {
  if (basic !== undefined) {
    const user = line(await contentOf(basic.username, basic.username_file));
    const password = line(await contentOf(basic.password, basic.password_file));
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }
  if (authorization !== undefined) {
    return `${authorization.type} ${line(await contentOf(authorization.credentials, authorization.credentials_file))}`;
  }
  const token = await contentOf(bearer_token, bearer_token_file);
  return token === undefined ? undefined : `Bearer ${line(token)}`;
}

/** Removes the line end of a file. */
const line = (text = ''): string => text.trim();
