// What all charts have in common: colours, letters, and how a value is said.

const NARROW = 560;
const LETTER_WIDTH = 6.4;
const FONT = "Liberation Sans, Arial, Helvetica, sans-serif";

// Colours as the style has them; those of light paper for what is handed on.
function theme(isLight) {
  const style = getComputedStyle(document.getElementById(isLight ? "light" : "main"));
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ...Object.fromEntries(
      ["paper", "ink", "grey", "grid", "accent"].map((one) => [one, colour(one)]),
    ),
    series: Array.from({ length: MOST_LINES }, (_, index) => colour(`series-${index}`)),
  };
}

function readLine(state, line, point) {
  return { index: line.index, name: line.name, said: point ? said(state, point) : NOTHING };
}

// A value with its range and what its status says.
function said(state, point) {
  const { unit } = state.measure;
  const hasRange = point.low !== null && point.high !== null;
  const range = hasRange ? ` (${written(point.low, unit)} to ${written(point.high, unit)})` : "";
  const remark = remarkOf(state, point.row);
  if (point.value === null && remark) return remark;
  return `${written(point.value, unit)}${range}${remark && `, ${lowerFirst(remark)}`}`;
}

// The status of a row, where it is not that of all: SDMX's words.
function remarkOf(state, row) {
  const status = statusOf(state.table, row);
  const isOfAll = state.rows.every((one) => statusOf(state.table, one) === status);
  return status === "A" || isOfAll ? "" : CONTENT.statuses[status];
}

function finished(layers, place, look) {
  const { left, right, top, bottom, width, height } = place;
  const mark = CONTENT.label && {
    data: { values: [{}] },
    mark: {
      type: "text",
      text: CONTENT.label,
      angle: -18,
      fontSize: Math.min((1.25 * width) / CONTENT.label.length, height / 4),
      fontWeight: "bold",
      color: look.accent,
      opacity: 0.1,
    },
    encoding: { x: { value: width / 2 }, y: { value: height / 2 } },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    layer: mark ? [...layers, mark] : layers,
    width,
    height,
    padding: { left, right, top, bottom },
    autosize: "none",
    config: {
      font: FONT,
      background: look.paper,
      aria: false,
      view: { stroke: null },
      mark: { invalid: "break-paths-show-domains" },
      text: { fontSize: 12, font: FONT },
      axis: {
        domain: false,
        ticks: false,
        grid: true,
        gridColor: look.grid,
        labelColor: look.grey,
        labelFontSize: 12,
        labelPadding: 6,
        labelLimit: 0,
        labelOverlap: false,
      },
      axisX: { grid: false, domain: true, domainColor: look.ink, ticks: true, tickSize: 4 },
    },
  };
}
