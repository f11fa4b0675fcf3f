import type { Spellings } from '../names/names.ts';

/** A project's texts, by path; a codemod changes them in place. */
export type Texts = Map<string, string>;

/**
 * A change that a merge can't follow, such as a moved file. It runs once for each project rendered by an older version of
 * its template, before the merge: over the user's files and over the base, so that the two stay comparable.
 */
export interface Codemod {
  readonly template: string;
  /** The template version that introduced it. */
  readonly version: number;
  /** What it does, for the report. */
  readonly summary: string;
  apply(files: Texts, names: Spellings): void;
  /** For a change of several files that work only with each other. */
  readonly together?: Together;
}

/**
 * Files that change together. If the merge of one of them would need a decision, all of them stay as they are, so that a
 * project that works does not end half-changed.
 */
export interface Together {
  paths(names: Spellings): readonly string[];
  /** Whether what the user wrote beside them has followed as well; looks at the merged files. */
  complete(files: ReadonlyMap<string, string>, names: Spellings): boolean;
  /** What the user can do instead. */
  byHand(names: Spellings): string;
}
