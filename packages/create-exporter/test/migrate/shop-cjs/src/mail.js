const { Counter } = require('prom-client');

/** A mailer with a counter of its own. */
exports.mailer = () => {
  const sent = new Counter({ name: 'shop_mails_total', help: 'Mails sent.', labelNames: ['kind'] });
  return { send: (kind) => sent.inc({ kind }) };
};
