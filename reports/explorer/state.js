// What is shown: the address says what a reader chose, and all else is as the table opens.

const MOST_LINES = 7;
const MOST_BARS = 20;
const OPENING_LINES = 5;

// What belongs to the values that are compared, and goes when others are.
const OF_VALUES = ["show", "find"];

function chosenInAddress() {
  return new URLSearchParams(location.hash.slice(1));
}

// Change what the address says; drawing follows from that. A list says a name several times.
function choose(name, values, { isNewPage = true, without = [] } = {}) {
  const chosen = chosenInAddress();
  [name, ...without].forEach((one) => chosen.delete(one));
  values.forEach((value) => chosen.append(name, value));
  if (isNewPage) location.hash = chosen.toString();
  else location.replace(`#${chosen}`);
}

function readState() {
  const chosen = chosenInAddress();
  const view = CONTENT.views.find((one) => one.key === chosen.get("view")) ?? CONTENT.views[0];
  const key = oneOf(view.tables, chosen.get("table"));
  const table = CONTENT.tables[key];
  const all = rowsOf(key);
  const measure =
    table.measures.find((one) => one.column === chosen.get("measure")) ??
    table.measures.find((one) => one.column === table.measure);
  const by = oneOf(comparable(table), chosen.get("by"));
  const state = { view, key, table, measure, by, find: chosen.get("find") ?? "" };

  state.choices = keysOf(table)
    .filter((column) => column !== by)
    .map((column) => readChoice(table, all, column, chosen.get(column)))
    .filter((one) => one.options.size);
  state.filters = table.filters.map((column) => {
    const options = valuesOf(all, column);
    return { column, options, value: options.has(chosen.get(column)) ? chosen.get(column) : "" };
  });
  const kept = [...state.choices, ...state.filters.filter((one) => one.value)];
  state.rows = all.filter((row) => kept.every((one) => row[one.column] === one.value));

  readTimes(state, chosen);
  state.ranked = ranked(state);
  state.shown = readShown(state, chosen.getAll("show"));
  const isPositive = (row) => row[measure.column] === null || row[measure.column] > 0;
  state.canBeLogarithmic =
    !state.isBars && measure.unit !== "fraction" && state.rows.every(isPositive);
  const scales = table.isLogarithmic ? ["log", "linear"] : ["linear", "log"];
  const scale = oneOf(scales, chosen.get("scale"));
  state.isLogarithmic = state.canBeLogarithmic && scale === "log";
  return state;
}

function oneOf(options, value) {
  return options.includes(value) ? value : options[0];
}

function keysOf(table) {
  return [table.by, ...Object.keys(table.choose)];
}

function comparable(table) {
  return table.isNested ? [table.by] : keysOf(table);
}

function readChoice(table, rows, column, chosen) {
  const options = valuesOf(rows, column);
  const opening = [chosen, table.choose[column], "all", ...options.keys()];
  return { column, options, value: opening.find((value) => options.has(value)) };
}

function readTimes(state, chosen) {
  const { table, rows } = state;
  const timesOf = (some) => (table.time ? [...valuesOf(some, table.time).keys()].sort() : []);
  state.times = timesOf(rows);
  const complete = timesOf(rows.filter((row) => !isRunning(row)));
  const last = state.times.at(-1);
  const at = (name, otherwise) =>
    state.times.includes(chosen.get(name)) ? chosen.get(name) : otherwise;
  [state.from, state.to] = [at("from", state.times[0]), at("to", last)].sort();
  state.at = at("at", complete.at(-1) ?? last);
  const forms = table.isBars ? ["bars", "lines"] : ["lines", "bars"];
  state.isBars = state.times.length < 2 || oneOf(forms, chosen.get("form")) === "bars";
}

// The values that can be compared, by name, the largest one first.
function ranked(state) {
  const { rows, table, measure, by } = state;
  const size = new Map();
  for (const row of rows) {
    if (row[measure.column] === null || (table.time && isRunning(row))) continue;
    const [time] = size.get(row[by]) ?? [""];
    const now = table.time ? row[table.time] : "";
    if (now >= time && (!table.time || now <= state.to)) {
      size.set(row[by], [now, row[measure.column]]);
    }
  }
  const order = (value) => size.get(value) ?? ["", -Infinity];
  const names = [...valuesOf(rows, by)];
  // One that ended is smaller than one that goes on.
  names.sort(([a], [b]) => compare(order(b)[0], order(a)[0]) || order(b)[1] - order(a)[1]);
  return new Map(names);
}

function readShown(state, chosen) {
  const { table, measure, by, ranked, rows } = state;
  const known = (values) => values.filter((value) => ranked.has(value)).slice(0, MOST_LINES);
  const hasValue = (value) => rows.some((row) => row[by] === value && row[measure.column] !== null);
  const opening = by === table.by ? known(table.shown).filter(hasValue) : [];
  const options = [known(chosen), opening, [...ranked.keys()].slice(0, OPENING_LINES)];
  return options.find((values) => values.length) ?? [];
}
