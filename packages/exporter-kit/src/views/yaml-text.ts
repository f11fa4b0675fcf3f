import { stringify } from 'yaml';

/** Documents as YAML without anchors and folded lines, below comments. */
export const yamlText = (comments: readonly string[], ...documents: readonly object[]): string =>
  comments.map((comment) => `# ${comment}\n`).join('') +
  documents.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
