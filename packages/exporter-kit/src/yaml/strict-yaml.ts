import type { CST, ParsedNode, Scalar } from 'yaml';

/** The path to a key or a list item: `['tls_server_config', 'cipher_suites', 0]`. */
export type YamlPath = readonly (string | number)[];

/** A YAML document as plain data, with its line numbers. */
export interface StrictYaml {
  /** Maps are objects with keys as written; `undefined` for an empty document. */
  readonly value: unknown;
  /** `file:line` of a key or a list item, or of its nearest existing parent. */
  where(path: YamlPath): string;
  /** A scalar's text without quotes: what YAML reads as a number may be meant as text (`0123`, `1e3`). */
  written(path: YamlPath): string | undefined;
  /** Whether there is a scalar without quotes. */
  plain(path: YamlPath): boolean;
}

// Far more than anyone writes by hand.
const MOST_CHARACTERS = 1024 * 1024;
const MOST_DEPTH = 32;

/**
 * Parses one YAML 1.2 document, strictly: no duplicate keys, tags, anchors, aliases or second document, and only scalar
 * keys. Loads the `yaml` library.
 *
 * @param file its name in messages
 * @throws Error of one line, `file:line: problem`, that quotes no more than keys: values may be secrets.
 */
export async function readStrictYaml(text: string, file: string): Promise<StrictYaml> {
  if (text.length > MOST_CHARACTERS) throw new Error(`${file}: larger than 1 MiB, the limit for a configuration file.`);
  const { Composer, LineCounter, Parser, isAlias, isMap, isScalar, isSeq } = await import('yaml');
  const lineCounter = new LineCounter();
  const at = (offset: number): string => `${file}:${lineCounter.linePos(offset).line || 1}`;
  const lines = new Map<string, { readonly where: string; readonly written?: string; readonly plain: boolean }>();

  function remember(path: YamlPath, offset: number, node: unknown): void {
    const written = isScalar(node) ? { written: writtenOf(node) } : {};
    const plain = isScalar(node) && node.type === 'PLAIN';
    lines.set(JSON.stringify(path), { where: at(offset), ...written, plain });
  }

  function dataOf(node: ParsedNode | null, path: YamlPath): unknown {
    if (node === null) return null;
    const refused =
      isAlias(node) || node.anchor !== undefined ? 'anchors and aliases' : node.tag !== undefined && 'tags';
    if (refused)
      throw new Error(`${at(node.range[0])}: ${prefix(path)}${refused} are not allowed; write the value out.`);
    if (isSeq(node)) {
      return node.items.map((item, i) => {
        remember([...path, i], item.range[0], item);
        return dataOf(item, [...path, i]);
      });
    }
    if (!isMap(node)) return isScalar(node) ? node.value : null;
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items as { key: ParsedNode | null; value: ParsedNode | null }[]) {
      const offset = key?.range[0] ?? node.range[0];
      const name = isScalar(key) && key.tag === undefined && key.anchor === undefined ? writtenOf(key) : undefined;
      if (name === undefined || name === '') {
        throw new Error(`${at(offset)}: ${prefix(path)}keys must be plain scalars, without anchors or tags.`);
      }
      const here = [...path, name];
      if (entries.has(name)) {
        const [, first] = lines.get(JSON.stringify(here))!.where.split(/:(?=\d+$)/);
        throw new Error(`${at(offset)}: ${prefix(here)}duplicate key, first on line ${first}; remove one.`);
      }
      remember(here, offset, value);
      entries.set(name, dataOf(value, here));
    }
    // Unlike assignment, this makes `__proto__` an own property.
    return Object.fromEntries(entries);
  }

  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  for (const token of tokens) {
    // Composing recurses, and running out of stack can crash Node.
    const deep = tooDeep(token);
    if (deep !== undefined) throw new Error(`${at(deep)}: nested more than ${MOST_DEPTH} levels deep.`);
  }
  const composer = new Composer({ uniqueKeys: false });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  const [error] = [...document!.errors, ...document!.warnings];
  // The library's messages quote the text, which may be a secret.
  if (error !== undefined) throw new Error(`${at(error.pos[0])}: ${reasons[error.code] ?? NOT_YAML}.`);
  if (second !== undefined) {
    throw new Error(`${at(second.range[0])}: a second document starts here; remove it and its ---.`);
  }
  const value = dataOf(document!.contents as ParsedNode | null, []) ?? undefined;

  function where(path: YamlPath): string {
    for (let length = path.length; length > 0; length--) {
      const found = lines.get(JSON.stringify(path.slice(0, length)));
      if (found !== undefined) return found.where;
    }
    return `${file}:1`;
  }
  const found = (path: YamlPath) => lines.get(JSON.stringify(path));
  const [written, plain] = [(path: YamlPath) => found(path)?.written, (path: YamlPath) => found(path)?.plain === true];
  return { value, where, written, plain };
}

/** A path for messages: `rate_limit.burst`, `tls_server_config.cipher_suites[0]`. */
export function pathText(path: YamlPath): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');
}

const prefix = (path: YamlPath): string => (path.length === 0 ? '' : `${pathText(path)}: `);

/** The offset at which the nesting gets too deep, if it does. */
function tooDeep(document: CST.Token): number | undefined {
  const left: [token: CST.Token | null | undefined, depth: number][] = [[document, -1]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [token, depth] = next;
    if (token == null) continue;
    if (depth > MOST_DEPTH) return token.offset;
    if (token.type === 'document') left.push([token.value, depth + 1]);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) left.push([key, depth + 1], [value, depth + 1]);
  }
  return undefined;
}

function writtenOf(scalar: Scalar): string {
  const { value, source, type } = scalar;
  return type === 'PLAIN' && source !== undefined ? source : String(value ?? '');
}

const NOT_YAML = 'invalid YAML; check indentation and quotes';

const reasons: { readonly [code: string]: string } = {
  BAD_ALIAS: 'anchors and aliases are not allowed; write the value out',
  BAD_DIRECTIVE: 'YAML directives are not allowed; remove the line',
  BAD_DQ_ESCAPE: 'invalid escape in double quotes; use single quotes',
  BAD_INDENT: 'wrong indentation, or an unclosed bracket',
  MISSING_CHAR: 'missing quote, bracket or colon',
  TAB_AS_INDENT: 'indented with tabs; use spaces',
  TAG_RESOLVE_FAILED: 'tags are not allowed; write the value out',
};
