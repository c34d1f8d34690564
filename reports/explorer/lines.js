// Lines over time, with what makes them honest: gaps, ranges, the month still running.

// More ranges than these hide each other.
const MOST_BANDS = 2;

// Each line with its points, in order.
function linesOf(state) {
  const { table, measure, by } = state;
  const [low, high] = measure.ends;
  const isAlwaysEstimate = state.rows.every((row) => statusOf(table, row) !== "A");
  return state.shown.map((value, index) => ({
    value,
    index,
    name: state.ranked.get(value),
    points: state.rows
      .filter(
        (row) => row[by] === value && row[table.time] >= state.from && row[table.time] <= state.to,
      )
      .sort((a, b) => compare(a[table.time], b[table.time]))
      .map((row) => ({
        row,
        time: row[table.time],
        date: Date.parse(row[table.time]),
        value: row[measure.column],
        low: low ? row[low] : null,
        high: high ? row[high] : null,
        isRunning: isRunning(row),
        isUnreliable: row.is_low_reliability === true || statusOf(table, row) === "U",
        isEstimate: !isAlwaysEstimate && statusOf(table, row) === "E",
      })),
  }));
}

// A chart of lines with its geometry, or null where nothing is known. Only whole months set axes.
function lineChart(state, lines, width, look, { hasNames }) {
  const { measure, table } = state;
  const hasBands = measure.ends.length > 0 && lines.length <= MOST_BANDS;
  const whole = lines.flatMap((line) => line.points.filter((point) => !point.isRunning));
  const bounds = whole.flatMap((one) => (hasBands ? [one.value, one.low, one.high] : [one.value]));
  const values = bounds.filter((value) => value !== null && (!state.isLogarithmic || value > 0));
  if (!values.length) return null;
  const ticks = state.isLogarithmic ? logarithmicTicks(values) : linearTicks(values);
  const known = whole.filter((point) => point.value !== null);
  const dates = [...new Set(known.map((point) => point.date))].sort((a, b) => a - b);
  const period = dates.length > 1 ? dates.at(-1) - dates.at(-2) : 31 * 864e5;
  const domain = [dates[0] - period / 2, dates.at(-1) + period * 1.2];
  const longest = Math.max(...lines.map((line) => line.name.length));
  const margin = {
    left: Math.round(
      Math.max(...ticks.map((tick) => written(tick, measure.unit).length)) * LETTER_WIDTH + 14,
    ),
    right: hasNames ? Math.round(Math.min(longest, 36) * LETTER_WIDTH + 16) : 14,
    top: 14,
    bottom: 28,
  };
  const place = {
    ...margin,
    width: width - margin.left - margin.right,
    height: width < NARROW ? 240 : 340,
  };
  // Days are numbers: the interpreter of expressions makes nothing of an axis of time's own domain.
  const x = { field: "date", type: "quantitative", title: null };
  x.scale = { domain, nice: false, zero: false };
  x.axis = timeAxis(domain, dates.at(-1), place.width);
  const y = (field) => ({
    field,
    type: "quantitative",
    title: null,
    scale: {
      domain: [ticks[0], ticks.at(-1)],
      type: state.isLogarithmic ? "log" : "linear",
      nice: false,
    },
    axis: { values: ticks, labelExpr: labels(ticks, (tick) => written(tick, measure.unit)) },
  });
  const within = (point) =>
    point.value !== null &&
    point.value >= ticks[0] &&
    point.value <= ticks.at(-1) &&
    point.date <= domain[1];
  const drawn = lines.map((line) => ({
    ...line,
    points: line.points.filter((point) => !point.isRunning),
    running: line.points.filter((point) => point.isRunning && within(point)),
  }));
  const layers = drawn.flatMap((line) => lineLayers(line, x, y, look, hasBands));
  if (hasNames) layers.push(...endNames(drawn, place, domain, ticks, state.isLogarithmic, look));
  const pointAt = (line, time) => line.points.find((one) => one.time === time);
  const at = (time) =>
    place.left + ((Date.parse(time) - domain[0]) / (domain[1] - domain[0])) * place.width;
  const times = new Set(lines.flatMap((line) => line.points.map((point) => point.time)));
  const isWithin = (time) => Date.parse(time) >= domain[0] && Date.parse(time) <= domain[1];
  return {
    spec: finished(layers, place, look),
    place,
    isAcross: true,
    stops: [...times]
      .filter(isWithin)
      .sort()
      .map((time) => ({
        at: at(time),
        title: timeName(table, time),
        lines: lines.map((line) => readLine(state, line, pointAt(line, time))),
      })),
  };
}

function lineLayers(line, x, y, look, hasBands) {
  const color = look.series[line.index];
  const { points, running } = line;
  const plain = (one) => ({ date: one.date, value: one.value, low: one.low, high: one.high });
  const layers = [];
  const add = (shown, mark, encoding) => {
    if (shown.length) layers.push({ data: { values: shown.map(plain) }, mark, encoding });
  };
  const alone = points.filter(
    (one, at) =>
      one.value !== null &&
      (points[at - 1]?.value ?? null) === null &&
      (points[at + 1]?.value ?? null) === null,
  );
  if (hasBands) {
    const band = { x, y: y("low"), y2: { field: "high" } };
    add(points, { type: "area", color, opacity: 0.18, clip: true }, band);
    add(
      alone.filter((one) => one.low !== null),
      { type: "rule", color, opacity: 0.35, strokeWidth: 3 },
      band,
    );
  }
  const at = { x, y: y("value") };
  for (const { isEstimate, stretch } of stretches(points)) {
    const strokeDash = isEstimate ? [4, 3] : [1, 0];
    add(stretch, { type: "line", color, strokeWidth: 2, strokeDash }, at);
  }
  add(alone, { type: "circle", color, size: 30, opacity: 1 }, at);
  const grey = points.filter((one) => one.isUnreliable && one.value !== null);
  add(
    grey,
    { type: "point", shape: "diamond", filled: true, color: look.grey, size: 55, opacity: 1 },
    at,
  );
  add(
    running,
    { type: "point", color, fill: look.paper, size: 40, strokeWidth: 1.5, opacity: 1 },
    at,
  );
  return layers;
}

// Cut a line where it becomes dashed, or ends to be; each cut is in both of its stretches.
function stretches(points) {
  if (points.length < 2) return [];
  const found = [];
  points.slice(1).forEach((point, index) => {
    const before = points[index];
    const isEstimate = before.isEstimate || point.isEstimate;
    if (found.at(-1)?.isEstimate !== isEstimate) found.push({ isEstimate, stretch: [before] });
    found.at(-1).stretch.push(point);
  });
  return found;
}

// Each name at the end of its line, moved down where two would meet, and up from the axis.
const LINE = 15;

function endNames(lines, place, domain, ticks, isLogarithmic, look) {
  const scaled = isLogarithmic ? Math.log : (value) => value;
  const [low, high] = [ticks[0], ticks.at(-1)].map(scaled);
  const ends = lines.flatMap((line) => {
    const last = line.points.findLast((one) => one.value !== null);
    if (!last) return [];
    const top = place.height * (1 - (scaled(last.value) - low) / (high - low));
    const from = line.running[0]?.date ?? last.date;
    return [{ line, top, left: ((from - domain[0]) / (domain[1] - domain[0])) * place.width }];
  });
  ends.sort((a, b) => a.top - b.top);
  let next = -Infinity;
  ends.forEach((end) => (next = (end.top = Math.max(end.top, next)) + LINE));
  next = place.height - 2;
  ends.toReversed().forEach((end) => (next = (end.top = Math.min(end.top, next)) - LINE));
  return ends.map(({ line, top, left }) => ({
    data: { values: [{ name: cut(line.name, 36) }] },
    mark: {
      type: "text",
      align: "left",
      baseline: "middle",
      dx: 9,
      color: look.series[line.index],
    },
    encoding: { text: { field: "name" }, x: { value: left }, y: { value: top } },
  }));
}

function cut(name, most) {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}
