// console.*: into the run's log, for whoever debugs the script.

const formatAll = (values) => {
  let at = 0;
  let text = "";
  if (values.length > 1 && typeof values[0] === "string" && includesPercent(values[0])) {
    at = 1;
    text = replacePlaceholders(values[0], (directive) => {
      if (directive === "%%") return "%";
      if (at >= values.length) return directive;
      const value = values[at++];
      switch (directive) {
        case "%s": return inspect(value);
        case "%d": return isObject(value) ? "NaN" : typeof value === "symbol" ? "NaN" : `${+NativeString(value)}`;
        case "%i": return typeof value === "symbol" ? "NaN" : `${trunc(+NativeString(value))}`;
        case "%f": return typeof value === "symbol" ? "NaN" : `${+NativeString(value)}`;
        case "%c": return "";
        default: return inspect(value);
      }
    });
  }
  for (; at < values.length; at++) text += (at > 0 ? " " : "") + inspect(values[at]);
  return toText(text);
};
const includesPercent = (text) => apply(NativeString.prototype.includes, text, ["%"]);
const stringReplace = uncurry(String.prototype.replace);
const replacePlaceholders = (text, by) => stringReplace(text, /%[sdifjoOc%]/g, by);

let consoleIndent = "";
const consoleCounts = new NativeMap();

const printAll = (values, before = "") => {
  let text;
  try {
    text = formatAll(values);
  } catch (error) {
    text = `(a value that cannot be shown: ${describe(error)})`;
  }
  host.log("debug", consoleIndent + before + text);
};
const print = (...values) => printAll(values);

const nothing = () => {};
const consoleMethods = {
  log: print, info: print, warn: print, error: print, debug: print,
  dir: (value) => print(value),
  table: (value) => print(value),
  trace: (...values) => {
    values[values.length] = `\n${new NativeError().stack}`;
    printAll(values);
  },
  assert: (holds, ...values) => { if (!holds) printAll(values, "assertion failed: "); },
  group: (...values) => { if (values.length > 0) printAll(values); consoleIndent += "  "; },
  groupEnd: () => { consoleIndent = apply(NativeString.prototype.slice, consoleIndent, [2]); },
  count: (label = "default") => {
    const count = (mapGet(consoleCounts, label) ?? 0) + 1;
    mapSet(consoleCounts, label, count);
    print(`${toText(label)}: ${count}`);
  },
  countReset: (label = "default") => { mapDelete(consoleCounts, label); },
  // Time is not a script's to measure: it would differ on resume.
  time: nothing, timeLog: nothing, timeEnd: nothing,
};
consoleMethods.groupCollapsed = consoleMethods.group;
setGlobal("console", consoleMethods);
