/**
 * Migrates a code base step by step, with retries, a circuit breaker and a race against the clock.
 */
export const meta = {
  name: 'migrate', description: 'Migrates modules in waves',
  limits: { agents: 200, 'tokens': 2_000_000, minutes: 90 },
  phases: [{ title: 'Plan' }, { title: 'Migrate' }],
};

class Breaker {
  static #opened = 0
  #failed = 0
  limit = 3
  get isOpen() { return this.#failed >= this.limit }
  static { this.label = String.raw`C:\new\${0}` }
  async try(work) {
    if (this.isOpen) throw new Error(`open after ${this.#failed} failures`, { cause: 'breaker' })
    try {
      return await work()
    } catch {
      this.#failed++
      Breaker.#opened += Number(this.isOpen)
      return null
    } finally {
      log(`failed so far: ${this.#failed}`)
    }
  }
  static opened() { return Breaker.#opened }
  has(other) { return #failed in other }
}

function* waves(items, size = 8) {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const within = (promise, ms) => Promise.race([promise, sleep(ms).then(() => { throw new RangeError(`over ${ms} ms`) })])
const plan = await agent('Which modules use the old API? Answer as JSON: ["path", …]', { schema: undefined })
let modules
try { modules = JSON.parse(plan) } catch (error) {
  console.warn('no JSON:', error instanceof SyntaxError ? error.message : error)
  modules = plan?.split(/\r?\n/u).map(line => line.trim()).filter(line => line && !line.startsWith('#')) ?? []
}
const breaker = new Breaker(), done = new Set(), { length: total } = modules
let [first, , third = first, ...others] = modules, attempts = 0

outer:
for (const wave of waves([...new Set(modules)])) {
  phase(`Migrate ${done.size}/${total}`)
  const results = await Promise.allSettled(wave.map(async (path, n) => {
    const result = await breaker.try(() => within(agent(
      'Migrate ' + path + ' to the new API.' +
      '\nRules:\n' +
      ['keep the tests green', "don't touch `vendor/`", 'no `eval("…")`'].map((rule, i) => `${i + 1}. ${rule}`).join('\n') +
      (first !== third || others.length > 2 ? `\nOthers work on: ${wave.filter((_, m) => m !== n).join(', ')}` : ''),
      { label: path, isolation: 'worktree', timeoutMs: 10 * 60_000, ...(n % 2 ? { model: 'haiku' } : {}) },
    ), 1e6))
    if (result !== null) done.add(path)
    return { path, result, hash: [...path].reduce((h, ch) => (h * 31 + ch.codePointAt(0)) >>> 0, 7).toString(16) }
  }))
  for (const { status, reason, value: { path } = {} } of results) {
    if (status === 'rejected' && /open after/.test(reason.message)) break outer
    if (path && !done.has(path) && attempts++ < 5) continue outer
  }
  do { attempts >>= 1 } while (attempts > 100)
  if (budget.remaining() / (budget.total || 1) < 0.1) { log('⚠️ nearly spent — 予算'); break }
}
const review = await workflow('review-changes', { base: 'HEAD' }).catch(error => ({ error: `${error}` }))
const at = new Date(now()).toISOString(), ticket = Math.floor(random() * 1e4), weird = /[/\]"'`]+|\//g.source
var legacy = typeof verified === 'function', bits = ~0 ^ 1 | 2 & 3 << 1, nothing = void 0
return { done: [...done], opened: Breaker.opened(), review, at, ticket, weird, legacy, bits, nothing, [`k${total}`]: total ** 2 }
