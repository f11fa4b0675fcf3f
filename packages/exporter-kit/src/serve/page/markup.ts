/** HTML that is safe to send. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes; strings are escaped, and nothing is written for `undefined` and `false`. */
export type Content = Markup | string | number | undefined | false | readonly Content[];

/**
 * HTML from a template, with everything escaped that is no markup itself. Write attributes in double quotes.
 *
 * @example
 * html`<a href="${url}">${title}</a>`
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  let text = parts[0]!;
  for (let i = 0; i < contents.length; i++) text += textOf(contents[i]!) + parts[i + 1]!;
  return new Markup(text);
}

const entities: { readonly [char: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return content.replace(/[&<>"']/g, (char) => entities[char]!);
  return content.map(textOf).join('');
}
