// setTimeout and setInterval: journaled calls like any other, settled by the run's clock.

/** Timer id -> seq of the call that it waits for. An interval keeps its id and changes its call. */
const timers = new NativeMap();
/** seq -> what the timer does. */
const firing = new NativeMap();
let lastTimer = 0;

const schedule = (id, ms, stack, fire) => {
  const seq = host.timer(ms, stack);
  mapSet(timers, id, seq);
  mapSet(firing, seq, fire);
};

const startTimer = (name, callback, delay, args, stack, repeats) => {
  if (typeof callback !== "function") {
    throw new NativeTypeError(`${name}() takes a function, not ${kindOf(callback)}`);
  }
  const number = trunc(+delay);
  const ms = number > 0 ? (number < 2 ** 52 ? number : 2 ** 52) : 0;
  const id = ++lastTimer;
  const fire = () => {
    if (repeats) schedule(id, ms, stack, fire);
    else mapDelete(timers, id);
    apply(callback, undefined, args);
  };
  schedule(id, ms, stack, fire);
  return id;
};

const stopTimer = (id) => {
  const seq = mapGet(timers, id);
  if (seq === undefined) return;
  mapDelete(timers, id);
  mapDelete(firing, seq);
  host.cancel(seq);
};

setGlobal("setTimeout", function setTimeout(callback, delay, ...args) {
  return startTimer("setTimeout", callback, delay, args, new NativeError().stack, false);
});
setGlobal("setInterval", function setInterval(callback, delay, ...args) {
  return startTimer("setInterval", callback, delay, args, new NativeError().stack, true);
});
setGlobal("clearTimeout", function clearTimeout(id) { stopTimer(id); });
setGlobal("clearInterval", function clearInterval(id) { stopTimer(id); });
