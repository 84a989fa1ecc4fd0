// What the host calls. Last of the prelude: its value is what the host keeps.

return {
  /** Settles what waits for call `seq`. `value` is plain data; for "throw" it is `{kind, message, stack, listed}`. */
  settle(seq, how, value) {
    const resolve = mapGet(pending, seq);
    if (resolve === undefined) {
      fireTimer(seq, how, value);
      return;
    }
    mapDelete(pending, seq);
    if (how === "throw") {
      const error = failureError(value);
      // A promise that is resolved to one that rejects; its own `then`, so that nobody else's is called.
      value = { __proto__: null, then: (_, reject) => reject(error) };
    }
    resolve(value);
  },

  /** A result as JSON. */
  finish(value) {
    return toJson(value, "result", (message) => warn(`the ${message}`)) ?? "null";
  },

  /** `{message, stack, memory}` of what left the script. */
  explain(error) {
    return stringify({ __proto__: null, message: describe(error), stack: stackOf(error), memory: isOutOfMemory(error) });
  },
};

function fireTimer(seq, how, value) {
  const fire = mapGet(firing, seq);
  if (fire === undefined) return;
  mapDelete(firing, seq);
  if (how === "throw") throw failureError(value);
  fire();
}

function failureError({ kind, message, stack, listed: known }) {
  const error = new NativeError(message);
  defineProperty(error, "kind", { value: kind, writable: true, configurable: true, enumerable: false });
  defineProperty(error, "stack", { value: stack, writable: true, configurable: true, enumerable: false });
  if (known) weakAdd(listed, error);
  return error;
}
