import { listen } from './obey.ts';
import { gauges } from './told.ts';

// Baseline for memory: holds the input, but serves nothing of it.
const { duties } = gauges();
listen((_req, res) => void res.end('held\n'), duties);
