import { countInThreads } from './threads-of-kit.ts';

await countInThreads(0, import.meta.url);
