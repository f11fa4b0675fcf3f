import { serveCalls } from './calls-of-kit.ts';

await serveCalls(true);
