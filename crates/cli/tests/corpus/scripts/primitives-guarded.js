export const meta = {
  name: 'portable-review',
  description: 'Runs on two engines: asks with `typeof` for what only one of them has',
  phases: [{ title: 'Review' }],
}

const has = {
  verified: typeof verified === 'function',
  oracle: typeof oracle === 'function',
  failures: typeof failures === 'function',
  process: typeof process !== 'undefined',
  fetch: typeof fetch === 'function',
}
const lossesOf = typeof failures === 'function' ? () => failures().length : () => null

phase('Review')
const prompts = ['src/a.py', 42, { toString: () => 'src/c.py' }, null, undefined, ['x', 'y']]
const texts = await parallel(prompts.map(p => () => agent(p, { label: typeof p })))

globalThis.shared = { seen: new Set(texts.filter(Boolean)) }
const strict = (function () {
  return this === undefined
})()
let frozen = 'sloppy'
try {
  Object.freeze(has).extra = 1
} catch (error) {
  frozen = error.name
}
return {
  standard: has.failures,
  noProcess: !has.process && !has.fetch,
  answered: texts.filter(t => typeof t === 'string').length,
  distinct: shared.seen.size > 0 || texts.every(t => t === null),
  losses: lossesOf(),
  strict,
  frozen,
  thisIs: typeof this,
}
