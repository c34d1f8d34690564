// The data that the page carries, decoded; numbers and days as people write them.

const CONTENT = JSON.parse(document.getElementById("content").textContent);
const NOTHING = "–";

const decodedTables = new Map();

// Rows of a table, each by column; the name of a text stands beside it, under its column and "@".
function rowsOf(key) {
  if (!decodedTables.has(key)) decodedTables.set(key, decode(CONTENT.tables[key]));
  return decodedTables.get(key);
}

function decode(table) {
  const rows = Array.from({ length: table.rows }, () => ({}));
  for (const [column, held] of Object.entries(table.columns)) {
    rows.forEach((row, index) => {
      const value = Array.isArray(held) ? held[index] : held.of[held.at ? held.at[index] : 0];
      if (Array.isArray(value)) [row[column], row[`${column}@`]] = value;
      else row[column] = value;
    });
  }
  return rows;
}

function nameOf(row, column) {
  return row[`${column}@`] ?? row[column] ?? "None";
}

function caption(table, column) {
  return table.captions[column] ?? column;
}

function lowerFirst(text) {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

// Distinct values of a column, in the order of the rows, each with its name.
function valuesOf(rows, column) {
  const names = new Map();
  for (const row of rows) {
    if (row[column] !== null && row[column] !== undefined) {
      if (!names.has(row[column])) names.set(row[column], nameOf(row, column));
    }
  }
  return names;
}

const THREE_DIGITS = { maximumSignificantDigits: 3 };
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });
const counted = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", THREE_DIGITS);
const inWords = new Intl.NumberFormat("en", {
  notation: "compact",
  compactDisplay: "long",
  ...THREE_DIGITS,
});

function written(value, unit) {
  if (value === null || value === undefined) return NOTHING;
  if (unit === "fraction") {
    return value > 0 && value < 0.0005 ? "under 0.1%" : percent.format(value);
  }
  const sign = unit.startsWith("current US dollars") ? "$" : "";
  const size = Math.abs(value);
  if (size >= 1e6) return sign + inWords.format(value).replace(" ", "\u00a0");
  return sign + (size >= 1000 || Number.isInteger(value) ? counted : short).format(value);
}

const MONTH = new Intl.DateTimeFormat("en-GB", {
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

// A value of the column of time, such as 2026-09-01.
function timeName(table, time) {
  return (table.time === "month" ? MONTH : DAY).format(new Date(time));
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}

function isRunning(row) {
  return row.is_complete_month === false;
}

function statusOf(table, row) {
  return (table.status && row[table.status]) || "A";
}
