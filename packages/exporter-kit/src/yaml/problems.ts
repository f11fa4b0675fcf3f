import type { YamlPath } from './strict-yaml.ts';

/** A problem at one path of a value. */
export interface Problem {
  readonly path: YamlPath;
  readonly why: string;
  /** Unknown keys, if that is the problem. */
  readonly keys?: readonly string[];
}

/** The parts of a zod issue that are used here. */
export interface ZodIssue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** For `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** For `invalid_key` and `invalid_element`: the problems of that key or element. */
  readonly issues?: readonly ZodIssue[];
  /** For `invalid_union`: the problems of each alternative. */
  readonly errors?: readonly (readonly ZodIssue[])[];
}

/** The problems behind zod's issues, each with its own path and reason, where zod only summarizes. */
export function problemsOf(issues: readonly ZodIssue[], above: YamlPath = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const { code, message, keys = [], issues: inner = [], errors = [] } = issue;
    const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (code === 'unrecognized_keys') return [{ path, why: message, keys }];
    if (code === 'invalid_key') {
      const why = inner.map((one) => one.message).join('; ') || message;
      return [{ path, why: `invalid key ${JSON.stringify(path.at(-1))}: ${why}` }];
    }
    if (code === 'invalid_element' && inner.length > 0) return problemsOf(inner, path);
    // The alternative that fits furthest is probably meant. Several may fit equally well.
    const [best, second] = [...errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    if (best === undefined) return [{ path, why: message }];
    if (second === undefined || depth(best) > depth(second) || depth(best) > 0) return problemsOf(best, path);
    const whys = errors.map((one) => one.map((each) => each.message).join(', '));
    return [{ path, why: [...new Set(whys)].join(', or ') }];
  });
}

/** The depth of the problem nearest to the top. */
const depth = (issues: readonly ZodIssue[]): number => Math.min(...issues.map(({ path }) => path.length));
