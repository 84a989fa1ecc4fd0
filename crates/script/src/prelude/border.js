// What the host calls. Last of the prelude: its value is what the host keeps.

return {
  /** Rejects the promise of a call, through what would resolve it; `follower` is what `follow` took. */
  fail(resolve, kind, message, stack, known, follower) {
    const error = new NativeError(message);
    defineProperty(error, "kind", { __proto__: null, value: kind, writable: true, configurable: true, enumerable: false });
    defineProperty(error, "stack", { __proto__: null, value: stack, writable: true, configurable: true, enumerable: false });
    if (known) weakAdd(listed, error);
    if (follower !== undefined) awaited(follower.promise, follower.done, follower.at);
    // A promise that is resolved to one that rejects; its own `then`, so that nobody else's is called.
    resolve({ __proto__: null, then: (_, reject) => reject(error) });
  },

  /** A result as JSON. */
  finish(value) {
    return toJson(value, "result", (message) => warn(`the ${message}`)) ?? "null";
  },

  /** `{message, stack}` of what left the script. */
  explain(error) {
    return stringify({ __proto__: null, message: describe(error), stack: stackOf(error) });
  },
};
