import { Refusal } from '../refusal.ts';
import { runTool } from './install.ts';

/**
 * Checks that git could bring back what is there: for whoever dislikes the result.
 *
 * @throws Refusal when something is not committed, or there is no git.
 */
export async function refuseDirty(root: string, folders: readonly string[]): Promise<void> {
  const { code, said } = await runTool(
    'git',
    ['status', '--porcelain', '--untracked-files=all', '--', ...folders],
    root,
  );
  const hint = 'so that you can look at the difference and go back; or add --allow-dirty';
  if (code !== 0)
    throw new Refusal(`${root} is not under git, or git is not there: ${said.trim()}. Commit first, ${hint}.`);
  if (said.trim() === '') return;
  const [first, ...more] = said.trim().split('\n');
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  throw new Refusal(`not committed: ${first!.trim()}${others}. Commit first, ${hint}.`);
}
