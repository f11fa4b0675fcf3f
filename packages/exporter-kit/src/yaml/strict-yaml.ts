import type { CST, ParsedNode, Scalar } from 'yaml';

/** The way to a key or a list item: `['tls_server_config', 'cipher_suites', 0]`. */
export type YamlPath = readonly (string | number)[];

/** A YAML document as plain data, and where it says what. */
export interface StrictYaml {
  /** Maps as objects, their keys as they are written; `undefined` when there is nothing in the document. */
  readonly value: unknown;
  /** `file:line` of a key or a list item; of what it would stand in, if it is not there. */
  where(path: YamlPath): string;
  /** A scalar as it is written, without quotes: what YAML makes a number may be meant as a text (`0123`, `1e3`). */
  written(path: YamlPath): string | undefined;
  /** Whether a scalar stands there without quotes. */
  plain(path: YamlPath): boolean;
}

// A file that a person writes is smaller.
const MOST_CHARACTERS = 1024 * 1024;
const MOST_DEPTH = 32;

/**
 * Reads one YAML 1.2 document, strictly: no key twice in a map, no tags, no anchors and aliases, no second document, no key
 * that is not a scalar. Loads the `yaml` library.
 *
 * @param file how messages name it
 * @throws Error of one line, `file:line: what is wrong`, that repeats nothing of the text but keys.
 */
export async function readStrictYaml(text: string, file: string): Promise<StrictYaml> {
  if (text.length > MOST_CHARACTERS) throw new Error(`${file}: is larger than 1 MiB; a configuration is not.`);
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
      throw new Error(`${at(node.range[0])}: ${said(path)}${refused} are not read here; write the value out.`);
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
        throw new Error(`${at(offset)}: ${said(path)}a key is a plain word, without anchor or tag.`);
      }
      const here = [...path, name];
      if (entries.has(name)) {
        const [, first] = lines.get(JSON.stringify(here))!.where.split(/:(?=\d+$)/);
        throw new Error(`${at(offset)}: ${said(here)}stands here a second time, after line ${first}; leave one out.`);
      }
      remember(here, offset, value);
      entries.set(name, dataOf(value, here));
    }
    // Makes own properties, whatever they are called.
    return Object.fromEntries(entries);
  }

  const tokens = [...new Parser(lineCounter.addNewLine).parse(text)];
  for (const token of tokens) {
    // Before it is composed: that recurses, and Node does not survive every way of running out of stack.
    const deep = tooDeep(token);
    if (deep !== undefined) throw new Error(`${at(deep)}: more than ${MOST_DEPTH} levels deep.`);
  }
  const composer = new Composer({ uniqueKeys: false });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  const [error] = [...document!.errors, ...document!.warnings];
  // The library's messages repeat the text, which may be a secret.
  if (error !== undefined) throw new Error(`${at(error.pos[0])}: ${reasons[error.code] ?? NOT_YAML}.`);
  if (second !== undefined) {
    throw new Error(`${at(second.range[0])}: a second document begins; leave it and its --- out.`);
  }
  const value = dataOf(document!.contents as ParsedNode | null, []) ?? undefined;

  function nearest(path: YamlPath): string {
    for (let length = path.length; length > 0; length--) {
      const found = lines.get(JSON.stringify(path.slice(0, length)));
      if (found !== undefined) return found.where;
    }
    return `${file}:1`;
  }
  const found = (path: YamlPath) => lines.get(JSON.stringify(path));
  const [written, plain] = [(path: YamlPath) => found(path)?.written, (path: YamlPath) => found(path)?.plain === true];
  return { value, where: nearest, written, plain };
}

/** A path as it is read: `rate_limit.burst`, `tls_server_config.cipher_suites[0]`. */
export function pathText(path: YamlPath): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');
}

const said = (path: YamlPath): string => (path.length === 0 ? '' : `${pathText(path)}: `);

/** Where the text is nested too deeply, if it is. */
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

const NOT_YAML = 'this is no YAML; look at its indentation and quotes';

const reasons: { readonly [code: string]: string } = {
  BAD_ALIAS: 'anchors and aliases are not read here; write the value out',
  BAD_DIRECTIVE: 'YAML directives are not read here; leave the line out',
  BAD_DQ_ESCAPE: 'there is no such escape between double quotes; use single quotes',
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  MISSING_CHAR: 'a quote, bracket or colon is missing',
  TAB_AS_INDENT: 'it is indented by tabs; use spaces',
  TAG_RESOLVE_FAILED: 'tags are not read here; write the value out',
};
