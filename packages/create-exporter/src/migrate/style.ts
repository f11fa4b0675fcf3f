import { dirname, posix } from 'node:path';
import { ts } from 'ts-morph';
import type { Application } from './application.ts';

/** How an application's sources are written. */
export interface Style {
  readonly quote: string;
  readonly esm: boolean;
  readonly typescript: boolean;
}

/** The style of a file. */
export function styleOf(file: ts.SourceFile, app: Application): Style {
  const typescript = /\.[cm]?tsx?$/.test(file.fileName);
  const single = file.text.match(/'/g)?.length ?? 0;
  const double = file.text.match(/"/g)?.length ?? 0;
  return { quote: double > single ? '"' : "'", esm: typescript || isEsm(file, app), typescript };
}

/** Whether a file is written with `import`. */
export function isEsm(file: ts.SourceFile, app: Application): boolean {
  if (/\.c[jt]s$/.test(file.fileName)) return file.fileName.endsWith('.cts');
  const imports = file.statements.some((each) => ts.isImportDeclaration(each) || ts.isExportDeclaration(each));
  if (imports || file.fileName.endsWith('.mjs') || /\.[m]?tsx?$/.test(file.fileName)) return true;
  return app.esm && !/\brequire\(/.test(file.text);
}

/** How a file would import another: with its own ending, that of the compiled file, or none. */
export function specifier(from: ts.SourceFile, to: string, app: Application): string {
  const path = posix.relative(dirname(app.pathOf(from)), to);
  const relative = path.startsWith('.') ? path : `./${path}`;
  const bare = relative.replace(/\.[cm]?[jt]sx?$/, '');
  const [, ending = ''] = /\.([cm]?[jt]s)x?$/.exec(to) ?? [];
  const seen = endingsIn([from]) ?? endingsIn(app.files);
  const compiled = `.${ending.replace('t', 'j')}`;
  // Without another relative import, by what runs it.
  if (seen === undefined) return isEsm(from, app) && app.esm ? bare + compiled : bare;
  return seen === 'none' ? bare : seen === 'ts' ? `${bare}.${ending}` : bare + compiled;
}

function endingsIn(files: readonly ts.SourceFile[]): 'none' | 'js' | 'ts' | undefined {
  const counts = { none: 0, js: 0, ts: 0 };
  for (const { text } of files) {
    for (const [, path] of text.matchAll(/(?:from\s*|require\(|import\()['"](\.\.?\/[^'"]*)['"]/g)) {
      counts[/\.[cm]?tsx?$/.test(path!) ? 'ts' : /\.[cm]?jsx?$/.test(path!) ? 'js' : 'none']++;
    }
  }
  const [most] = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return most![1] === 0 ? undefined : (most![0] as 'none' | 'js' | 'ts');
}

/** Where an import goes: after the imports that the file begins with, or after its directives. */
export function importPlace(file: ts.SourceFile): { readonly at: number; readonly after: boolean } {
  let last: ts.Statement | undefined;
  for (const statement of file.statements) {
    const directive = ts.isExpressionStatement(statement) && ts.isStringLiteral(statement.expression);
    const requires = ts.isVariableStatement(statement) && /\brequire\(['"]/.test(statement.getText());
    if (!directive && !requires && !ts.isImportDeclaration(statement)) break;
    last = statement;
  }
  if (last !== undefined) return { at: last.getEnd(), after: true };
  return { at: file.statements[0]?.getStart() ?? file.getEnd(), after: false };
}
