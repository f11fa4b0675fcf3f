import { answerUnserved } from './unserved.ts';

// Baseline for instructions: neither collects nor encodes.
const body = Buffer.alloc(96_000, '\n');
await answerUnserved(() => (_req, res) => void res.end(body));
