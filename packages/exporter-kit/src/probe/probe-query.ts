import type { HttpRequest } from '../serve/answer/http-message.ts';
import type { Module, Modules } from './modules.ts';

/** The parameters of a request to `/probe`. */
export interface ProbeQuery {
  readonly target: string;
  readonly module: Module;
  readonly debug: boolean;
}

const MOST_CHARACTERS = 2048;

/** Parses the query; a string says what is wrong with it. */
export function parseProbeQuery({ query }: HttpRequest, modules: Modules): ProbeQuery | string {
  const [target, ...others] = query.getAll('target');
  if (target === undefined || target === '') return 'target is missing; write /probe?target=…&module=…';
  if (others.length > 0) return 'two targets are given; a probe has one';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a target
  if (target.length > MOST_CHARACTERS || /[\u0000-\u001f\u007f]/.test(target)) {
    return `this is no target; write at most ${MOST_CHARACTERS} characters, and none that can't be seen`;
  }
  const names = query.getAll('module');
  if (names.length > 1) return 'two modules are given; a probe has one';
  const [first] = modules.values();
  const module = names[0] === undefined ? first : modules.get(names[0]);
  if (module === undefined)
    return `this module is unknown; known: ${[...modules.keys()].join(', ') || 'none, as none is configured'}`;
  return { target, module, debug: query.get('debug') === 'true' };
}
