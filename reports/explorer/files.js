// The data and the picture of a chart, to take along: each says what it is, from where and by whom.

const WIDTH_OF_PICTURE = 720;
const MARGIN = 24;

// The rows that are shown, with all columns of their table, as the charts of the page have them.
function csv(state) {
  const { table, measure } = state;
  const facts = {
    chart_unit: measure.unit,
    source: CONTENT.source,
    licence: CONTENT.licence,
    snapshot: CONTENT.snapshot,
    ...(CONTENT.mark && { mark: CONTENT.mark }),
  };
  const cells = (row) => [
    ...table.order.map((column) => row[column] ?? row[`${column.replace(/_name$/, "")}@`]),
    ...Object.values(facts),
  ];
  const lines = [[...table.order, ...Object.keys(facts)], ...rowsShown(state).map(cells)];
  return lines.map((line) => `${line.map(cell).join(",")}\n`).join("");
}

function rowsShown(state) {
  if (state.isBars) return barsOf(state).bars.map((bar) => bar.row);
  return linesOf(state).flatMap((line) => line.points.map((point) => point.row));
}

const formula = new RegExp(CONTENT.formula, "u");

// A text is quoted, and one that a spreadsheet would run as a formula gets a ' in front.
function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  return `"${(formula.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
}

// The chart on light paper with all that the page sets around it.
async function picture(state, words) {
  const box = element("div");
  const chart = chartOf(state, WIDTH_OF_PICTURE, theme(true), { hasNames: true });
  const drawn = await embed(box, chart.spec);
  const svg = await drawn.view.toSVG();
  drawn.finalize();
  return withWords(svg, chart.place, words);
}

function withWords(svg, place, { heading, unit, footer }) {
  const look = theme(true);
  const width = WIDTH_OF_PICTURE + 2 * MARGIN;
  const body = [];
  let y = 18;
  const paragraph = (text, size, colour, weight = "normal") => {
    for (const line of wrapped(text, Math.floor(WIDTH_OF_PICTURE / (size * 0.52)))) {
      y += size * 1.3;
      body.push(
        `<text x="${MARGIN}" y="${y.toFixed(1)}" font-size="${size}" font-weight="${weight}" ` +
          `fill="${colour}">${escaped(line)}</text>`,
      );
    }
  };
  if (CONTENT.mark) paragraph(CONTENT.mark, 13, look.accent, "bold");
  paragraph(heading, 20, look.ink, "bold");
  y += 2;
  paragraph(unit, 13, look.grey);
  y += 12;
  body.push(`<g transform="translate(${MARGIN} ${y.toFixed(1)})">${svg}</g>`);
  y += place.height + place.top + place.bottom + 4;
  footer.forEach((text) => paragraph(text, 11, look.grey));
  const height = Math.round(y + 20);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" ` +
    `font-family="${FONT}"><title>${escaped(heading)}</title>` +
    `<rect width="${width}" height="${height}" fill="${look.paper}"/>${body.join("")}</svg>`
  );
}

function wrapped(text, most) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length <= most) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.filter(Boolean);
}

function escaped(text) {
  const signs = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => signs[sign]);
}

// An SVG document as a PNG file, at twice its size.
async function asPng(svg) {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    await image.decode();
    const canvas = element("canvas");
    canvas.width = image.width * 2;
    canvas.height = image.height * 2;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob(done, "image/png"));
  } finally {
    URL.revokeObjectURL(image.src);
  }
}

function save(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function fileName(state, ending) {
  const mark = CONTENT.label ? `${CONTENT.label.toLowerCase().replaceAll(" ", "-")}-` : "";
  return `${mark}${state.key}-${state.measure.column}-${CONTENT.snapshot}.${ending}`;
}
