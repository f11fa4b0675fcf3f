/**
 * Loads a package with a native part, which package managers take for optional.
 *
 * @throws Error saying what is missing, and what to do.
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
