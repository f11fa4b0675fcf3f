import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All tests, and the programs they start, get one folder for what they write, which goes when they are over. */
export default function temporary(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'kit-'));
  chmodSync(folder, 0o755); // Some programs run as another user.
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
