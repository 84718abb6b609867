// One click buys one piece: the order goes to the server, its worker packs it.
const status = document.querySelector('#status');

async function buy(id) {
  const response = await fetch('/api/orders', {
    method: 'POST',
    body: JSON.stringify({ lines: [{ id, count: 1 }] }),
  });
  const answer = await response.json();
  status.textContent = response.ok ? `Order ${answer.id}: ${answer.total}` : answer.error;
}

document.querySelectorAll('button').forEach((button) => {
  button.addEventListener('click', () => buy(button.value));
});
