// Bars: the largest values at one time.

function barsOf(state) {
  const { table, measure, by } = state;
  const [low, high] = measure.ends;
  const wanted = state.find.toLowerCase();
  const found = state.rows.filter(
    (row) =>
      (!table.time || row[table.time] === state.at) &&
      nameOf(row, by).toLowerCase().includes(wanted),
  );
  const bars = found
    .filter((row) => row[measure.column] !== null)
    .map((row) => ({
      row,
      name: nameOf(row, by),
      value: row[measure.column],
      low: low ? row[low] : null,
      high: high ? row[high] : null,
    }))
    .sort((a, b) => b.value - a.value);
  return {
    bars: bars.slice(0, MOST_BARS),
    found: bars.length,
    withoutValue: found.length - bars.length,
  };
}

// Bars with their names, to the left or, on a phone, above.
function barChart(state, { bars }, width, look) {
  if (!bars.length) return null;
  const { measure } = state;
  const isNarrow = width < NARROW;
  const step = isNarrow ? 38 : 25;
  const widest = Math.max(...bars.map((bar) => written(bar.value, measure.unit).length));
  const longest = Math.max(...bars.map((bar) => bar.name.length));
  const place = {
    left: isNarrow ? 2 : Math.min(longest * LETTER_WIDTH + 12, 300),
    top: 4,
    bottom: 4,
  };
  place.right = Math.round(widest * 7 + 12);
  place.width = width - place.left - place.right;
  place.height = bars.length * step;
  const most = Math.max(...bars.flatMap((bar) => [bar.value, bar.high ?? 0]), 0) || 1;
  const least = Math.min(0, ...bars.map((bar) => bar.value));
  const letters = Math.floor((isNarrow ? width : place.left - 12) / LETTER_WIDTH);
  const values = bars.map((bar, index) => ({
    name: cut(bar.name, letters),
    value: bar.value,
    low: bar.low,
    high: bar.high,
    // Beyond the range that is drawn, the number does not cross it.
    end: Math.max(bar.value, bar.high ?? 0, 0),
    written: written(bar.value, measure.unit),
    top: index * step + (isNarrow ? 10 : step / 2),
    middle: index * step + (isNarrow ? 26 : step / 2),
  }));
  const x = (field) => ({
    field,
    type: "quantitative",
    title: null,
    axis: null,
    scale: { domain: [least, most], nice: false },
  });
  const middle = { field: "middle", type: "quantitative", scale: null, axis: null };
  const at = (field) => ({ x: x(field), y: middle });
  const layers = [
    {
      mark: { type: "bar", color: look.series[0], size: 14, orient: "horizontal" },
      encoding: { ...at("value"), x2: { datum: 0 } },
    },
    {
      mark: { type: "rule", color: look.ink, strokeWidth: 1.5 },
      encoding: { ...at("low"), x2: { field: "high" } },
    },
    {
      mark: { type: "text", align: "left", baseline: "middle", dx: 6, color: look.ink },
      encoding: { ...at("end"), text: { field: "written" } },
    },
    {
      mark: {
        type: "text",
        align: isNarrow ? "left" : "right",
        baseline: "middle",
        color: look.ink,
      },
      encoding: {
        text: { field: "name" },
        x: { value: isNarrow ? 0 : -10 },
        y: { ...middle, field: "top" },
      },
    },
  ].filter((layer) => layer.mark.type !== "rule" || measure.ends.length);
  return {
    spec: { ...finished(layers, place, look), data: { values } },
    place,
    step,
    isAcross: false,
    stops: bars.map((bar, index) => ({
      at: place.top + (index + 0.5) * step,
      title: bar.name,
      lines: [
        { index: 0, name: caption(state.table, measure.column), said: said(state, bar) },
        ...state.filters.map(({ column }) => ({
          index: "none",
          name: caption(state.table, column),
          said: nameOf(bar.row, column),
        })),
      ],
    })),
  };
}
