const prom = require('prom-client');

const jobs = [];
exports.waiting = new prom.Gauge({
  name: 'shop_jobs_waiting',
  help: 'Jobs that wait.',
  collect() {
    this.set(jobs.length);
  },
});
exports.done = new prom.Counter({ name: 'shop_jobs_done_total', help: 'Jobs done.', labelNames: ['result'] });
exports.took = new prom.Histogram({ name: 'shop_job_seconds', help: 'Time of a job.' });

const failed = exports.done.labels({ result: 'failed' });

exports.add = (job) => jobs.push(job);
exports.work = async () => {
  const end = exports.took.startTimer();
  const job = jobs.shift();
  try {
    await job();
    exports.done.labels('ok').inc();
  } catch {
    failed.inc();
  } finally {
    end();
  }
};
