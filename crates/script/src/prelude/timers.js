// setTimeout and setInterval: journaled calls like any other, settled by the run's clock.

/** Timer id -> seq of the call that it waits for. An interval keeps its id and changes its call. */
const timers = new NativeMap();
let lastTimer = 0;

const startTimer = (name, callback, delay, args, place, repeats) => {
  if (typeof callback !== "function") {
    throw new NativeTypeError(`${name}() takes a function, not ${kindOf(callback)}`);
  }
  const number = trunc(+delay);
  const ms = number > 0 ? (number < 2 ** 52 ? number : 2 ** 52) : 0;
  const id = ++lastTimer;
  const schedule = () => mapSet(timers, id, host.timer(fire, place, ms));
  const fire = () => {
    if (repeats) schedule();
    else mapDelete(timers, id);
    apply(callback, undefined, args);
  };
  schedule();
  return id;
};

const stopTimer = (id) => {
  const seq = mapGet(timers, id);
  if (seq === undefined) return;
  mapDelete(timers, id);
  host.cancel(seq);
};

setGlobal("setTimeout", function setTimeout(callback, delay, ...args) {
  return startTimer("setTimeout", callback, delay, args, placeOf(setTimeout), false);
});
setGlobal("setInterval", function setInterval(callback, delay, ...args) {
  return startTimer("setInterval", callback, delay, args, placeOf(setInterval), true);
});
setGlobal("clearTimeout", function clearTimeout(id) { stopTimer(id); });
setGlobal("clearInterval", function clearInterval(id) { stopTimer(id); });
