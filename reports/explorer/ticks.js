// Axes: round values, and the months of time.

// Round values from at or below the smallest to at or above the largest.
function linearTicks(values) {
  const rough = (Math.max(0, ...values) || 1) / 5;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one >= rough * 0.999);
  const below = Math.min(0, Math.floor(Math.min(0, ...values) / step + 1e-9));
  const above = Math.ceil(Math.max(0, ...values) / step - 1e-9) || 1;
  return Array.from({ length: above - below + 1 }, (_, n) =>
    Number(((below + n) * step).toPrecision(12)),
  );
}

function logarithmicTicks(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (
      let power = Math.floor(Math.log10(low)) - 1;
      power <= Math.ceil(Math.log10(high)) + 1;
      power++
    ) {
      steps.forEach((step) => ticks.push(Number(`${step}e${power}`)));
    }
    const first = ticks.findLastIndex((tick) => tick <= low * 1.0001);
    const last = Math.max(
      ticks.findIndex((tick) => tick >= high * 0.9999),
      first + 1,
    );
    if (last - first <= 6 || steps.length === 1) return ticks.slice(first, last + 1);
  }
}

const SHORT_MONTH = new Intl.DateTimeFormat("en", {
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
const YEAR = new Intl.DateTimeFormat("en", { year: "numeric", timeZone: "UTC" });

function timeAxis([first, end], last, width) {
  const start = new Date(first);
  const months = (end - first) / (30.4375 * 864e5);
  const steps = months > 30 ? [12, 24, 60] : [1, 3, 6, 12];
  const step = steps.find((one) => months / one <= width / 62) ?? 120;
  const values = [];
  const month = new Date(Date.UTC(start.getUTCFullYear(), 0, 1));
  for (; month <= last; month.setUTCMonth(month.getUTCMonth() + step)) {
    if (month >= first) values.push(month.getTime());
  }
  const name = (value) => (step < 12 ? SHORT_MONTH : YEAR).format(new Date(value));
  return { values, labelExpr: labels(values, name), labelFlush: false };
}

function labels(values, name) {
  const words = Object.fromEntries(values.map((value) => [String(value), name(value)]));
  return `${JSON.stringify(words)}[datum.value]`;
}
