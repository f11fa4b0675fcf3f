import { readdirSync } from 'node:fs';
import { type Context, type Counter, counter } from 'exporter-kit';
import { readKernelFile } from './kernel-file.ts';
import { amount, type Path, type Row } from './source.ts';

/** Maximum number of files, directories and lines of one collector in the log. */
const mostTold = 10;

type SkippedArgs = readonly [labels: { readonly collector: string; readonly source: string }, value: number];

/** What a collector can do without: its side files, and single lines of a table. */
export interface Side {
  /** Declares the family that counts what had to be left out. */
  readonly skipped: Counter<SkippedArgs>;
  /** Begins a run. */
  begin(context: Pick<Context<unknown>, 'log'>): SideRun;
}

/**
 * The side readings of one run. What is not there is `undefined`, as on another kernel. What is there but can't be used is
 * `undefined` too, but counted by `source`, and logged once until it has recovered.
 */
export interface SideRun {
  /** Reads a file, byte for byte. */
  bytes(source: string, path: Path): Buffer | undefined;
  /** Reads a file that holds one number. */
  number(source: string, path: Path): number | undefined;
  /** Lists a directory. */
  names(source: string, path: string): string[];
  /** Runs what throws where something is odd; `where` is for the log. */
  attempt<T>(source: string, where: Path, task: () => T): T | undefined;
  /**
   * Parses lines, each for itself; `undefined` is for one that is not wanted. Of two with one key the first holds.
   *
   * @throws what the first line threw, when none could be used.
   */
  lines<R extends Row, T extends { readonly key: string }>(
    source: string,
    lines: readonly R[],
    parse: (row: R) => T | undefined,
  ): T[];
  /** Ends the run: writes the counts. */
  end(writer: { set(...args: SkippedArgs): void }): void;
}

/** Keeps count of what a collector had to leave out, and of what the log knows already. */
export function side(collector: string): Side {
  const counts = new Map<string, number>();
  const told = new Set<string>();
  return {
    skipped: counter({
      name: 'node_scrape_collector_partial_errors_total',
      help: 'Files, directories and lines that could not be used and were skipped.',
      // That its own name is the only value lets several collectors share the family.
      labels: { collector: [collector], source: String },
    }),
    begin({ log }) {
      const failing = new Set<string>();

      function report(source: string, where: Path, error: unknown): undefined {
        counts.set(source, (counts.get(source) ?? 0) + 1);
        const { code = 'odd', message } = error as NodeJS.ErrnoException;
        const path = String(where);
        const key = `${path} ${code}`;
        failing.add(key);
        const facts = { collector, source, path, reason: message };
        if (told.has(key) || told.size >= mostTold) return void log.debug(facts, 'skipped again');
        told.add(key);
        log.warn(facts, 'skipped; the rest is served');
      }

      function reading<T>(source: string, where: Path, read: () => T): T | undefined {
        try {
          return read();
        } catch (error) {
          return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : report(source, where, error);
        }
      }

      function attempt<T>(source: string, where: Path, task: () => T): T | undefined {
        try {
          return task();
        } catch (error) {
          return report(source, where, error);
        }
      }

      const bytes: SideRun['bytes'] = (source, path) => reading(source, path, () => readKernelFile(path));

      return {
        bytes,
        attempt,
        number(source, path) {
          const content = bytes(source, path);
          if (content === undefined) return undefined;
          const row = { fields: content.toString('latin1').trim().split(/\s+/), at: String(path) };
          return attempt(source, path, () => amount(row, 0));
        },
        names: (source, path) => reading(source, path, () => readdirSync(path)) ?? [],
        lines<R extends Row, T extends { readonly key: string }>(
          source: string,
          lines: readonly R[],
          parse: (row: R) => T | undefined,
        ) {
          let first: { readonly error: unknown } | undefined;
          const parsed = new Map<string, T>();
          for (const row of lines) {
            try {
              const one = parse(row);
              if (one === undefined) continue;
              if (parsed.has(one.key)) throw new Error(`${row.at}: ${JSON.stringify(one.key)} is a duplicate.`);
              parsed.set(one.key, one);
            } catch (error) {
              first ??= { error };
              report(source, row.at, error);
            }
          }
          if (first !== undefined && parsed.size === 0) throw first.error;
          return [...parsed.values()];
        },
        end(writer) {
          for (const key of told) if (!failing.has(key)) told.delete(key);
          for (const [source, count] of counts) writer.set({ collector, source }, count);
        },
      };
    },
  };
}
