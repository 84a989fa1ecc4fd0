// verified(): implement, judge and review, fix, land; a loop over calls of which each is journaled by itself.
//
// What passes and what lands is the engine's word: this is only the order of steps. All that it decides follows from
// what its calls came to, so that a resume takes the same way.

const {
  apply, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, haltIf, host, isArray, isObject, join,
  NativePromise, NativeTypeError, nothing, objectKeys, parseJson, stringify, stringIndexOf, stringSlice, describe,
} = core;

const indexOf = (text, what, from) => apply(stringIndexOf, text, [what, from]);
const part = (text, from, to) => apply(stringSlice, text, [from, to]);
const add = (list, item) => { list[list.length] = item; };
const has = (list, item) => {
  for (let i = 0; i < list.length; i++) if (list[i] === item) return true;
  return false;
};
const own = (object, name) => getOwnPropertyDescriptor(object, name)?.value;

const FAILURES_TOLD_MAX = 20;
const MESSAGE_CHARS_MAX = 2_000;
const OUTPUT_CHARS_MAX = 8_000;
/** A longer diff may be cut in the middle: two that look the same may differ there. */
const WHOLE_DIFF_CHARS_MAX = 33_000;
/** Options of `verified()` itself; the others are those of its agents. */
const OWN = ["reviewers", "rounds", "check", "land"];
/** Reviewers look, and others mend. */
const NOT_FOR_REVIEWERS = ["write", "edit"];
const OPINIONS_ONLY = "opinions only: there is no oracle";

// Calls

let resolver;
const keepResolver = (resolve) => { resolver = resolve; };

/** A promise of ours: to wait for it asks nothing of what the script has put on the prototype of promises. */
const ours = (promise) => {
  defineProperty(promise, "constructor", { __proto__: null, value: NativePromise });
  return promise;
};

/**
 * What a call comes to, as `{failed, value}`: a promise that never rejects, so that several may be waited for one by
 * one. What has no prototype is not asked for a `then` of the script's.
 */
const settled = (begin) => {
  const promise = ours(new NativePromise(keepResolver));
  const resolve = resolver;
  const seq = begin((value) => {
    // A failure comes as what would reject; what is read from JSON has a prototype.
    if (!isObject(value) || getPrototypeOf(value) !== null) return resolve({ __proto__: null, failed: false, value });
    value.then(nothing, (error) => resolve({ __proto__: null, failed: true, value: error }));
  });
  if (typeof seq === "string") throw new NativeTypeError(seq);
  return promise;
};

const taken = ({ failed, value }) => {
  if (failed) throw value;
  return value;
};

/** Like `taken`, but what came to nothing for this `kind` of reason is `null`: `failures()` lists it. */
const takenUnless = (kind, { failed, value }) => {
  if (!failed) return value;
  if (own(value, "kind") === kind) return null;
  throw value;
};

const agentOf = (task, label, prompt, { schema, others, start }) => {
  const about = stringify({ __proto__: null, label, phase: task.phase, start });
  return settled((resolve) => host.work(resolve, task.place, prompt, about, schema, others));
};

const judgementOf = (task, what, about) => {
  const call = stringify({ __proto__: null, label: `${what}:${task.label}`, phase: task.phase, patch: task.patch.commit, ...about });
  return settled((resolve) => host.judge(resolve, task.place, call));
};

// Texts

const filled = (name, parts) => {
  const text = host.prompt(name);
  let done = "";
  let at = 0;
  for (;;) {
    const open = indexOf(text, "{{", at);
    if (open < 0) return done + part(text, at);
    const close = indexOf(text, "}}", open);
    done += part(text, at, open) + parts[part(text, open + 2, close)];
    at = close + 2;
  }
};

/** Between fences that nothing in it can close. */
const fenced = (text) => {
  let fence = "```";
  while (indexOf(text, fence, 0) >= 0) fence += fence;
  const end = text.length > 0 && part(text, text.length - 1) === "\n" ? "" : "\n";
  return `${fence}\n${text}${end}${fence}`;
};

const clipped = (text, max) => {
  if (text.length <= max) return text;
  const head = (max - max % 3) / 3;
  return `${part(text, 0, head)}\n(${text.length - max} characters left out)\n${part(text, text.length - max + head)}`;
};

const listOf = (items) => fenced(join(items, "\n"));

/** The public failures of a judgement, and what it printed. */
const failuresOf = ({ failures, output, exitCode }) => {
  const lines = [];
  for (let i = 0; i < failures.length && i < FAILURES_TOLD_MAX; i++) {
    const { check, message } = failures[i];
    const name = own(failures[i], "name");
    add(lines, clipped(`${check}${name ? `: ${name}` : ""}: ${message}`, MESSAGE_CHARS_MAX));
  }
  if (failures.length > FAILURES_TOLD_MAX) add(lines, `and ${failures.length - FAILURES_TOLD_MAX} more`);
  if (failures.length === 0) add(lines, exitCode === null ? "it did not end by itself" : `exit status ${exitCode}`);
  return listOf(lines) + (output === "" ? "" : `\n\nIts output:\n\n${fenced(clipped(output, OUTPUT_CHARS_MAX))}`);
};

const claimOf = ({ flaw, place, show, severity }) =>
  fenced(clipped(`${flaw}\nwhere: ${place}\nhow to see it: ${show}\nseverity: ${severity}`, OUTPUT_CHARS_MAX));

const testOf = ({ path, content }) => fenced(`${path}\n\n${content}`);

// Findings: `{passed, blocks, sections, keys, start}` of a change: whether it passes (`null`: nobody can say), why it may
// not land, what its fixer is told, the same for comparison, and where the fixer goes on.

const findingsOf = (task, passed) =>
  ({ __proto__: null, passed, blocks: undefined, sections: [], keys: [], start: task.patch.commit });

const find = (found, name, parts, key) => {
  add(found.sections, filled(name, parts));
  add(found.keys, `${name}\n${key}`);
};

const findFailures = (found, name, judged, command) => {
  // Without the names of tests, all failures look the same but for what they print.
  const { failures, output, exitCode, tampered } = judged;
  let key = stringify(failures);
  if (failures.length === 0 || own(failures[0], "name") === undefined) key += output;
  const failed = failures.length > 0 || exitCode !== 0;
  if (failed || tampered.length === 0) find(found, name, { failures: failuresOf(judged), command }, key);
  if (tampered.length > 0) find(found, "tampered", { paths: listOf(tampered) }, join(tampered, "\n"));
};

/** What a change must not touch and did, where it did: the reason that counts, whatever the tests say. */
const touched = ({ tampered }) =>
  tampered.length > 0 ? `it touched what decides about it: ${join(tampered, ", ")}` : undefined;

/** The newest change, checked, judged and reviewed. */
const look = async (task) => {
  if (task.check !== null) {
    const checked = taken(await judgementOf(task, "check", { check: task.check }));
    const { passed, exitCode, failures, tampered } = checked;
    add(task.verdicts, { by: "check", round: task.round, passed, exitCode, failures, tampered });
    if (passed === false) {
      const found = findingsOf(task, false);
      const { command, item } = task.check;
      findFailures(found, "check", checked, fenced(`${command}\n\n$1 is: ${item}`));
      found.blocks = touched(checked) ?? `the check of \`${item}\` fails`;
      return found;
    }
  }
  const judging = judgementOf(task, "oracle", { tests: task.proved });
  const reviewing = reviewersOf(task);
  const judged = taken(await judging);
  const { passed, exitCode, failures, tampered, flaky } = judged;
  add(task.verdicts, { by: "oracle", round: task.round, passed, exitCode, failures, tampered, flaky });
  const reviews = [];
  for (let n = 0; n < reviewing.length; n++) {
    // `{value, patch}`, and what a reviewer wrote is nobody's.
    add(reviews, claimsOf(takenUnless("schema", await reviewing[n])));
  }
  if (passed === true) await ours(decide(task, reviews));
  return weighed(task, judged, reviews);
};

/** All at once; a function of its own, so that nobody holds on to the prompt while they look. */
const reviewersOf = (task) => {
  const reviewing = [];
  if (task.reviewers.length === 0) return reviewing;
  const prompt = filled("review", { task: task.prompt, diff: fenced(task.patch.diff) });
  const options = { schema: host.prompt("review.schema"), start: task.patch.commit };
  for (let n = 0; n < task.reviewers.length; n++) {
    const others = task.reviewers[n];
    add(reviewing, agentOf(task, `review:${task.label}:${n + 1}`, prompt, { ...options, others }));
  }
  return reviewing;
};

/** `{flaw, place, show, severity, test?, proved}`: what a test says of it, `null` for an opinion. `null`: no answer. */
const claimsOf = (handed) => {
  if (handed === null) return null;
  const { flaws } = handed.value;
  for (let i = 0; i < flaws.length; i++) flaws[i].proved = null;
  return flaws;
};

/** Judges the claims that come with a test, all at once. The oracle passes without those tests. */
const decide = async (task, reviews) => {
  const trials = [];
  const tried = [];
  for (let n = 0; n < reviews.length; n++) {
    for (let i = 0; i < (reviews[n]?.length ?? 0); i++) {
      const claim = reviews[n][i];
      const test = own(claim, "test");
      if (claim.severity === "minor" || !isObject(test) || !isNew(task, test)) continue;
      let trial = ofPath(trials, test.path);
      if (trial === undefined) {
        const tests = arrayWith(task.proved, test);
        trial = { __proto__: null, path: test.path, test, judging: judgementOf(task, "claim", { tests }), proved: null };
        add(trials, trial);
      }
      if (trial.test.content === test.content) add(tried, { __proto__: null, claim, trial });
    }
  }
  for (let i = 0; i < trials.length; i++) {
    // A test that cannot be laid over the tree decides nothing, and neither does an oracle that says both.
    const judged = takenUnless("oracle", await trials[i].judging);
    if (judged === null || judged.passed === null || judged.flaky) continue;
    trials[i].proved = !judged.passed;
    if (!judged.passed) add(task.proved, trials[i].test);
  }
  for (let i = 0; i < tried.length; i++) tried[i].claim.proved = tried[i].trial.proved;
};

/** A test of a reviewer's may be laid over nothing that the change or another test has put there. */
const isNew = (task, { path }) =>
  indexOf(task.patch.diff, ` b/${path}\n`, 0) < 0 && ofPath(task.proved, path) === undefined;

const ofPath = (list, path) => {
  for (let i = 0; i < list.length; i++) if (list[i].path === path) return list[i];
  return undefined;
};

const arrayWith = (list, item) => {
  const copy = [];
  for (let i = 0; i < list.length; i++) add(copy, list[i]);
  add(copy, item);
  return copy;
};

/** What the judgement and the reviews of a change come to. */
const weighed = (task, judged, reviews) => {
  const found = findingsOf(task, judged.passed);
  if (judged.passed === false) {
    found.blocks = touched(judged) ?? "the oracle does not pass";
    findFailures(found, "oracle", judged);
    // One of these is likely to be what fails.
    for (let i = 0; i < task.shown.length; i++) findClaim(found, task.shown[i]);
  }
  let answered = 0;
  let against = 0;
  let shown = 0;
  for (let n = 0; n < reviews.length; n++) {
    const claims = reviews[n];
    let proved = 0;
    let opinions = 0;
    for (let i = 0; i < (claims?.length ?? 0); i++) {
      const claim = claims[i];
      if (claim.severity === "minor" || claim.proved === false) continue;
      findClaim(found, claim);
      if (claim.proved) add(task.shown, claim);
      if (claim.proved) proved += 1;
      else opinions += 1;
    }
    const by = `review:${task.label}:${n + 1}`;
    const passed = claims === null ? null : proved + opinions === 0;
    add(task.verdicts, { by, round: task.round, passed, flaws: claims ?? [] });
    shown += proved;
    if (claims !== null) answered += 1;
    if (opinions > 0) against += 1;
  }
  if (shown > 0) {
    found.passed = false;
    found.blocks = `a test shows a flaw that ${shown === 1 ? "a reviewer" : "reviewers"} claimed`;
  } else if (judged.passed !== false && 2 * against > answered) {
    found.blocks = `${against} of ${answered} reviewers hold that it is flawed`;
  }
  return judged.passed === null ? withoutOracle(task, found, answered) : found;
};

const findClaim = (found, claim) => {
  const test = own(claim, "test");
  const name = claim.proved ? "proved" : "opinion";
  const parts = { claim: claimOf(claim), test: test === undefined ? "" : testOf(test) };
  find(found, name, parts, `${claim.place}\n${claim.flaw}`);
};

/** Opinions alone get one round, and land nothing that nobody said may land on them. */
const withoutOracle = (task, found, answered) => {
  if (task.rounds > 1) task.rounds = 1;
  if (found.blocks !== undefined) found.blocks = `${OPINIONS_ONLY}, and ${found.blocks}`;
  else if (task.land === "never") return found;
  else if (answered === 0) found.blocks = "nobody judged it: there is no oracle, and no reviewer answered";
  else if (task.land !== "opinions") found.blocks = OPINIONS_ONLY;
  return found;
};

/** What has to be mended of a change that did not land. */
const notLanded = (task, landing) => {
  const { why, start, conflicts } = { __proto__: null, ...landing };
  const found = findingsOf(task, why === "unjudged" ? null : false);
  if (start !== undefined) found.start = start;
  if (why === "unjudged") {
    found.blocks = OPINIONS_ONLY;
  } else if (why === "conflict") {
    const paths = conflicts ?? [];
    found.blocks = `it conflicts with what landed before in ${join(paths, ", ")}`;
    find(found, "conflict", { paths: listOf(paths) }, join(paths, "\n"));
  } else {
    found.blocks = "the oracle does not pass on it together with what landed before";
    const judged = own(landing, "judgement");
    if (judged !== undefined) findFailures(found, "merged", judged);
  }
  return found;
};

// The loop

/** Remembers a change; whether it is one that was there before. */
const isKnown = (task, diff) => {
  if (has(task.diffs, diff)) return true;
  if (diff.length <= WHOLE_DIFF_CHARS_MAX) add(task.diffs, diff);
  return false;
};

/** A fixer's turn at what was found. `false`: there is none, or nothing came of it, and `task.stopped` says why. */
const mend = async (task, found) => {
  if (task.round >= task.rounds) {
    task.stopped = task.round === 0 ? "" : `after ${task.round} ${task.round === 1 ? "round" : "rounds"} of fixing`;
    return false;
  }
  const keys = join(found.keys, "\n\n");
  if (keys === task.keys) {
    task.stopped = `round ${task.round} changed nothing about it`;
    return false;
  }
  task.keys = keys;
  task.round += 1;
  const label = `fix:${task.label}:${task.round}`;
  const parts = { task: task.prompt, diff: fenced(task.patch.diff), findings: join(found.sections, "\n") };
  const options = { schema: task.schema, others: task.others, start: found.start };
  const fixed = takenUnless("schema", await agentOf(task, label, filled("fix", parts), options));
  if (fixed === null) task.stopped = `${label} came to nothing`;
  else if (fixed.patch === null) task.stopped = `${label} left nothing of the change`;
  else if (isKnown(task, fixed.patch.diff)) task.stopped = `${label} led back to a change that was judged before`;
  else {
    task.patch = fixed.patch;
    task.value = fixed.value;
    return true;
  }
  return false;
};

const work = async (task, implementing) => {
  const done = taken(await implementing);
  if (done === null) return ended(task, null, `implement:${task.label} came to nothing`);
  task.value = done.value;
  if (done.patch === null) return ended(task, null, `implement:${task.label} changed nothing`);
  task.patch = done.patch;
  isKnown(task, task.patch.diff);
  let found = await ours(look(task));
  for (;;) {
    task.stopped = "";
    if (found.sections.length > 0 && await ours(mend(task, found))) {
      found = await ours(look(task));
      continue;
    }
    const { passed, blocks } = found;
    if (blocks !== undefined) {
      return ended(task, passed === null ? null : false, task.stopped === "" ? blocks : `${blocks}: ${task.stopped}`);
    }
    if (task.land === "never") return ended(task, passed);
    const landing = { __proto__: null, ...taken(await landingOf(task)) };
    if (landing.landed || landing.why === "empty") return ended(task, passed, undefined, landing);
    found = notLanded(task, landing);
    const { conflicts, judgement } = landing;
    const failures = judgement?.failures ?? [];
    add(task.verdicts, { by: "land", round: task.round, passed: false, conflicts: conflicts ?? [], failures });
  }
};

const landingOf = (task) => {
  const { label, phase, patch, proved } = task;
  const onOpinions = task.land === "opinions";
  const call = stringify({ __proto__: null, patch: patch.commit, title: label, phase, tests: proved, onOpinions });
  return settled((resolve) => host.land(resolve, task.place, call));
};

/**
 * Tells the engine, and makes the result. `landing`: it is on the branch. `isListed`: `why` is the failure of a call, and
 * `failures()` has it as that call's.
 */
const ended = (task, passed, why = "", landing, isListed = false) => {
  const { label, phase, value, round, verdicts, patch } = task;
  const landed = landing !== undefined;
  haltIf(host.ended(label, phase, passed, landed, why, isListed));
  const result = { passed, value, rounds: round, verdicts, diff: patch === null ? "" : patch.diff, landed };
  if (landing?.commit !== undefined) result.commit = landing.commit;
  if (why !== "") result.why = why;
  return result;
};

/** The options of a script as JSON for each kind of agent, without those of `verified()` itself. */
const othersOf = ({ plain, odd }, course) => {
  const shared = { __proto__: null, ...plain };
  for (let i = 0; i < OWN.length; i++) delete shared[OWN[i]];
  const others = stringify({ __proto__: null, plain: shared, odd });
  // Who the implementer is says nothing about who looks at it.
  delete shared.agentType;
  shared.disallowedTools = [];
  const given = plain?.disallowedTools;
  for (let i = 0; isArray(given) && i < given.length; i++) add(shared.disallowedTools, given[i]);
  for (let i = 0; i < NOT_FOR_REVIEWERS.length; i++) add(shared.disallowedTools, NOT_FOR_REVIEWERS[i]);
  const reviewers = [];
  for (let n = 0; n < course.reviewers.length; n++) {
    const model = course.reviewers[n] ?? plain?.model;
    add(reviewers, stringify({ __proto__: null, plain: { __proto__: null, ...shared, model } }));
  }
  return { __proto__: null, others, reviewers };
};

return async (place, prompt, options) => {
  const { label: given, phase, schema } = options;
  let json;
  try {
    json = stringify({ __proto__: null, plain: options.plain, odd: options.odd });
  } catch (error) {
    throw new NativeTypeError(`verified(): its options must be plain data: ${describe(error)}`);
  }
  const { course, wrong } = parseJson(host.course(prompt, given, json));
  if (wrong !== null) throw new NativeTypeError(`verified(): ${wrong}`);
  const { label, rounds, check, land } = course;
  const { others, reviewers } = othersOf(options, course);
  const task = {
    __proto__: null,
    place, prompt, phase, schema, label, rounds, check, land, others, reviewers,
    /** The newest change, and what its maker answered. */
    patch: null,
    value: null,
    /** Fixers so far. */
    round: 0,
    verdicts: [],
    /** Tests that showed a flaw: judged, and landed, with all that comes later. And the claims that they showed. */
    proved: [],
    shown: [],
    /** Changes so far, and the last findings: who comes back to them gets no further. */
    diffs: [],
    keys: undefined,
    /** Why there is no further round. */
    stopped: "",
  };
  const implementing = agentOf(task, `implement:${label}`, prompt, { schema, others });
  try {
    return await ours(work(task, implementing));
  } catch (error) {
    const isListed = isObject(error) && own(error, "kind") !== undefined;
    ended(task, task.verdicts.length > 0 ? false : null, describe(error), undefined, isListed);
    throw error;
  }
};
