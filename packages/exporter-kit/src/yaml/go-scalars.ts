/** A scalar of a YAML file. */
export interface YamlScalar {
  readonly text: string;
  /** Without quotes. */
  readonly plain: boolean;
}

const trues = /^(y|Y|yes|Yes|YES|on|On|ON)$/;
const falses = /^(n|N|no|No|NO|off|Off|OFF)$/;

/** The boolean that go-yaml reads from a scalar, also from YAML 1.1's words, even in quotes; `undefined` for others. */
export function goBoolean({ text, plain }: YamlScalar): boolean | undefined {
  if (trues.test(text) || (plain && /^(true|True|TRUE)$/.test(text))) return true;
  return falses.test(text) || (plain && /^(false|False|FALSE)$/.test(text)) ? false : undefined;
}

/** The number that go-yaml reads from an unquoted scalar, also in YAML 1.1's forms; `undefined` for others. */
export function goNumber({ text, plain }: YamlScalar): number | undefined {
  if (!plain || !/^[-+.\d]/.test(text)) return undefined;
  const bare = text.replaceAll('_', '');
  const [, sign, digits] = /^([-+]?)(0(?:[xX][\da-fA-F]+|[bB][01]+|[oO]?[0-7]+))$/.exec(bare) ?? [];
  if (digits !== undefined) return Number(`${sign}1`) * Number(digits.replace(/^0(?=\d)/, '0o'));
  return /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(bare) ? Number(bare) : undefined;
}
