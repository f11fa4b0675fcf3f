import { messageOf, property } from '../errors/thrown.ts';
import { problemsOf } from '../yaml/problems.ts';
import { pathText } from '../yaml/strict-yaml.ts';
import type { SourceModule } from './modules.ts';

/** The settings of one probed target. */
export interface ProbedSettings {
  readonly settings: { readonly [key: string]: unknown };
  readonly config: unknown;
}

// One host and its port. What drivers read from URLs beyond that may name other hosts: users, paths, queries, lists.
const PLAIN = /^([a-z][a-z0-9+.-]*:\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9._-]*[a-z0-9_.])?)(:\d{1,5})?$/i;

/** The module's settings with the target filled in; or what is wrong with the target, as text for the client. */
export function probedSettings({ source, settings, isSecret }: SourceModule, target: string): ProbedSettings | string {
  if (isSecret && !PLAIN.test(target)) {
    return 'this module has a secret, so its targets are [scheme://]host[:port] and nothing more';
  }
  const filled = { ...settings, [source.target!]: target };
  try {
    return { settings: filled, config: source.config?.parse(filled) };
  } catch (error) {
    const issues = property(error, 'issues');
    const problems = Array.isArray(issues) ? problemsOf(issues) : [{ path: [], why: messageOf(error) }];
    const told = problems.map(({ path: [first, ...rest], why }) => {
      const path = first === source.target || first === undefined ? ['target', ...rest] : [first, ...rest];
      return `${pathText(path)}: ${why}`;
    });
    return told.join('; ');
  }
}
