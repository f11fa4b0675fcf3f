import { listen } from './obey.ts';
import { gauges } from './told.ts';

// Holds the input and serves none of it: what memory the others need beyond this is their own.
const { duties } = gauges();
listen((_req, res) => void res.end('held\n'), duties);
