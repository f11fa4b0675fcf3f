import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A message in the sources; `…` stands for each part that is not constant. */
export interface Message {
  readonly text: string;
  /** `path:line`, from the root of the repository. */
  readonly where: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Functions of the sources that make an error of their last text. */
const makers = /^(fault|refuse|wrong|fail|oneOf|textResponse)$/;

/** All texts in a folder's sources that become errors, lines of the log at `warn` and `error`, or answers with errors. */
export function messagesIn(folder: string): Message[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => messagesOf(`${folder}/${file}`));
}

function messagesOf(path: string): Message[] {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Message[] = [];
  const visit = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    for (const text of textsOf(messageOf(node))) {
      // What is constant in it says something.
      if (/\p{L}{3}/u.test(text)) found.push({ text: text.trim(), where: `${path}:${line + 1}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The part of an expression that is a message. */
function messageOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isNewExpression(node)) return /Error$/.test(node.expression.getText()) ? node.arguments?.[0] : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText();
  // log.warn(facts, text)
  if (/^(warn|error)$/.test(called) && node.arguments.length === 2) return node.arguments[1];
  if (!makers.test(called)) return undefined;
  if (called === 'textResponse' && !/^[45]/.test(node.arguments[0]?.getText() ?? '')) return undefined;
  return node.arguments.findLast((argument) => textsOf(argument).some((text) => text.trim().includes(' ')));
}

/** What an expression may be, as text. */
function textsOf(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteralLike(node)) return [oneLine(node.text)];
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(textsOf);
  if (ts.isTemplateExpression(node)) {
    return [oneLine(node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(''))];
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const ends = textsOf(node.right);
    return textsOf(node.left).flatMap((start) => ends.map((end) => start + end));
  }
  return ['…'];
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
