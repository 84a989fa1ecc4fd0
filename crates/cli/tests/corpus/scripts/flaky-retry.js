export const meta = {
  name: 'flaky-tests',
  description: 'Find flaky tests, with retry wrappers around everything that may come back empty',
  phases: [{ title: 'List' }, { title: 'Reproduce' }],
}

class GaveUp extends Error {
  constructor(what, attempts, options) {
    super(`${what}: gave up after ${attempts} attempts`, options)
    this.name = 'GaveUp'
    this.attempts = attempts
  }
}

async function withRetry(what, attempts, fn) {
  let last
  for (let attempt = 1; attempt <= attempts; attempt++) {
    try {
      const result = await fn(attempt)
      if (result !== null && result !== undefined) return result
      last = new Error('null result')
    } catch (error) {
      last = error
    }
    log(`${what}: attempt ${attempt}/${attempts} failed (${last.message})`)
    if (attempt < attempts) await new Promise(resolve => setTimeout(resolve, 250 * 2 ** attempt))
  }
  throw new GaveUp(what, attempts, { cause: last })
}

phase('List')
let suite
try {
  suite = await withRetry('list', 3, attempt =>
    agent(
      `List the tests that failed on main in the last 30 days but passed on retry. (attempt ${attempt})`,
      {
        label: `list-${attempt}`,
        schema: {
          type: 'object',
          properties: {
            tests: {
              type: 'array',
              items: { type: 'string', description: 'test name' },
              minItems: 1,
              maxItems: 6,
            },
          },
          required: ['tests'],
        },
      },
    ),
  )
} catch (error) {
  if (!(error instanceof GaveUp)) throw error
  return { ok: false, why: error.message, cause: error.cause?.message, attempts: error.attempts }
}

phase('Reproduce')
const outcomes = await Promise.allSettled(
  suite.tests.map(test =>
    withRetry(test, 2, attempt =>
      agent(
        `Run \`${test}\` 50 times${attempt > 1 ? ' again, with another seed' : ''}. How often does it fail, and why?`,
        {
          label: `reproduce:${test}:${attempt}`,
          schema: {
            type: 'object',
            properties: {
              failures: { type: 'integer', minimum: 0, maximum: 50 },
              cause: { enum: ['timing', 'order', 'network', 'shared state', 'unknown'] },
            },
            required: ['failures', 'cause'],
          },
        },
      ),
    ),
  ),
)
const known = outcomes.filter(o => o.status === 'fulfilled').map(o => o.value)
return {
  ok: true,
  tests: suite.tests.length,
  reproduced: known.length,
  causes: [...new Set(known.map(k => k.cause))].sort(),
  gaveUp: outcomes.filter(o => o.status === 'rejected').map(o => o.reason.name),
}
