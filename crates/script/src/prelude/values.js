// Values as text: JSON that loses as little as it can, and what people read in logs.

/** Readers of JSON have limits of their own, the journal's among them. */
const DEPTH_MAX = 100;

/**
 * `value` as JSON. What JSON has no form for becomes the next best thing and `warn` is told, once a kind:
 * results are never lost at the end of a paid run. `root` is what messages call the value. `undefined` when
 * there is nothing to write.
 */
const toJson = (value, root, warn) => {
  const told = new NativeSet();
  const warnOnce = (kind, message) => {
    if (setHas(told, kind)) return;
    setAdd(told, kind);
    warn(message);
  };
  const open = new NativeSet();

  const write = (value, key, path) => {
    if (isObject(value) || typeof value === "bigint") {
      try {
        if (typeof value.toJSON === "function") value = value.toJSON(key);
      } catch (error) {
        warnOnce("toJSON", `toJSON() at ${path} threw ${describe(error)}: written without it`);
      }
    }
    switch (typeof value) {
      case "string": return stringify(wellFormed(value));
      case "number": return isFiniteNumber(value) ? `${value}` : "null";
      case "boolean": return value ? "true" : "false";
      case "bigint":
        warnOnce("bigint", `${path} is a BigInt: written as a string`);
        return `"${bigintToString(value)}"`;
      case "object": return value === null ? "null" : writeObject(value, path);
      default: return undefined;
    }
  };

  const writeObject = (value, path) => {
    if (value instanceof NativeNumber) return write(+value, "", path);
    if (value instanceof NativeString) return write(`${value}`, "", path);
    if (value instanceof NativeBoolean) return booleanValue(value) ? "true" : "false";
    if (setHas(open, value)) {
      warnOnce("cycle", `${path} refers back to what holds it: cut there`);
      return "null";
    }
    if (setSize(open) >= DEPTH_MAX) {
      warnOnce("depth", `${path} is nested more than ${DEPTH_MAX} deep: cut there`);
      return "null";
    }
    if (value instanceof NativeMap && mapSizeOf(value) > 0) {
      warnOnce("map", `${path} is a Map, which JSON writes as {}: use Object.fromEntries(map)`);
    } else if (value instanceof NativeSet && setSizeOf(value) > 0) {
      warnOnce("set", `${path} is a Set, which JSON writes as {}: use [...set]`);
    }
    setAdd(open, value);
    try {
      return isArray(value) ? writeArray(value, path) : writeFields(value, path);
    } finally {
      setDelete(open, value);
    }
  };

  const writeArray = (value, path) => {
    let text = "[";
    for (let i = 0; i < value.length; i++) {
      if (i > 0) text += ",";
      text += readAndWrite(value, i, `${path}[${i}]`) ?? "null";
    }
    return text + "]";
  };

  const writeFields = (value, path) => {
    let text = "{";
    const names = objectKeys(value);
    for (let i = 0; i < names.length; i++) {
      const written = readAndWrite(value, names[i], `${path}.${names[i]}`);
      if (written === undefined) continue;
      if (text.length > 1) text += ",";
      text += `${stringify(wellFormed(names[i]))}:${written}`;
    }
    return text + "}";
  };

  const readAndWrite = (holder, key, path) => {
    try {
      return write(holder[key], `${key}`, path);
    } catch (error) {
      warnOnce("getter", `reading ${path} threw ${describe(error)}: written as null`);
      return "null";
    }
  };

  return readAndWrite({ __proto__: null, "": value }, "", root);
};

const mapSizeOf = (map) => {
  try { return mapSize(map); } catch { return 0; }
};
const setSizeOf = (set) => {
  try { return setSize(set); } catch { return 0; }
};

/** One line about anything that was thrown; never throws. */
const describe = (error) => {
  try {
    if (typeof error === "string") return toText(error);
    if (isObject(error) && typeof error.message === "string") {
      const name = typeof error.name === "string" ? error.name : "Error";
      if (error.message === "") return toText(name);
      return toText(name === "Error" || name === "" ? error.message : `${name}: ${error.message}`);
    }
    return `threw ${unit("console").inspect(error)}`;
  } catch {
    return "threw something that cannot be shown";
  }
};

/** The stack of anything that was thrown, or "". */
const stackOf = (error) => {
  try {
    if (isObject(error) && typeof error.stack === "string") return toText(error.stack);
  } catch {
    // A getter of the script's own.
  }
  return "";
};
