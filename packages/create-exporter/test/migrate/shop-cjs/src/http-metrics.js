const { Histogram, Summary, exponentialBuckets } = require('prom-client');

const duration = new Histogram({
  name: 'shop_request_duration_seconds',
  help: 'Time to answer a request.',
  labelNames: ['method', 'route', 'code'],
  buckets: [0.005, 0.05, 0.5, 5], // as on the dashboard
});
const size = new Histogram({
  name: 'shop_response_size_bytes',
  help: 'Size of responses.',
  labelNames: ['route'],
  buckets: exponentialBuckets(10, 10, 4),
});
const latency = new Summary({ name: 'shop_latency_seconds', help: 'Latency.', percentiles: [0.5, 0.9] });

/** Counts each request. */
function counted(request, response, next) {
  const end = duration.startTimer({ method: request.method });
  const stop = latency.startTimer();
  response.on('finish', () => {
    const route = request.route?.path;
    end({ route, code: response.statusCode });
    stop();
    size.labels(String(route)).observe(Number(response.getHeader('content-length') || 0));
  });
  next();
}

module.exports = { counted };
