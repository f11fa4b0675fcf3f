import { serve } from 'exporter-kit';
import { rowsExporter } from './kit-rows.ts';
import { obey } from './obey.ts';
import { gauges } from './told.ts';

const { source, duties } = gauges();
const { url } = await serve(rowsExporter(source));
obey(`${url}metrics`, duties);
