import type { Sample } from '../../collect/families.ts';

/** Label names of a sample, in its order, and what is known of each label of its series, in the order that engines want. */
interface Layout<Slot> {
  readonly names: readonly string[];
  readonly slots: readonly Slot[];
}

// Families that were read from elsewhere may have many.
const MOST_LAYOUTS = 16;

/** The name of the label that holds a metric's name. */
export const NAME_LABEL = '__name__';

/**
 * Finds the labels of a sample's series: its own, those of `group` and its name, sorted. Series of one family have the same
 * label names, so these are sorted once.
 *
 * @param slotOf makes what is kept for one label; `fixed` is its value, if it is one of the group's.
 */
export function layoutFinder<Slot>(
  group: { readonly [label: string]: string },
  slotOf: (name: string, fixed: string | undefined) => Slot,
): (labels: Sample['labels']) => readonly Slot[] {
  const fixed = new Map(Object.entries(group));
  let layouts: Layout<Slot>[] = [];
  let layout: Layout<Slot> = { names: [''], slots: [] };
  return (labels) => {
    if (hasNames(labels, layout.names)) return layout.slots;
    const known = layouts.find(({ names }) => hasNames(labels, names));
    if (known !== undefined) layout = known;
    else {
      const names = Object.keys(labels);
      const sorted = [NAME_LABEL, ...fixed.keys(), ...names].sort();
      layout = { names, slots: sorted.map((name) => slotOf(name, fixed.get(name))) };
      if (layouts.length === MOST_LAYOUTS) layouts = [];
      layouts.push(layout);
    }
    return layout.slots;
  };
}

function hasNames(labels: Sample['labels'], names: readonly string[]): boolean {
  let i = 0;
  for (const name in labels) if (name !== names[i++]) return false;
  return i === names.length;
}
