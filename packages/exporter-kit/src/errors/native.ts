/**
 * Loads a package with a native part, which is an optional dependency.
 *
 * @throws Error naming the package and what to install.
 */
export async function loadNative<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const here = `${process.platform}-${process.arch}`;
    const how = 'install again for this platform, with optional dependencies (npm: not with --omit=optional)';
    throw new Error(`${name} can't be loaded: its native part for ${here} is missing or broken; ${how}.`, { cause });
  }
}
