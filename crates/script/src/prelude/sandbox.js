// What a script must not have: clocks, dice, code from text, and what collects garbage when it likes.

/** A global that the script may overwrite, like those of the language. */
const setGlobal = (name, value) =>
  defineProperty(global, name, { __proto__: null, value, writable: true, configurable: true, enumerable: false });

/** The same for a value that is made when it is first read. */
const setLazyGlobal = (name, make) =>
  defineProperty(global, name, {
    __proto__: null,
    get() {
      const value = make();
      setGlobal(name, value);
      return value;
    },
    set(value) { setGlobal(name, value); },
    configurable: true,
    enumerable: false,
  });

for (const name of [
  "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics", "WebAssembly", "Intl", "performance",
]) {
  deleteProperty(global, name);
}

const refuse = (what, instead) => {
  throw new NativeError(`${what} is not available in a workflow: ${instead}`);
};

// Clock and dice: a run that reads them could not be resumed.
const CLOCK_INSTEAD = "a resumed run would see another time; use now(), or pass the time through args";

const WorkflowDate = function Date(...parts) {
  if (new.target === undefined) refuse("Date()", CLOCK_INSTEAD);
  if (parts.length === 0) refuse("new Date() without arguments", CLOCK_INSTEAD);
  return construct(NativeDate, parts, new.target);
};
defineProperty(WorkflowDate, "length", { value: 7, configurable: true });
defineProperty(WorkflowDate, "prototype", { value: NativeDate.prototype, writable: false });
defineProperty(NativeDate.prototype, "constructor", { value: WorkflowDate, writable: true, configurable: true });
const dateStatics = {
  UTC: NativeDate.UTC,
  parse: NativeDate.parse,
  now: function now() { refuse("Date.now()", CLOCK_INSTEAD); },
};
for (const name of objectKeys(dateStatics)) {
  defineProperty(WorkflowDate, name, { value: dateStatics[name], writable: true, configurable: true });
}
setGlobal("Date", WorkflowDate);

Math.random = function random() {
  refuse("Math.random()", "a resumed run would roll other numbers; use random(), or vary by index");
};

// Code from text: nobody could have approved it.
const NO_CODE = "code made from text cannot be approved; write the function out";
setGlobal("eval", function () { refuse("eval()", NO_CODE); });

for (const [sample, name] of [
  [function () {}, "Function"],
  [async function () {}, "AsyncFunction"],
  [function* () {}, "GeneratorFunction"],
  [async function* () {}, "AsyncGeneratorFunction"],
]) {
  const prototype = getPrototypeOf(sample);
  const blocked = function () { refuse(`the ${name} constructor`, NO_CODE); };
  defineProperty(blocked, "name", { value: name, configurable: true });
  defineProperty(blocked, "prototype", { value: prototype, writable: false });
  defineProperty(prototype, "constructor", { value: blocked, writable: false, configurable: false });
  if (name === "Function") setGlobal("Function", blocked);
}
