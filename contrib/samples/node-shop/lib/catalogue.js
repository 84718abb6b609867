// What the shop sells. Prices are in cents.

export const products = [
  { id: 'honey', name: 'Forest honey', price: 850, stock: 42 },
  { id: 'pears', name: 'Dried pears', price: 420, stock: 17 },
  { id: 'nuts', name: 'Hazelnuts', price: 560, stock: 3 },
  { id: 'salmon', name: 'Smoked salmon', price: 1490, stock: 9 },
  { id: 'berries', name: 'Blueberry jam', price: 390, stock: 28 },
];

export const LOW_STOCK = 5;

export function findProduct(id) {
  return products.find((product) => product.id === id);
}

export function formatPrice(cents) {
  return `€${(cents / 100).toFixed(2)}`;
}

// The sum of an order's lines, [{ id, count }]; throws when one cannot be sold.
export function total(lines) {
  if (!Array.isArray(lines) || lines.length === 0) throw new Error('an order needs at least one line');
  return lines.reduce((sum, { id, count }) => {
    const product = findProduct(id);
    if (!product) throw new Error(`there is no product ${JSON.stringify(id)}`);
    if (!Number.isInteger(count) || count < 1) throw new Error(`how many ${product.name}? expected 1 or more`);
    return sum + product.price * count;
  }, 0);
}
