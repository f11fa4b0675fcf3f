import type { Socket } from 'node:net';
import type { Collector, Source } from '../../src/index.ts';

export declare const lines: Source<Socket, string>;
export declare const answer: Collector;
