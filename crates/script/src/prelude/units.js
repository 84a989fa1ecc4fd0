// Parts that most scripts never use are compiled when one does: that takes longer than all else here.

const { slice: stringSlice, toLowerCase: stringToLowerCase, trim: stringTrim } = NativeString.prototype;
const { includes: stringIncludes, indexOf: stringIndexOf, replace: stringReplace } = NativeString.prototype;
const { fromCharCode } = NativeString;
const nothing = () => {};

/** What the units find in `core`. */
const core = () => ({
  __proto__: null,
  apply, bigintToString, dateToISO, dateValue, defineProperty, describe, haltIf, fromCharCode,
  getOwnPropertyDescriptor, getPrototypeOf, host, isArray, isError, isFiniteNumber, isObject, isSame,
  isThenable, join, kindOf, mapDelete, mapForEach, mapGet, mapSet, NativeBoolean, NativeDate,
  NativeError, NativeMap, NativeNumber, NativePromise, NativeRangeError, NativeRegExp, NativeSet,
  NativeString, NativeTypeError, nothing, objectKeys, parseJson, regexpToString, setAdd, setDelete,
  setForEach, setHas, setSize, slice, stackOf, stringify, stringIncludes, stringIndexOf, stringReplace, stringSlice,
  stringToLowerCase, stringTrim, symbolToString, toText, trunc, uncurry, wellFormed,
});

const loaded = { __proto__: null };
/** What unit `name` (a file of this folder) returns. */
const unit = (name) => (loaded[name] ??= host.unit(name)(core()));

for (const [name, names] of [
  ["console", ["console"]],
  ["web", ["URL", "URLSearchParams", "TextEncoder", "TextDecoder", "structuredClone"]],
]) {
  for (const global of names) {
    setLazyGlobal(global, () => unit(name)[global]);
  }
}
