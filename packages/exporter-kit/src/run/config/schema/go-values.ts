import { goBoolean, goNumber, type YamlScalar } from '../../../yaml/go-scalars.ts';
import type { YamlPath } from '../../../yaml/strict-yaml.ts';
import { kindsOf, type Shape } from './shape.ts';
import { below } from './shaped.ts';

/**
 * Converts a value as go-yaml does for a field of that shape, for files written for exporters in Go: a string is taken as
 * written, even `no` or `2`; YAML 1.1's words are booleans; an integer is truncated; a key without a value is absent.
 *
 * @param written the scalar at a path.
 */
export function asGoReads(
  shape: Shape,
  value: unknown,
  written: (path: YamlPath) => YamlScalar | undefined,
  path: YamlPath = [],
): unknown {
  if (typeof value !== 'object' || value === null) return scalar(shape, value, written(path));
  const isMap = shape.properties === undefined && typeof shape.additionalProperties === 'object';
  const entries = below(shape, value).flatMap(([key, one, its]): [string | number, unknown][] => {
    // Unknown keys are kept, to be refused later.
    if (one !== null || Object.keys(its).length === 0) return [[key, asGoReads(its, one, written, [...path, key])]];
    return isMap && isText(its) ? [[key, '']] : [];
  });
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

function scalar(shape: Shape, value: unknown, written: YamlScalar | undefined): unknown {
  if (written === undefined || value === null) return value;
  const kinds = kindsOf(shape);
  if (isText(shape)) return written.text;
  if (kinds.length !== 1) return value;
  if (kinds[0] === 'boolean') return goBoolean(written) ?? value;
  const number = /^(number|integer)$/.test(kinds[0]!) ? goNumber(written) : undefined;
  return number === undefined ? value : kinds[0] === 'integer' ? Math.trunc(number) : number;
}

const isText = (shape: Shape): boolean => {
  const kinds = kindsOf(shape);
  return kinds.length > 0 && kinds.every((kind) => kind === 'string');
};
