// console.* and how it shows values: into the run's log, for whoever debugs the script. Loaded when first used.

const {
  apply, bigintToString, dateToISO, dateValue, describe, haltIf, host, isArray, isError, isFiniteNumber,
  isObject, isSame, join, mapDelete, mapForEach, mapGet, mapSet, NativeDate, NativeError, NativeMap,
  NativePromise, NativeRegExp, NativeSet, NativeString, nothing, objectKeys, regexpToString, setAdd,
  setDelete, setForEach, setHas, setSize, stackOf, stringify, stringIncludes, stringReplace,
  stringSlice, symbolToString, toText, trunc, wellFormed,
} = core;
const INSPECT_DEPTH = 4;
const INSPECT_ITEMS = 100;

/** A value as `console.log` shows it. */
const inspect = (value, open = new NativeSet()) => {
  switch (typeof value) {
    case "string": return setSize(open) === 0 ? toText(value) : stringify(wellFormed(value));
    case "bigint": return `${bigintToString(value)}n`;
    case "symbol": return toText(symbolToString(value));
    case "number": return isSame(value, -0) ? "-0" : `${value}`;
    case "function": return `[function ${functionName(value)}]`;
    case "object": break;
    default: return `${value}`;
  }
  if (value === null) return "null";
  if (setHas(open, value)) return "[circular]";
  if (isError(value)) {
    const stack = stackOf(value);
    return stack === "" ? describe(value) : `${describe(value)}\n${stack}`;
  }
  if (setSize(open) >= INSPECT_DEPTH) return isArray(value) ? "[array]" : "[object]";
  setAdd(open, value);
  try {
    return inspectObject(value, open);
  } finally {
    setDelete(open, value);
  }
};

const inspectObject = (value, open) => {
  if (value instanceof NativeDate) return isFiniteNumber(dateValue(value)) ? dateToISO(value) : "Invalid Date";
  if (value instanceof NativeRegExp) return toText(regexpToString(value));
  if (value instanceof NativePromise) return "Promise {}";
  const parts = [];
  const add = (text) => { parts[parts.length] = text; };
  const shown = () => {
    if (parts.length > INSPECT_ITEMS) {
      const more = parts.length - INSPECT_ITEMS;
      parts.length = INSPECT_ITEMS;
      add(`… ${more} more`);
    }
    return join(parts, ", ");
  };
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      add(i < INSPECT_ITEMS ? inspect(value[i], open) : "");
    }
    return `[${shown()}]`;
  }
  if (value instanceof NativeMap) {
    mapForEach(value, (item, key) => add(`${inspect(key, open)} => ${inspect(item, open)}`));
    return `Map(${parts.length}) {${shown()}}`;
  }
  if (value instanceof NativeSet) {
    setForEach(value, (item) => add(inspect(item, open)));
    return `Set(${parts.length}) {${shown()}}`;
  }
  const names = objectKeys(value);
  for (let i = 0; i < names.length; i++) {
    add(i < INSPECT_ITEMS ? `${toText(names[i])}: ${inspect(value[names[i]], open)}` : "");
  }
  return parts.length === 0 ? "{}" : `{ ${shown()} }`;
};

const functionName = (value) => {
  try {
    return typeof value.name === "string" && value.name !== "" ? toText(value.name) : "(anonymous)";
  } catch {
    return "(anonymous)";
  }
};

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
const includesPercent = (text) => apply(stringIncludes, text, ["%"]);
const replacePlaceholders = (text, by) => apply(stringReplace, text, [/%[sdifjoOc%]/g, by]);

let consoleIndent = "";
const consoleCounts = new NativeMap();

const printAll = (values, before = "") => {
  let text;
  try {
    text = formatAll(values);
  } catch (error) {
    text = `(a value that cannot be shown: ${describe(error)})`;
  }
  haltIf(host.log("debug", consoleIndent + before + text));
};
const print = (...values) => printAll(values);

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
  groupEnd: () => { consoleIndent = apply(stringSlice, consoleIndent, [2]); },
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

return { console: consoleMethods, inspect };
