import { countInThreads } from './threads-of-kit.ts';

await countInThreads(2, import.meta.url);
