/** Whether the value of a server's setting is a password: `requirepass`, `masterauth`, `tls-key-file-pass`, `sentinel-pass`. */
export function isSecret(setting: string): boolean {
  return /(auth|pass|password|secret)$/i.test(setting);
}
