import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Project, ts } from 'ts-morph';
import { z } from 'zod';
import { jsonFile } from '../json-file.ts';
import { plain } from '../merge/line-ends.ts';
import { textOf } from '../project/bookkeeping.ts';
import { ownPaths, readSource } from '../project/own-files.ts';
import { UserError } from '../user-error.ts';

/** An application's sources, type-checked as far as its dependencies are installed. */
export interface Application {
  readonly root: string;
  /** The name in package.json, without a scope. */
  readonly name: string;
  /** Whether its `.js` files are ES modules. */
  readonly esm: boolean;
  readonly files: readonly ts.SourceFile[];
  readonly checker: ts.TypeChecker;
  /** Their bytes on the disk, by path. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  /** Files with a syntax error, which are left out: their text by path. */
  readonly broken: ReadonlyMap<string, string>;
  /** Whether its tsconfig.json finds packages that have only `exports`, as exporter-kit. */
  readonly findsExports: boolean;
  /** What is wrong with them, as `file:line: message`. */
  readonly problems: readonly string[];
  /** A file's path from the root, with `/`. */
  pathOf(file: ts.SourceFile): string;
  /** Where a node is, as `file:line`. */
  place(node: ts.Node): string;
}

const sourceName = /(?<!\.d)\.[cm]?[jt]sx?$/;
/** Files that nobody writes by hand. */
const generated = /(^|\/)(dist|build|coverage|node_modules)\/|\.min\.[cm]?js$/;

/**
 * Reads an application.
 *
 * @throws UserError if the folder is none of an application, or prom-client is not used in it.
 */
export async function readApplication(root: string): Promise<Application> {
  const manifest = await jsonFile(
    join(root, 'package.json'),
    z.looseObject({ name: z.string().optional(), type: z.string().optional() }),
  );
  if (manifest === undefined) {
    const what = existsSync(root) ? 'has no package.json' : 'does not exist';
    throw new UserError(`${root} ${what}; name the folder of an application.`);
  }
  const own = ownOptions(root);
  const output = own.outDir === undefined ? undefined : `${relative(root, own.outDir).split(sep).join('/')}/`;
  const project = new Project({ compilerOptions: optionsOf(own), skipFileDependencyResolution: true });
  const read = new Map<string, Uint8Array>();
  for (const path of await ownPaths(root, 'package.json')) {
    if (!sourceName.test(path) || generated.test(path)) continue;
    if (output !== undefined && path.startsWith(output)) continue;
    const bytes = await readSource(join(root, path));
    const text = bytes === undefined ? undefined : textOf(bytes);
    if (bytes === undefined || text === undefined) continue;
    read.set(path, bytes);
    project.createSourceFile(join(root, path), plain(text), { overwrite: true });
  }
  const program = project.getProgram().compilerObject;
  const pathOf = ({ fileName }: ts.SourceFile): string => relative(root, fileName).split(sep).join('/');
  const all = project.getSourceFiles().map(({ compilerNode }) => compilerNode);
  if (!all.some(({ text }) => /['"]prom-client['"]/.test(text))) {
    throw new UserError(`no source file in ${root} uses prom-client; there is nothing to migrate.`);
  }
  const problems: string[] = [];
  const broken = new Map<string, string>();
  for (const file of all) {
    const [first] = program.getSyntacticDiagnostics(file);
    if (first === undefined) continue;
    const line = file.getLineAndCharacterOfPosition(first.start).line + 1;
    broken.set(pathOf(file), file.text);
    problems.push(`${pathOf(file)}:${line}: ${ts.flattenDiagnosticMessageText(first.messageText, ' ')}`);
  }
  return {
    root,
    name: (manifest.name ?? 'app').replace(/^@[^/]*\//, ''),
    esm: manifest.type === 'module',
    files: all.filter((file) => !broken.has(pathOf(file))),
    bytes: read,
    checker: program.getTypeChecker(),
    broken,
    findsExports: !isOld(own),
    problems,
    pathOf,
    place(node) {
      const file = node.getSourceFile();
      return `${pathOf(file)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    },
  };
}

/** The options in the application's tsconfig.json, if there is one. */
function ownOptions(root: string): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json');
  if (!ts.sys.fileExists(file)) return {};
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return config === undefined ? {} : ts.parseJsonConfigFileContent(config, ts.sys, root).options;
}

/** Whether imports are resolved as by Node 10, which knew no `exports`. */
const isOld = ({ module, moduleResolution }: ts.CompilerOptions): boolean =>
  moduleResolution === ts.ModuleResolutionKind.Node10 ||
  (moduleResolution === undefined && module !== undefined && module < ts.ModuleKind.Node16);

/** Options that find imports however they are written, and tell what may be undefined. */
function optionsOf({ paths, pathsBasePath, customConditions, jsx }: ts.CompilerOptions): ts.CompilerOptions {
  return {
    ...(paths === undefined ? {} : { paths, pathsBasePath }),
    ...(customConditions === undefined ? {} : { customConditions }),
    jsx: jsx ?? ts.JsxEmit.Preserve,
    target: ts.ScriptTarget.ESNext,
    lib: ['lib.esnext.d.ts'],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowJs: true,
    allowImportingTsExtensions: true,
    maxNodeModuleJsDepth: 0,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    noUncheckedIndexedAccess: true,
  };
}

/** Calls `visit` for each node of a file. */
export function eachNode(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => eachNode(child, visit));
}

/** An expression without the parentheses around it. */
export const bare = (node: ts.Expression): ts.Expression =>
  ts.isParenthesizedExpression(node) ? bare(node.expression) : node;
