import type { YamlPath } from './strict-yaml.ts';

/** What is wrong at one place of a value. */
export interface Problem {
  readonly path: YamlPath;
  readonly why: string;
  /** Of keys that are unknown there. */
  readonly keys?: readonly string[];
}

/** What a zod schema finds wrong, as far as it is looked at here. */
export interface ZodIssue {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of `invalid_key` and `invalid_element`: what is wrong with it. */
  readonly issues?: readonly ZodIssue[];
  /** Of `invalid_union`: what each alternative finds wrong. */
  readonly errors?: readonly (readonly ZodIssue[])[];
}

/** What is wrong, each at its own place and by its own reason: zod tells some of it in a nutshell. */
export function problemsOf(issues: readonly ZodIssue[], above: YamlPath = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const { code, message, keys = [], issues: inner = [], errors = [] } = issue;
    const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (code === 'unrecognized_keys') return [{ path, why: message, keys }];
    if (code === 'invalid_key') {
      const why = inner.map((one) => one.message).join('; ') || message;
      return [{ path, why: `${JSON.stringify(path.at(-1))} is no valid key: ${why}` }];
    }
    if (code === 'invalid_element' && inner.length > 0) return problemsOf(inner, path);
    // Of alternatives, the one that came furthest is meant; they may be as good as each other.
    const [best, second] = [...errors].sort((a, b) => far(b) - far(a) || a.length - b.length);
    if (best === undefined) return [{ path, why: message }];
    if (second === undefined || far(best) > far(second) || far(best) > 0) return problemsOf(best, path);
    const whys = errors.map((one) => one.map((each) => each.message).join(', '));
    return [{ path, why: [...new Set(whys)].join(', or ') }];
  });
}

/** How deep in the value the first fault is. */
const far = (issues: readonly ZodIssue[]): number => Math.min(...issues.map(({ path }) => path.length));
