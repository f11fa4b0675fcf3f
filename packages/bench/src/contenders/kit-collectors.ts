import { serve } from 'exporter-kit';
import { collectorsExporter } from './collectors.ts';
import { obey } from './obey.ts';
import { gauges } from './told.ts';

const { source, duties } = gauges();
const { url } = await serve(collectorsExporter(source));
obey(`${url}metrics`, duties);
