import { counter, folder, join, live } from '../../dist/index.js';

// Prints what each of these folders is refused with.
for (const path of process.argv.slice(2)) {
  const shop = live({ name: 'shop', metrics: { orders: counter({ name: 'shop_orders_total', help: 'Orders.' }) } });
  try {
    join(shop, folder(path));
    console.log('joined');
  } catch (error) {
    console.log(error.message);
  }
}
process.exit();
