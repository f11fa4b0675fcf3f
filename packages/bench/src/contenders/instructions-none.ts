import { answerUnserved } from './unserved.ts';

// Neither collects nor encodes: what the others do beyond this is collecting and encoding.
const body = Buffer.alloc(96_000, '\n');
await answerUnserved(() => (_req, res) => void res.end(body));
