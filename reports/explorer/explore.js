// The page: what the address says is drawn, with its words and its table.

const main = document.getElementById("main");
const box = document.getElementById("chart");
let drawnNow = null;
let draws = 0;

function embed(place, spec) {
  // Expressions are interpreted: the policy of the page lets nobody make code of a text.
  return vegaEmbed(place, spec, {
    ast: true,
    mode: "vega-lite",
    renderer: "svg",
    actions: false,
    defaultStyle: false,
    tooltip: false,
  });
}

// A chart is described as a whole: marks that call themselves one are a riddle to who hears them.
function withoutRoles(place) {
  for (const one of place.querySelectorAll("svg, svg *")) {
    for (const { name } of [...one.attributes]) {
      if (name === "role" || name.startsWith("aria-")) one.removeAttribute(name);
    }
  }
}

function chartOf(state, width, look, options) {
  return state.isBars
    ? barChart(state, barsOf(state), width, look)
    : lineChart(state, linesOf(state), width, look, options);
}

// What the values are that are compared: of a table in which that can be chosen, what was.
function comparedBy({ table, by, choices }) {
  const isNamed = table.isNested && choices.length > 0;
  return isNamed ? choices[0].options.get(choices[0].value) : caption(table, by);
}

function wordsOf(state) {
  const { table, measure } = state;
  const when = state.isBars && table.time ? `, ${timeName(table, state.at)}` : "";
  const byWhat = ` by ${lowerFirst(comparedBy(state))}`;
  const title = table.title.endsWith(byWhat) || state.isBars ? table.title : table.title + byWhat;
  const name = caption(table, measure.column);
  const what = title.startsWith(name) ? "" : `: ${lowerFirst(name)}`;
  const heading = `${CONTENT.heading}${title}${what}${when}`;
  const kept = [...state.choices, ...state.filters.filter((one) => one.value)];
  const unit = [
    measure.unit[0].toUpperCase() + measure.unit.slice(1),
    ...kept.map((one) => `${caption(table, one.column)}: ${one.options.get(one.value)}`),
    ...(state.isLogarithmic ? ["Logarithmic scale"] : []),
  ].join(" · ");
  const toldApart = state.table.texts.is_relation_reliable;
  const notes = [measure.about, measure.combines, ...signs(state), toldApart].filter(Boolean);
  return { heading, unit, notes, footer: [...notes, CONTENT.source, table.terms] };
}

// What the signs of a chart mean, where it has them.
function signs(state) {
  const { table, isBars } = state;
  const { statuses } = CONTENT;
  if (isBars) return barSigns(state);
  const points = linesOf(state).flatMap((line) => line.points);
  const means = (sign, status) => `${sign}: ${lowerFirst(statuses[status])}.`;
  const withStatus = (status) => points.some((one) => statusOf(table, one.row) === status);
  return [
    state.shown.length <= MOST_BANDS && rangeSign(state, "Band"),
    points.some((one) => one.isUnreliable) && means("Grey diamond", "U"),
    points.some((one) => one.isEstimate) && means("Dashed where the others are not", "E"),
    points.some((one) => one.isRunning) &&
      "Hollow dot: the month that is still running, where it lies within the axes of whole months.",
    withStatus("Q") && means("Gap", "Q"),
    withStatus("O") && means("Gap", "O"),
  ].filter(Boolean);
}

function barSigns(state) {
  const { bars, found, withoutValue } = barsOf(state);
  return [
    rangeSign(state, "Line"),
    found > bars.length && `The largest ${bars.length} of ${counted.format(found)}.`,
    withoutValue && `Without a value: ${counted.format(withoutValue)}.`,
  ].filter(Boolean);
}

function rangeSign({ table, measure }, sign) {
  const [low, high] = measure.ends;
  if (!low) return "";
  const names = [low, high].map((column) => lowerFirst(caption(table, column)));
  return `${sign}: from ${names.join(" to ")}. The former: ${lowerFirst(table.texts[low])}`;
}

function tableOf(state) {
  const { table, measure, by } = state;
  const heading = (text, isNumber) =>
    element("th", { scope: "col", ...(isNumber && { class: "number" }) }, element("bdi", {}, text));
  const row = (name, cells) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("bdi", {}, name)),
      ...cells.map((text) => element("td", { class: "number" }, text)),
    );
  let head, body;
  if (state.isBars) {
    head = [heading(caption(table, by)), heading(caption(table, measure.column), true)];
    body = barsOf(state).bars.map((bar) => row(bar.name, [said(state, bar)]));
  } else {
    const lines = linesOf(state);
    const times = [...new Set(lines.flatMap((line) => line.points.map((one) => one.time)))].sort();
    head = [heading(caption(table, table.time)), ...lines.map((line) => heading(line.name, true))];
    body = times.reverse().map((time) =>
      row(
        timeName(table, time),
        lines.map(
          (line) =>
            readLine(
              state,
              line,
              line.points.find((one) => one.time === time),
            ).said,
        ),
      ),
    );
  }
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
}

function fill(id, ...children) {
  document.getElementById(id).replaceChildren(...children);
}

// Controls are made anew; who was at one of them still is.
function fillControls(state) {
  const { id, selectionStart } = document.activeElement ?? {};
  fill("controls", ...controls(state));
  const again = id && document.getElementById(id);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (again.type === "search") again.setSelectionRange(selectionStart, selectionStart);
}

function fillWords(state, words) {
  fill("heading", words.heading);
  fill("unit", words.unit);
  fill("notes", ...words.notes.map((note) => element("p", {}, note)));
  fill("about", state.table.about);
  fill("terms", state.table.terms);
  fill("table", tableOf(state));
  document.getElementById("table").setAttribute("aria-label", `Table: ${words.heading}`);
  const extract = document.getElementById("extract");
  extract.hidden = !state.table.extract;
  extract.setAttribute("href", state.table.extract || "#");
  document.getElementById("is-cut").hidden = !state.table.isCut;
  document.querySelectorAll("nav a[data-view]").forEach((link) => {
    if (link.dataset.view === state.view.key) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

function offerFiles(state, words) {
  const asSvg = async () => new Blob([await picture(state, words)], { type: "image/svg+xml" });
  const makers = {
    csv: async () => new Blob(["\ufeff", csv(state)], { type: "text/csv" }),
    svg: asSvg,
    png: async () => asPng(await picture(state, words)),
  };
  for (const [ending, make] of Object.entries(makers)) {
    const button = document.getElementById(`save-${ending}`);
    button.disabled = ending !== "csv" && !drawnNow;
    button.onclick = async () => save(await make(), fileName(state, ending));
  }
}

async function draw() {
  const state = readState();
  const draft = ++draws;
  fillControls(state);
  const width = Math.floor(box.clientWidth);
  const chart = chartOf(state, width, theme(false), { hasNames: width >= NARROW });
  const words = wordsOf(state);
  fillWords(state, words);
  const place = element("div", { class: "drawing" });
  const drawn = chart && (await embed(place, chart.spec));
  withoutRoles(place);
  if (draft !== draws) return drawn?.finalize();
  drawnNow?.finalize();
  drawnNow = drawn;
  unmakeReadable(box);
  if (chart) {
    box.replaceChildren(place);
    makeReadable(box, chart, `${words.heading}: ${state.isBars ? "bars" : "months"}`);
  } else {
    box.replaceChildren(
      element("p", { class: "missing" }, "There is nothing to draw: no row has a figure."),
    );
  }
  offerFiles(state, words);
  main.dataset.drawn = String(draft);
}

let width = box.clientWidth;
addEventListener("hashchange", draw);
addEventListener("resize", () => {
  if (box.clientWidth !== width) draw();
  width = box.clientWidth;
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();
