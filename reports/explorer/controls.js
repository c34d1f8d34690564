// The controls of a view, made of what its table has. Each changes the address and nothing else.

const MOST_CHECKBOXES = 14;

// An element with its children; texts among these stay texts, whatever they hold.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

function controls(state) {
  const { table, view } = state;
  const tables = new Map(view.tables.map((key) => [key, CONTENT.tables[key].name]));
  const measures = new Map(table.measures.map(({ column }) => [column, caption(table, column)]));
  const columns = new Map(comparable(table).map((column) => [column, caption(table, column)]));
  const forms = new Map([
    ["lines", "Lines over time"],
    ["bars", "Bars at one time"],
  ]);
  const times = new Map(state.times.map((time) => [time, timeName(table, time)]).reverse());
  const found = [];
  const add = (...made) => found.push(select(...made));
  if (tables.size > 1) {
    add("table", "Table", tables, state.key, [
      "measure",
      "by",
      "from",
      "to",
      "at",
      "form",
      "scale",
    ]);
  }
  add("measure", "Measure", measures, state.measure.column, ["scale"]);
  if (columns.size > 1) add("by", "Compare by", columns, state.by);
  for (const { column, options, value } of state.choices) {
    add(column, caption(table, column), options, value);
  }
  for (const { column, options, value } of state.filters) {
    add(column, caption(table, column), new Map([["", "All"], ...options]), value);
  }
  if (state.times.length > 1) add("form", "Chart", forms, state.isBars ? "bars" : "lines", []);
  if (state.isBars && state.times.length > 1) {
    add("at", table.time === "month" ? "Month" : "Listing", times, state.at, []);
  }
  if (!state.isBars) {
    add("from", "From", times, state.from, []);
    add("to", "To", times, state.to, []);
  }
  if (state.canBeLogarithmic) {
    const scales = new Map([
      ["linear", "Linear"],
      ["log", "Logarithmic"],
    ]);
    add("scale", "Scale", scales, state.isLogarithmic ? "log" : "linear", []);
  }
  const selects = element("div", { class: "selects" }, ...found);
  return [choices(selects), values(state)];
}

// On a phone the chart comes first, and the choices when they are asked for.
const phone = matchMedia("(max-width: 640px)");
let isOpen = false;

function choices(selects) {
  const made = element("details", {}, element("summary", {}, "Change what is shown"), selects);
  made.open = isOpen || !phone.matches;
  made.ontoggle = () => (isOpen = made.open && phone.matches);
  made.firstChild.id = "choices";
  return made;
}

function select(name, label, options, value, without = OF_VALUES) {
  const made = element("select", { id: `choose-${name}` });
  for (const [key, words] of options) {
    const option = element("option", { value: key }, words);
    option.selected = key === value;
    made.append(option);
  }
  made.onchange = () => choose(name, made.value ? [made.value] : [], { without });
  return element("label", { for: made.id }, element("span", {}, label), made);
}

// The values that are compared: lines by boxes, which are their legend; bars by a part of a name.
function values(state) {
  const label = comparedBy(state);
  const isLong = state.ranked.size > MOST_CHECKBOXES;
  const parts = [];
  if (isLong || state.isBars) parts.push(search(state, label));
  if (state.isBars) return element("div", { class: "values" }, ...parts);
  const wanted = state.find.toLowerCase();
  const others = [...state.ranked.keys()].filter(
    (value) =>
      !state.shown.includes(value) && state.ranked.get(value).toLowerCase().includes(wanted),
  );
  const room = Math.max(0, MOST_CHECKBOXES - state.shown.length);
  const boxes = [...state.shown, ...others.slice(0, room)].map((value) => checkbox(state, value));
  const hidden = others.length - room;
  parts.push(
    element(
      "fieldset",
      {},
      element("legend", {}, `${label}: up to ${MOST_LINES} to compare`),
      ...boxes,
      ...(hidden > 0
        ? [element("p", { class: "more" }, `${counted.format(hidden)} more by name`)]
        : []),
    ),
  );
  return element("div", { class: "values" }, ...parts);
}

function checkbox(state, value) {
  const index = state.shown.indexOf(value);
  const id = `show-${[...state.ranked.keys()].indexOf(value)}`;
  const box = element("input", { type: "checkbox", id });
  box.checked = index >= 0;
  box.disabled = index < 0 && state.shown.length >= MOST_LINES;
  box.onchange = () => {
    const others = state.shown.filter((one) => one !== value);
    // The last one stays, for without any there is no chart.
    box.checked ||= !others.length;
    choose("show", box.checked ? [...others, value] : others);
  };
  const name = element("bdi", {}, state.ranked.get(value));
  return element("label", { for: id, class: index < 0 ? "off" : `line-${index}` }, box, name);
}

function search(state, label) {
  const box = element("input", { type: "search", id: "choose-find", autocomplete: "off" });
  box.value = state.find;
  box.oninput = () => choose("find", box.value ? [box.value] : [], { isNewPage: false });
  return element(
    "label",
    { for: box.id, class: "search" },
    element("span", {}, `Find: ${lowerFirst(label)}`),
    box,
  );
}
