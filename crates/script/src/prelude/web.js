// What the web gives every script: URL, TextEncoder, structuredClone. (atob and btoa are the engine's own.)
// Loaded when first used.

const {
  apply, dateValue, defineProperty, fromCharCode, getOwnPropertyDescriptor, getPrototypeOf, host,
  isArray, isError, isObject, isThenable, kindOf, mapForEach, mapGet, mapSet, NativeBoolean, NativeDate,
  NativeError, NativeMap, NativeNumber, NativeRangeError, NativeRegExp, NativeSet, NativeString,
  NativeTypeError, nothing, objectKeys, parseJson, setAdd, setForEach, slice, stringify, stringSlice,
  stringToLowerCase, stringTrim, toText, uncurry,
} = core;

let searchParamsOf;
let resetSearchParams;

class URLSearchParams {
  #pairs = [];
  /** Called after every change: how a URL follows its `searchParams`. */
  #changed = nothing;

  constructor(init = "") {
    if (!isObject(init)) {
      const text = toText(init);
      this.#pairs = parseJson(host.formParse(text[0] === "?" ? apply(stringSlice, text, [1]) : text));
    } else if (typeof init[Symbol.iterator] === "function") {
      for (const pair of init) {
        const [name, value, ...rest] = pair;
        if (value === undefined || rest.length > 0) {
          throw new NativeTypeError("URLSearchParams() takes pairs of a name and a value");
        }
        this.#pairs.push([toText(name), toText(value)]);
      }
    } else {
      for (const name of objectKeys(init)) this.#pairs.push([toText(name), toText(init[name])]);
    }
  }

  /** For URL alone: the parameters of `query`, which tell `changed` of every change. */
  static #of(query, changed) {
    const params = new URLSearchParams(query);
    params.#changed = changed;
    return params;
  }
  static {
    searchParamsOf = URLSearchParams.#of;
    resetSearchParams = (params, query) => { params.#pairs = new URLSearchParams(query).#pairs; };
  }

  get size() { return this.#pairs.length; }
  append(name, value) {
    this.#pairs.push([toText(name), toText(value)]);
    this.#changed();
  }
  delete(name, value) {
    name = toText(name);
    this.#pairs = this.#pairs.filter((pair) => pair[0] !== name || (value !== undefined && pair[1] !== toText(value)));
    this.#changed();
  }
  get(name) {
    name = toText(name);
    return this.#pairs.find((pair) => pair[0] === name)?.[1] ?? null;
  }
  getAll(name) {
    name = toText(name);
    return this.#pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
  }
  has(name, value) {
    name = toText(name);
    return this.#pairs.some((pair) => pair[0] === name && (value === undefined || pair[1] === toText(value)));
  }
  set(name, value) {
    name = toText(name);
    const first = this.#pairs.find((pair) => pair[0] === name);
    if (first === undefined) this.#pairs.push([name, toText(value)]);
    else {
      first[1] = toText(value);
      this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== name);
    }
    this.#changed();
  }
  sort() {
    this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#changed();
  }
  forEach(callback, self) {
    for (const [name, value] of this) apply(callback, self, [value, name, this]);
  }
  *entries() { for (let i = 0; i < this.#pairs.length; i++) yield slice(this.#pairs[i]); }
  *keys() { for (const [name] of this) yield name; }
  *values() { for (const [, value] of this) yield value; }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return host.formWrite(stringify(this.#pairs)); }
  get [Symbol.toStringTag]() { return "URLSearchParams"; }
}

class URL {
  /** Every part by the name of its property. */
  #parts;
  #params;

  constructor(url, base) {
    const text = toText(url);
    const parts = host.urlParse(text, base === undefined ? undefined : toText(base));
    if (parts === undefined) {
      throw new NativeTypeError(`invalid URL: ${stringify(text)}${base === undefined ? "" : ` against ${stringify(toText(base))}`}`);
    }
    this.#parts = parseJson(parts);
  }

  static canParse(url, base) {
    return host.urlParse(toText(url), base === undefined ? undefined : toText(base)) !== undefined;
  }
  static parse(url, base) {
    return URL.canParse(url, base) ? new URL(url, base) : null;
  }

  get origin() { return this.#parts.origin; }
  get searchParams() {
    this.#params ??= searchParamsOf(this.#parts.search, () => this.#set("search", this.#params.toString()));
    return this.#params;
  }
  toString() { return this.#parts.href; }
  toJSON() { return this.#parts.href; }
  get [Symbol.toStringTag]() { return "URL"; }

  #set(name, value) {
    const parts = host.urlSet(this.#parts.href, name, value);
    if (parts === undefined) throw new NativeTypeError(`invalid URL: ${stringify(value)}`);
    this.#parts = parseJson(parts);
  }
  static {
    const names = [
      "href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash",
    ];
    for (const name of names) {
      defineProperty(URL.prototype, name, {
        get() { return this.#parts[name]; },
        set(value) {
          this.#set(name, toText(value));
          if (this.#params !== undefined) resetSearchParams(this.#params, this.#parts.search);
        },
        enumerable: true,
        configurable: true,
      });
    }
  }
}

class TextEncoder {
  get encoding() { return "utf-8"; }
  encode(text = "") { return host.utf8Encode(toText(text)); }
  encodeInto(text, into) {
    let read = 0;
    let written = 0;
    for (const char of toText(text)) {
      const bytes = host.utf8Encode(char);
      if (written + bytes.length > into.length) break;
      into.set(bytes, written);
      written += bytes.length;
      read += char.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  #fatal;
  #keepBom;
  #started = false;
  /** The start of a character that a streamed chunk ended in. */
  #rest = [];

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    const name = apply(stringToLowerCase, apply(stringTrim, toText(label), []), []);
    if (name !== "utf-8" && name !== "utf8" && name !== "unicode-1-1-utf-8") {
      throw new NativeRangeError(`TextDecoder knows utf-8 only, not ${stringify(toText(label))}`);
    }
    this.#fatal = !!fatal;
    this.#keepBom = !!ignoreBOM;
  }
  get encoding() { return "utf-8"; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#keepBom; }

  decode(input = new Uint8Array(), { stream = false } = {}) {
    let bytes = bytesOf(input);
    if (this.#rest.length > 0) bytes = Uint8Array.from([...this.#rest, ...bytes]);
    const decoded = host.utf8Decode(binaryText(bytes), this.#fatal, !!stream);
    if (decoded === undefined) {
      this.#rest = [];
      this.#started = false;
      throw new NativeTypeError("the bytes are not valid utf-8");
    }
    let [text, used] = parseJson(decoded);
    if (!this.#started && text !== "") {
      this.#started = true;
      if (!this.#keepBom && text[0] === "\uFEFF") text = apply(stringSlice, text, [1]);
    }
    this.#rest = stream ? [...bytes.subarray(used)] : [];
    if (!stream) this.#started = false;
    return text;
  }
}

/** One character a byte. */
const binaryText = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += apply(fromCharCode, undefined, bytes.subarray(at, at + 4096));
  return text;
};
const bytesOf = (input) => {
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw new NativeTypeError(`decode() takes an ArrayBuffer or a view of one, not ${kindOf(input)}`);
};

/** A deep copy of data: what structuredClone of the web copies, this copies. */
function structuredClone(value, options) {
  if (arguments.length === 0) throw new NativeTypeError("structuredClone() takes a value");
  if (isObject(options) && options.transfer?.length > 0) {
    throw new NativeTypeError("structuredClone() transfers nothing here");
  }
  const copies = new NativeMap();
  const refuseClone = (value) => {
    throw new DOMException(`${kindOf(value)} cannot be cloned`, "DataCloneError");
  };
  const clone = (value) => {
    if (typeof value === "symbol" || typeof value === "function") refuseClone(value);
    if (!isObject(value)) return value;
    if (mapGet(copies, value) !== undefined) return mapGet(copies, value);
    const remember = (copy) => { mapSet(copies, value, copy); return copy; };
    if (value instanceof NativeNumber || value instanceof NativeString || value instanceof NativeBoolean || value instanceof BigInt) {
      return remember(Object(value.valueOf()));
    }
    if (value instanceof NativeDate) return remember(new NativeDate(dateValue(value)));
    if (value instanceof NativeRegExp) return remember(new NativeRegExp(value.source, value.flags));
    if (value instanceof ArrayBuffer) return remember(apply(ArrayBuffer.prototype.slice, value, [0]));
    if (ArrayBuffer.isView(value)) {
      const buffer = clone(value.buffer);
      const length = value instanceof DataView ? value.byteLength : value.length;
      return remember(new (typedArrays[viewName(value)])(buffer, value.byteOffset, length));
    }
    if (value instanceof NativeMap) {
      const copy = remember(new NativeMap());
      mapForEach(value, (item, key) => mapSet(copy, clone(key), clone(item)));
      return copy;
    }
    if (value instanceof NativeSet) {
      const copy = remember(new NativeSet());
      setForEach(value, (item) => setAdd(copy, clone(item)));
      return copy;
    }
    if (isError(value)) {
      const copy = remember(new (errorTypes[value.name] ?? NativeError)(toText(value.message)));
      for (const name of ["stack", "cause"]) {
        const own = getOwnPropertyDescriptor(value, name);
        if (own && "value" in own) {
          defineProperty(copy, name, { value: clone(own.value), writable: true, configurable: true });
        }
      }
      return copy;
    }
    if (isThenable(value) || value instanceof WeakMap || value instanceof WeakSet) refuseClone(value);
    const copy = remember(isArray(value) ? [] : {});
    if (isArray(value)) copy.length = value.length;
    for (const name of objectKeys(value)) {
      defineProperty(copy, name, { value: clone(value[name]), writable: true, enumerable: true, configurable: true });
    }
    return copy;
  };
  return clone(value);
}

const viewTag = uncurry(getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);
const viewName = (view) => viewTag(view) ?? "DataView";
const typedArrays = {
  __proto__: null, DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
  Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array,
};
const errorTypes = { __proto__: null, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

return { URL, URLSearchParams, TextEncoder, TextDecoder, structuredClone };
