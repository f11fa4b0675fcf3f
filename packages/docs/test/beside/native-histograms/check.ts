import { scrape } from 'exporter-kit/testing';
import { ages } from './ages.ts';
import { latency } from './latency.ts';

console.log((await scrape(latency)).textWithNatives);
console.log((await scrape(ages)).text);
