import type { Across, View } from '../across.ts';
import { type FamilyReport, Reporter } from '../process/report.ts';

const KIND = 'folder/1';

/** What a file holds: everything that a process has counted in a live value. */
export interface Snapshot {
  readonly 'exporter-kit': typeof KIND;
  readonly shape: string;
  /** For people who look at the file. */
  readonly pid: number;
  /** Whether the process has left in good order. */
  readonly ended: boolean;
  /** Ids of ended processes whose counts are among these. */
  readonly inherited: readonly string[];
  readonly families: readonly FamilyReport[];
}

export function snapshotText(across: Across, view: View, ended: boolean, inherited: readonly string[]): string {
  const families = new Reporter(across, view).reports().flatMap((report) => report.families);
  const { shape } = across;
  const snapshot: Snapshot = { 'exporter-kit': KIND, shape, pid: process.pid, ended, inherited, families };
  return `${JSON.stringify(snapshot)}\n`;
}

/** The snapshot of a file's text; `undefined` if it is none. What its families hold is not checked. */
export function parseSnapshot(text: string): Snapshot | undefined {
  let value: Partial<Snapshot> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || value['exporter-kit'] !== KIND) return undefined;
  const { shape, inherited, families } = value;
  if (typeof shape !== 'string' || !Array.isArray(inherited) || !Array.isArray(families)) return undefined;
  return value as Snapshot;
}
