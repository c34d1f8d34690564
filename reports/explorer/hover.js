// Values under the pointer, or under the arrow keys: a chart is a slider over its months or bars.

function makeReadable(box, chart, label) {
  const rule = element("div", { class: chart.isAcross ? "rule across" : "rule down" });
  const readout = element("div", { class: "readout", "aria-hidden": "true" });
  rule.hidden = readout.hidden = true;
  box.append(rule, readout);
  const { stops, place } = chart;
  let current = -1;

  const hide = () => {
    rule.hidden = readout.hidden = true;
  };
  const show = (index) => {
    current = Math.max(0, Math.min(stops.length - 1, index));
    const stop = stops[current];
    const lines = stop.lines.map((line) =>
      element("p", { class: `line-${line.index}` }, element("bdi", {}, line.name), `: ${line.said}`),
    );
    readout.replaceChildren(
      element("p", { class: "when" }, element("bdi", {}, stop.title)),
      ...lines,
    );
    rule.hidden = readout.hidden = false;
    placeReadout(box, chart, stop, rule, readout);
    box.setAttribute("aria-valuenow", String(current + 1));
    box.setAttribute("aria-valuetext", spoken(stop));
  };
  const nearest = (event) => {
    const frame = box.getBoundingClientRect();
    const at = chart.isAcross ? event.clientX - frame.left : event.clientY - frame.top;
    const distances = stops.map((stop) => Math.abs(stop.at - at));
    return distances.indexOf(Math.min(...distances));
  };
  const last = stops.length - 1;
  const steps = {
    ArrowLeft: () => (current < 0 ? last : current - 1),
    ArrowRight: () => (current < 0 ? last : current + 1),
    ArrowUp: () => (current < 0 ? 0 : current + (chart.isAcross ? 1 : -1)),
    ArrowDown: () => (current < 0 ? 0 : current + (chart.isAcross ? -1 : 1)),
    Home: () => 0,
    End: () => last,
  };
  setSlider(box, label, chart, spoken(stops.at(chart.isAcross ? -1 : 0)));
  box.onpointermove = (event) => show(nearest(event));
  box.onpointerdown = box.onpointermove;
  box.onpointerleave = box.onblur = hide;
  box.onkeydown = (event) => {
    if (event.key === "Escape") hide();
    if (!steps[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(steps[event.key]());
  };
}

function setSlider(box, label, chart, text) {
  const now = chart.isAcross ? chart.stops.length : 1;
  const attributes = {
    role: "slider",
    tabindex: "0",
    "aria-label": label,
    "aria-orientation": chart.isAcross ? "horizontal" : "vertical",
    "aria-valuemin": "1",
    "aria-valuemax": String(chart.stops.length),
    "aria-valuenow": String(now),
    "aria-valuetext": text,
  };
  Object.entries(attributes).forEach(([name, value]) => box.setAttribute(name, value));
}

function unmakeReadable(box) {
  for (const { name } of [...box.attributes]) {
    if (name === "role" || name === "tabindex" || name.startsWith("aria-"))
      box.removeAttribute(name);
  }
  box.onpointermove = box.onpointerdown = box.onpointerleave = box.onblur = box.onkeydown = null;
}

function spoken(stop) {
  return [stop.title, ...stop.lines.map((line) => `${line.name}: ${line.said}`)].join("; ");
}

function placeReadout(box, chart, stop, rule, readout) {
  const { place } = chart;
  if (chart.isAcross) {
    move(rule, { left: stop.at, top: place.top, height: place.height });
    const isRight = stop.at > box.clientWidth / 2;
    const left = isRight ? stop.at - readout.offsetWidth - 10 : stop.at + 10;
    // On a phone there is no room beside the month, and below the axis nothing is hidden.
    const below = place.top + place.height + place.bottom;
    const top = box.clientWidth < NARROW ? below : place.top;
    move(readout, { left: within(left, box, readout), top });
  } else {
    const half = chart.step / 2;
    move(rule, { left: 0, top: stop.at - half, height: chart.step });
    move(readout, { left: within(box.clientWidth, box, readout), top: stop.at + half + 4 });
  }
}

function within(left, box, readout) {
  return Math.max(0, Math.min(left, box.clientWidth - readout.offsetWidth));
}

function move(one, lengths) {
  Object.entries(lengths).forEach(([name, value]) => one.style.setProperty(name, `${value}px`));
}
