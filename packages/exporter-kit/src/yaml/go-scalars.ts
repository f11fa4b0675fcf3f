/** A scalar of a YAML file. */
export interface YamlScalar {
  readonly text: string;
  /** Without quotes. */
  readonly plain: boolean;
}

const trues = /^(y|Y|yes|Yes|YES|on|On|ON)$/;
const falses = /^(n|N|no|No|NO|off|Off|OFF)$/;

/** A scalar that go-yaml takes for a boolean: also YAML 1.1's words, in quotes too. `undefined` for any other. */
export function goBoolean({ text, plain }: YamlScalar): boolean | undefined {
  if (trues.test(text) || (plain && /^(true|True|TRUE)$/.test(text))) return true;
  return falses.test(text) || (plain && /^(false|False|FALSE)$/.test(text)) ? false : undefined;
}

/** A scalar that go-yaml takes for a number: also YAML 1.1's forms, without quotes. `undefined` for any other. */
export function goNumber({ text, plain }: YamlScalar): number | undefined {
  if (!plain || !/^[-+.\d]/.test(text)) return undefined;
  const bare = text.replaceAll('_', '');
  const [, sign, digits] = /^([-+]?)(0(?:[xX][\da-fA-F]+|[bB][01]+|[oO]?[0-7]+))$/.exec(bare) ?? [];
  if (digits !== undefined) return Number(`${sign}1`) * Number(digits.replace(/^0(?=\d)/, '0o'));
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(bare) ? Number(bare) : undefined;
}
