import * as library from 'prom-client';
import { serveCalls } from './calls-of-registry.ts';

serveCalls(library);
