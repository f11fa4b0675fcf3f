import { describe, expect, it } from 'vitest';
import { NATIVE } from '../../../metric/native.ts';
import { NativeCells } from '../../native/cells.ts';
import { NativeBlocks, NativeReader } from './native-blocks.ts';
import { SharedMemory } from './shared-memory.ts';

function stripe(bytes: number) {
  const memory = new SharedMemory(1, bytes);
  const words = memory.nativeWords(0, 0);
  const claim = (): NativeCells => {
    const cells = new NativeCells(NATIVE);
    cells.move(new NativeBlocks(memory, words));
    return cells;
  };
  return { memory, words, claim, reader: () => new NativeReader(memory, words, NATIVE) };
}
const values = [1, 2, -3, 0, 1e-5, 1e9];

describe('native counts in shared memory', () => {
  it('are read as they are, with what was counted before they moved there', () => {
    const { memory, words, reader } = stripe(2 ** 16);
    const cells = new NativeCells(NATIVE);
    for (const value of values) cells.count(70, value);
    cells.move(new NativeBlocks(memory, words));
    for (const value of values) cells.count(3, value);
    const frozen = reader().freeze()!;
    for (const row of [3, 70, 4]) expect(frozen(row)).toEqual(cells.freeze()(row));
  });

  it('are read with a zero bucket that was widened there, and in a reader that never counted', () => {
    const { memory, words } = stripe(2 ** 16);
    const shape = { ...NATIVE, maxBuckets: 2, maxZeroThreshold: 1 };
    const cells = new NativeCells(shape);
    cells.move(new NativeBlocks(memory, words));
    for (const value of [1e-3, -0.5, 4]) cells.count(3, value);
    const read = new NativeReader(memory, words, shape).freeze()!(3);
    expect(read).toEqual(cells.freeze()(3));
    expect(read).toMatchObject({ schema: 3, zeroCount: 1, negative: [-8, 1] });
    expect(read.zeroThreshold).toBeGreaterThanOrEqual(1e-3);
  });

  it('begin at 0 in a stripe that was used before', () => {
    const { memory, words, claim, reader } = stripe(2 ** 16);
    const before = claim();
    for (const value of values) before.count(3, value);
    const { first } = words;
    const place = memory.words[first];
    const cells = claim();
    expect(reader().freeze()!(3)).toEqual(new NativeCells(NATIVE).freeze()(3));
    cells.count(3, 7);
    expect(reader().freeze()!(3)).toEqual(cells.freeze()(3));
    expect(memory.words[first]).toBe(place);
  });

  it('are those of the time before, while they are changed', () => {
    const { memory, words, claim, reader } = stripe(2 ** 16);
    const cells = claim();
    cells.count(0, 1);
    const other = reader();
    const before = other.freeze()!(0);
    Atomics.add(memory.words, words.version, 1);
    cells.count(0, 1);
    expect(other.freeze()!(0)).toEqual(before);
    expect(reader().freeze()).toBeUndefined();
    Atomics.add(memory.words, words.version, 1);
    expect(other.freeze()!(0)).toEqual(cells.freeze()(0));
  });

  it('are counted, but not read, if there is no room', () => {
    // Beside the stripes, there is room for records, but not for counts.
    const { claim, reader } = stripe(12 * 1024);
    const cells = claim();
    cells.count(0, 1);
    cells.count(0, 1);
    expect(cells.freeze()(0).positive).toEqual([0, 2]);
    expect(reader().freeze()).toBeUndefined();
  });
});
