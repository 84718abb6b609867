// What a failing script looks like: an error with its stack and cause, and exit code 3.
function readPrices(text) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error('cannot read the price list', { cause });
  }
}

console.log('reading the price list');
try {
  readPrices('{"honey": 850,');
} catch (error) {
  console.error(error);
  process.exitCode = 3;
}
