import * as library from '@prometheus-io/client';
import type * as promClient from 'prom-client';
import { serveCalls } from './calls-of-registry.ts';

// Its own types differ from prom-client's in what is not used here.
serveCalls(library as unknown as typeof promClient);
