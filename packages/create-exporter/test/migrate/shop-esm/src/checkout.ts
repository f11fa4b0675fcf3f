import { logins, odd, shop, sizes, orders as taken } from './metrics.ts';

const byPassword = logins.labels('password');

export async function checkout(country: string, paid: string | undefined): Promise<void> {
  shop.busy.inc();
  const end = shop.took.startTimer({ step: 'pay' });
  try {
    shop.stock.labels({ item: 'book' }).set(7);
    shop.stock.set({ item: 'map' }, 2);
    shop.stock.remove('map');
    sizes.observe(3);
    taken.labels(country, String(paid)).inc();
    taken.inc({ country, paid: paid ?? 'none' });
    byPassword.inc(2);
    odd.inc({ a: 1 });
    end({ ok: 'true' });
  } finally {
    shop.busy.dec();
  }
}
