const client = require('prom-client');

const { register } = client;
register.setDefaultLabels({ app: 'shop' });

const labelNames = ['country', 'paid'];

// Every order, also those that are cancelled later.
const orders = new client.Counter({ name: 'shop_orders_total', help: 'Orders.', labelNames });
const visits = new client.Counter({
  name: 'shop_visits',
  help: "Visits of the shop's pages.",
});

module.exports = {
  register,
  orders,
  visits,
  carts: new client.Gauge({ name: 'shop_carts', help: 'Open carts.' }),
  stock: new client.Gauge({ name: 'shop_stock', help: 'Items in stock.', labelNames: ['item'] }),
};
