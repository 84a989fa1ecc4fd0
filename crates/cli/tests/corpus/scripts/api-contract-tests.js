export const meta = {
  name: 'api-contract-tests',
  description: 'Generates contract tests per endpoint; concurrency limited by a semaphore of its own',
  phases: [{ title: 'Endpoints' }, { title: 'Tests' }],
}

class Semaphore {
  #free
  #waiting = []
  constructor(n) {
    this.#free = n
  }
  async use(fn) {
    if (this.#free === 0) await new Promise(resolve => this.#waiting.push(resolve))
    else this.#free -= 1
    try {
      return await fn()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
const limit = new Semaphore(2)
let running = 0
let peak = 0

const spec = await agent('Read openapi.yaml. List path, method and status codes.', {
  label: 'spec',
  phase: 'Endpoints',
  schema: {
    type: 'object',
    properties: {
      endpoints: {
        type: 'array',
        maxItems: 12,
        items: {
          type: 'object',
          properties: {
            path: { type: 'string' },
            method: { enum: ['GET', 'POST', 'DELETE'] },
            codes: { type: 'array', items: { type: 'integer', minimum: 100, maximum: 599 } },
          },
          required: ['path', 'method', 'codes'],
        },
      },
    },
    required: ['endpoints'],
  },
})
const endpoints = spec?.endpoints ?? [{ path: '/health', method: 'GET', codes: [200] }]
const tests = await Promise.all(
  endpoints.map(e =>
    limit.use(async () => {
      running += 1
      peak = Math.max(peak, running)
      try {
        return await agent(
          `Write contract tests for ${e.method} ${e.path} (${e.codes.join(', ') || 'no codes documented'}).`,
          { label: `${e.method} ${e.path}`, phase: 'Tests' },
        )
      } finally {
        running -= 1
      }
    }),
  ),
)
return { endpoints: endpoints.length, peak, written: tests.filter(Boolean).length, running }
